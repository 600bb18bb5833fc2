"""The control API below /_sim/: JSON in and out, over HTTPS or plain HTTP, loopback only.

GET    state    the whole world, without secrets
GET    calls    the calls since the last reset as JSON lines; ?action=X for one action
GET    changes  what took its time since then: {"key", "record", "began", "due", "ended"}, times
                in seconds of the world; "ended" is null for what is still under way
POST   reset    back to the seed
POST   seed     {"<kind>": [{...}], "quotas", "stock", "settings"}: see seeding.py
POST   pace     {"name": "instant"} and/or {"keys": {"disk.create": 2.5}}
POST   lag      {"seconds": 2}: reads see the state of then
POST   clock    {"advance": 60}, {"freeze": true|false}, {"signature_skew": -3600}
GET    faults   the rules with their counters, and the limits
POST   faults   a rule (faults.py), or {"limit": {...}} (throttling.py)
DELETE faults   drop all; faults/<id> drops one
POST   keys     {"id", "secret", "token"?, "expires_in"?, "denied"?, "account"?} adds a key;
                {"id", "enabled"?, "denied"?} without a secret changes one
GET    bugs     what broke inside the simulator

Refusals are 400 {"error": "..."}; unknown addresses 404.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from .messages import HttpRequest, HttpResponse, json_response

if TYPE_CHECKING:
    from .simulator import Simulator


class Control:
    """Maps addresses to the methods of the simulator."""

    def __init__(self, simulator: Simulator) -> None:
        """Control one simulator."""
        self._sim = simulator

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request below /_sim/."""
        name, _, rest = request.path.removeprefix("/_sim/").partition("/")
        handler = getattr(self, f"_{request.method.lower()}_{name}", None)
        if handler is None:
            return json_response(404, {"error": f"no {request.method} {request.path}"})
        try:
            given = dict(json.loads(request.body)) if request.body else {}
            result = handler(given, rest, request)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return json_response(400, {"error": str(error)})
        return result if isinstance(result, HttpResponse) else json_response(200, result or {})

    def _get_state(self, *_: Any) -> Any:
        return self._sim.state()

    def _get_calls(self, _given: Any, _rest: str, request: HttpRequest) -> HttpResponse:
        action = parse_qs(request.query).get("action", [None])[0]
        lines = "".join(
            f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in self._sim.calls(action)
        )
        return HttpResponse(200, lines.encode(), {"Content-Type": "application/jsonl"})

    def _get_changes(self, *_: Any) -> Any:
        return {"changes": self._sim.changes()}

    def _get_bugs(self, *_: Any) -> Any:
        return {"bugs": self._sim.bugs}

    def _post_reset(self, *_: Any) -> None:
        self._sim.reset()

    def _post_seed(self, given: dict[str, Any], *_: Any) -> Any:
        return {"ids": self._sim.seed(given)}

    def _post_pace(self, given: dict[str, Any], *_: Any) -> Any:
        keys = {key.replace(".", "__"): value for key, value in given.get("keys", {}).items()}
        self._sim.set_pace(given.get("name"), **keys)

    def _post_lag(self, given: dict[str, Any], *_: Any) -> None:
        self._sim.set_lag(float(given["seconds"]))

    def _post_clock(self, given: dict[str, Any], *_: Any) -> Any:
        if "freeze" in given:
            (self._sim.freeze if given["freeze"] else self._sim.resume)()
        if "signature_skew" in given:
            self._sim.set_signature_skew(float(given["signature_skew"]))
        if "advance" in given:
            self._sim.advance(float(given["advance"]))
        return self._sim.state()["clock"]

    def _get_faults(self, *_: Any) -> Any:
        gateway = self._sim.gateway
        return {"faults": gateway.faults.list(), "limits": gateway.throttles.list()}

    def _post_faults(self, given: dict[str, Any], *_: Any) -> Any:
        if "limit" in given:
            return self._sim.add_limit(**given["limit"])
        return {"id": self._sim.add_fault(**given)}

    def _delete_faults(self, _given: Any, rest: str, _request: HttpRequest) -> None:
        if rest:
            self._sim.gateway.faults.clear(int(rest))
        else:
            self._sim.clear_faults()

    def _post_keys(self, given: dict[str, Any], *_: Any) -> None:
        key_id = given.pop("id")
        if "secret" in given:
            self._sim.add_key(key_id, given.pop("secret"), **given)
        else:
            self._sim.change_key(key_id, **given)
