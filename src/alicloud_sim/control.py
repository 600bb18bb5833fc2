"""The control API below /_sim/: JSON in and out, over HTTPS or plain HTTP, loopback only.

GET    state    the whole world, without secrets; "calls" has the numbers of the first and the
                last call that are kept
GET    calls    the calls since the last reset as JSON lines, each with its "number";
                ?action=X for one action, ?after=N for those after number N, ?last=N for the
                last N of them. The last 100,000 are kept, or as many as 64 MiB hold.
GET    changes  what took its time since then: {"key", "record", "began", "due", "ended"}, times
                in seconds of the world; "ended" is null for what is still under way
GET    actions  the actions that are simulated, by service
POST   reset    back to the seed
POST   seed     {"<kind>": [{...}], "quotas", "stock", "settings"}: see seeding.py
POST   pace     {"name": "instant"} and/or {"keys": {"disk.create": 2.5}}
POST   lag      {"seconds": 2}: reads see the state of then
POST   clock    {"advance": 60}, {"freeze": true|false}, {"signature_skew": -3600}
GET    faults   the rules with their counters, and the limits
POST   faults   a rule (faults.py), or {"limit": {...}} (throttling.py)
DELETE faults   drop all; faults/<id> drops one rule
POST   keys     {"id", "secret", "token"?, "expires_in"?, "denied"?, "account"?} adds a key;
                {"id", "enabled"?, "denied"?} without a secret changes one
GET    agents   the agents of instances, where the simulator was started with one (agents.py)
GET    bugs     what broke inside the simulator; "bugs" of the state counts it
GET    page     page/<file>: what the page at / consists of

Only programs of this machine may use it, see guard.py: 403 otherwise. A value that is wrong or
unknown is 400 {"error": "..."}, which names it; an unknown address is 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from . import control_input as ci
from . import dashboard, guard, pace
from .messages import HttpRequest, HttpResponse, json_response
from .registry import known_actions

if TYPE_CHECKING:
    from .simulated_cloud import SimulatedCloud

PREFIX = "/_sim/"
WITH_MORE = ("_delete_faults", "_get_page")
"""The handlers whose address goes on after their name."""
LARGEST_BODY = 16 << 20
LATEST = 7_000_000_000.0
"""The world's clock stays before the year 2191."""

CLOCK = {
    "advance": ci.seconds,
    "freeze": ci.flag,
    "signature_skew": ci.number(-ci.MOST_SECONDS, ci.MOST_SECONDS, "a number of seconds"),
}
NEW_KEY = {
    "id": ci.filled,
    "secret": ci.filled,
    "account": ci.filled,
    "token": ci.text,
    "expires_in": CLOCK["signature_skew"],
    "enabled": ci.flag,
    "denied": ci.texts,
    "role": ci.text,
    "session": ci.text,
}
OLD_KEY = {"id": ci.filled, "enabled": ci.flag, "denied": ci.texts}


class Control:
    """Maps addresses to the methods of the simulator."""

    def __init__(self, simulated: SimulatedCloud) -> None:
        """Control one simulated cloud."""
        self._sim = simulated

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request below /_sim/."""
        refusal = guard.refusal(request)
        if refusal:
            return _error(403, refusal)
        name, _, rest = request.path.removeprefix(PREFIX).partition("/")
        handler = getattr(self, f"_{request.method.lower()}_{name}", None)
        if handler is None or (rest and handler.__name__ not in WITH_MORE):
            return _error(404, f"no {request.method} {request.path}")
        body = request.stream.read(LARGEST_BODY) if request.stream else request.body
        if len(body) > LARGEST_BODY:
            return _error(413, f"the body is longer than {LARGEST_BODY} bytes")
        try:
            result = handler(ci.read(body), rest, request)
        except ValueError as error:
            return _error(400, str(error))
        if not isinstance(result, HttpResponse):
            result = json_response(200, result or {})
        result.headers["X-Content-Type-Options"] = "nosniff"
        return result

    def _get_state(self, *_: Any) -> Any:
        return self._sim.state()

    def _get_page(self, _given: Any, rest: str, request: HttpRequest) -> HttpResponse:
        if rest not in dashboard.TYPES:
            return _error(404, f"no {request.method} {request.path}")
        return dashboard.answer(rest)

    def _get_calls(self, _given: Any, _rest: str, request: HttpRequest) -> HttpResponse:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        ci.check(query, {"action": ci.text, "after": ci.digits, "last": ci.digits})
        lines = self._sim.gateway.calls.lines(
            query.get("action"), int(query.get("after", 0)), int(query.get("last", 0))
        )
        return HttpResponse(200, lines.encode(), {"Content-Type": "application/jsonl"})

    def _get_changes(self, *_: Any) -> Any:
        return {"changes": self._sim.changes()}

    def _get_actions(self, *_: Any) -> Any:
        return {"actions": known_actions()}

    def _get_agents(self, *_: Any) -> Any:
        return {"agents": self._sim.agents.states() if self._sim.agents is not None else []}

    def _get_bugs(self, *_: Any) -> Any:
        return {"bugs": self._sim.bugs}

    def _post_reset(self, given: dict[str, Any], *_: Any) -> None:
        ci.check(given, {})
        self._sim.reset()

    def _post_seed(self, given: dict[str, Any], *_: Any) -> Any:
        return {"ids": self._sim.seed(given)}

    def _post_pace(self, given: dict[str, Any], *_: Any) -> Any:
        ci.check(given, {"name": ci.one_of(*pace.TABLES), "keys": ci.some_object})
        keys = given.get("keys", {})
        ci.check(keys, dict.fromkeys(pace.KEYS, ci.seconds))
        named = {key.replace(".", "__"): value for key, value in keys.items()}
        self._sim.set_pace(given.get("name"), **named)

    def _post_lag(self, given: dict[str, Any], *_: Any) -> None:
        ci.check(given, {"seconds": ci.seconds}, required=("seconds",))
        self._sim.set_lag(float(given["seconds"]))

    def _post_clock(self, given: dict[str, Any], *_: Any) -> Any:
        ci.check(given, CLOCK)
        advance = float(given.get("advance", 0))
        if self._sim.world.clock.now() + advance > LATEST:
            raise ValueError(f"advance is {advance:.0f}: the clock would be past the year 2191")
        if "freeze" in given:
            (self._sim.freeze if given["freeze"] else self._sim.resume)()
        if "signature_skew" in given:
            self._sim.set_signature_skew(float(given["signature_skew"]))
        if advance:
            self._sim.advance(advance)
        return self._sim.state()["clock"]

    def _get_faults(self, *_: Any) -> Any:
        gateway = self._sim.gateway
        return {"faults": gateway.faults.list(), "limits": gateway.throttles.list()}

    def _post_faults(self, given: dict[str, Any], *_: Any) -> Any:
        if "limit" in given:
            ci.check(given, {"limit": ci.some_object})
            return self._sim.add_limit(**given["limit"])
        return {"id": self._sim.add_fault(**given)}

    def _delete_faults(self, _given: Any, rest: str, _request: HttpRequest) -> HttpResponse | None:
        if not rest:
            self._sim.clear_faults()
        elif ci.digits(rest) or not self._sim.gateway.faults.drop(int(rest)):
            return _error(404, f"no fault {rest!r}")
        return None

    def _post_keys(self, given: dict[str, Any], *_: Any) -> None:
        checks = NEW_KEY if "secret" in given else OLD_KEY
        ci.check(given, checks, required=("id",))
        key_id = given.pop("id")
        if "secret" in given:
            self._sim.add_key(key_id, given.pop("secret"), **given)
        else:
            self._sim.change_key(key_id, **given)


def _error(status: int, text: str) -> HttpResponse:
    return json_response(status, {"error": text})
