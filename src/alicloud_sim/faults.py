"""Scripted faults: what goes wrong with which call.

A rule as JSON (all but kind have defaults):

    {"kind": "error", "service": "ecs", "action": "CreateDisk", "params": {"ZoneId": "..."},
     "nth": 2, "count": 1, "effect": false, "seconds": 0,
     "code": "...", "message": "...", "status": 503, "headers": {"x-acs-retry-after": "500"}}

kind     error      the service's error envelope with code, message, status, headers
         delay      the answer comes `seconds` late; nothing else changes
         stall      no answer for `seconds` (default 3600), then the connection closes
         reset      TCP reset
         lost       the connection closes without an answer; effect defaults to TRUE
         truncated  half of the answer's body, then the connection closes; effect TRUE
         empty      status (200) and an empty body; effect TRUE
         html       status (502) and an HTML page, as a proxy sends it
         status     only a status (503) and headers
nth      the first matching call that it hits (1 = the next)
count    how many calls it hits (0 = all from then on)
effect   whether the handler runs before the fault shows: false = lost before the effect
params   only calls whose wire parameters have these values

service and action are names that GET /_sim/actions lists, or "*".
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import control_input as ci
from .errors import ApiError
from .messages import Fate, HttpResponse
from .registry import check_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

EFFECT = {"lost": True, "truncated": True, "empty": True, "delay": True}
STATUS = {"empty": 200, "html": 502, "status": 503}
KINDS = ("error", "delay", "stall", "reset", "lost", "truncated", "empty", "html", "status")
FIRST_STATUS, LAST_STATUS = 100, 599
CHECKS: dict[str, ci.Check] = {
    "kind": ci.one_of(*KINDS),
    "service": ci.filled,
    "action": ci.filled,
    "params": ci.text_table,
    "nth": ci.whole(1, ci.MOST_CALLS),
    "count": ci.whole(0, ci.MOST_CALLS),
    "effect": ci.optional(ci.flag),
    "seconds": ci.seconds,
    "code": ci.text,
    "message": ci.text,
    "status": ci.optional(ci.whole(FIRST_STATUS, LAST_STATUS)),
    "headers": ci.headers,
}
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"


@dataclass
class Rule:
    """One scripted fault and how often it has matched and hit."""

    kind: str
    service: str = "*"
    action: str = "*"
    params: dict[str, str] = field(default_factory=dict)
    nth: int = 1
    count: int = 1
    effect: bool | None = None
    seconds: float = 0.0
    code: str = ""
    message: str = ""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    id: int = 0
    matched: int = 0
    hit: int = 0

    def __post_init__(self) -> None:
        """Fill in what depends on the kind.

        :raises ValueError: an unknown action, or an error without its code
        """
        check_pattern(self.service, self.action)
        if self.kind == "error" and not self.code:
            raise ValueError("a fault of kind error needs a code")
        if self.effect is None:
            self.effect = EFFECT.get(self.kind, False)
        if self.kind == "stall" and not self.seconds:
            self.seconds = 3600.0

    def fits(self, service: str, action: str, params: dict[str, str]) -> bool:
        """Whether it is about this call."""
        return (
            self.service in ("*", service)
            and self.action in ("*", action)
            and all(params.get(name) == value for name, value in self.params.items())
        )

    def strikes(self) -> bool:
        """Count a fitting call and tell whether it is hit."""
        self.matched += 1
        due = self.matched >= self.nth and (self.count == 0 or self.hit < self.count)
        self.hit += due
        return due


@dataclass(frozen=True)
class Plan:
    """What happens to one call: how late it is answered, and the fault, if any."""

    delay_seconds: float = 0.0
    rule: Rule | None = None

    @property
    def has_effect(self) -> bool:
        """Whether the handler runs."""
        return self.rule is None or bool(self.rule.effect)

    @property
    def refusal(self) -> Rule | None:
        """The rule, if it is a refusal in place of the handler's own answer."""
        rule = self.rule
        return rule if rule and rule.kind == "error" and not rule.effect else None

    def deliver(
        self, answer: HttpResponse | None, refuse: Callable[[ApiError], HttpResponse]
    ) -> HttpResponse:
        """Turn the handler's answer (None if it did not run) into what the client gets."""
        rule = self.rule
        if rule is None:
            return answer or HttpResponse(500)
        if rule.kind == "error":
            return refuse(ApiError(rule.code, rule.message, rule.status, rule.headers))
        if rule.kind == "stall":
            return HttpResponse(0, fate=Fate.STALLED, stall_seconds=rule.seconds)
        if rule.kind in ("reset", "lost"):
            return HttpResponse(0, fate=Fate.RESET if rule.kind == "reset" else Fate.CLOSED)
        status = rule.status or STATUS.get(rule.kind, 200)
        if rule.kind == "truncated":
            whole = answer or HttpResponse(status, HTML)
            return replace(whole, fate=Fate.TRUNCATED)
        body = HTML if rule.kind == "html" else b""
        kind = {"Content-Type": "text/html"} if body else {}
        return HttpResponse(status, body, {**kind, **rule.headers})


class Faults:
    """The rules in force, in the order they were added."""

    def __init__(self) -> None:
        """Start without faults."""
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._last_id = 0

    def add(self, **rule: Any) -> int:
        """Add a rule and tell its id.

        :raises ValueError: a rule that makes no sense
        """
        ci.check(rule, CHECKS, required=("kind",))
        made = Rule(**rule)
        with self._lock:
            self._last_id += 1
            made.id = self._last_id
            self._rules.append(made)
            return made.id

    def list(self) -> list[dict[str, Any]]:
        """Dump the rules with their counters."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]

    def clear(self) -> None:
        """Drop all rules."""
        with self._lock:
            self._rules = []

    def drop(self, rule_id: int) -> bool:
        """Drop one rule; False if there is none of that id."""
        with self._lock:
            before = len(self._rules)
            self._rules = [rule for rule in self._rules if rule.id != rule_id]
            return len(self._rules) < before

    def plan(self, service: str, action: str, params: dict[str, str]) -> Plan:
        """Decide about one call: all delays that fit add up, the first other fault counts."""
        delay, chosen = 0.0, None
        with self._lock:
            for rule in self._rules:
                if chosen is not None and rule.kind != "delay":
                    continue
                if rule.fits(service, action, params) and rule.strikes():
                    if rule.kind == "delay":
                        delay += rule.seconds
                    else:
                        chosen = rule
        return Plan(delay, chosen)
