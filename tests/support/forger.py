"""Answers of the simulated cloud that are not as documented: a member is missing or another."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_sim.faults import Faults, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alicloud_sim import Simulator
    from alicloud_sim.errors import ApiError
    from alicloud_sim.messages import HttpResponse

# What stands in place of a member; ``GONE`` takes it away.
GONE = object()
VALUES: dict[str, Any] = {
    "gone": GONE,
    "null": None,
    "empty": "",
    "number": 7,
    "true": True,
    "text": "other",
    "surrogate": "i-\ud800",
    "long number": 10**400,
    "many digits": "9" * 5000,
    "list": [],
    "list of null": [None],
    "object": {},
    "nested": {"a": [{"b": [1]}]},
}

WHOLE: dict[str, bytes] = {
    "an empty object": b"{}",
    "a health check": b'{"status": "ok"}',
    "null": b"null",
    "a list": b"[]",
    "a text": b'"ok"',
    "NaN": b'{"RequestId": NaN}',
    "a RequestId only": b'{"RequestId": "r-1"}',
    "HTML": b"<html><body>OK</body></html>",
    "bad UTF-8": b'{"RequestId": "\xff\xfe"}',
    "deep": b'{"RequestId": ' + b"[" * 100_000,
}

Path = tuple[str | int, ...]


class Forgery(NamedTuple):
    """One member of an answer, and what stands there instead."""

    path: Path
    value: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))} {self.value}"

    def apply(self, body: bytes) -> bytes:
        """Return the body with the member changed, as far as it has it."""
        document = copy.deepcopy(json.loads(body))
        *parents, last = self.path
        inner = document
        try:
            for key in parents:
                inner = inner[key]
            if VALUES[self.value] is GONE:
                del inner[last]
            elif last in inner if isinstance(inner, dict) else isinstance(last, int):
                inner[last] = VALUES[self.value]
        except (KeyError, IndexError, TypeError):
            return body
        return json.dumps(document).encode()


def members(document: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of all members; of a list, those of its first item."""
    items = document.items() if isinstance(document, dict) else enumerate(document[:1])
    for key, value in items:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from members(value, (*path, key))


@dataclass(frozen=True)
class _ForgedPlan(Plan):
    """A plan whose answer is changed on its way."""

    forge: Callable[[bytes], bytes] = bytes

    def deliver(
        self, answer: HttpResponse | None, refuse: Callable[[ApiError], HttpResponse]
    ) -> HttpResponse:
        """Give the answer as it would have been, but changed."""
        whole = super().deliver(answer, refuse)
        return replace(whole, body=self.forge(whole.body)) if whole.status == 200 else whole


class Forger(Faults):
    """The simulator's faults, and a forged answer to the nth request of an action, or to all."""

    def __init__(self) -> None:
        """Forge nothing."""
        super().__init__()
        self.honest()

    @classmethod
    def at(cls, sim: Simulator) -> Forger:
        """Put a forger into a simulator."""
        forger = cls()
        sim.gateway.faults = forger
        return forger

    def honest(self) -> None:
        """Forge nothing from now on, and forget the answers seen."""
        with self._lock:
            self._where, self._left, self._count = ("", ""), 0, 0
            self._forge: Callable[[bytes], bytes] = bytes
        self.seen: dict[tuple[str, str, int], bytes] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def forge(
        self, service: str, action: str, nth: int, forge: Callable[[bytes], bytes], count: int = 0
    ) -> None:
        """Forge the answers to an action from the nth on: so many, or all."""
        with self._lock:
            self._where, self._left, self._count = (service, action), nth, count
            self._forge = forge

    def plan(self, service: str, action: str, params: dict[str, Any]) -> Plan:
        """Decide about one call; keep its true answer."""
        plan = super().plan(service, action, params)
        where = (service, action)
        with self._lock:
            self._numbers[where] = self._numbers.get(where, 0) + 1
            key = (*where, self._numbers[where])
            forge = self._forge if where == self._where and self._is_due() else bytes

        def remember(body: bytes) -> bytes:
            self.seen[key] = body
            return forge(body)

        return _ForgedPlan(plan.delay_seconds, plan.rule, remember)

    def _is_due(self) -> bool:
        self._left -= 1
        return self._left <= 0 and (self._count == 0 or self._left > -self._count)
