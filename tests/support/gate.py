"""One chosen request of a call is held up in the simulated cloud, for as long as a test likes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from alicloud_sim.faults import Faults, Plan, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim import Simulator
    from alicloud_sim.errors import ApiError
    from alicloud_sim.messages import HttpResponse

# A test that forgets to open the gate must not hang.
_LONGEST = 60.0


class Moment(Enum):
    """When the request is held, and what comes of it."""

    NEVER = "before its effect, which never comes"
    BEFORE = "before its effect"
    AFTER = "after its effect"
    LATE = "before its effect, which comes after the next call"


@dataclass(frozen=True)
class _HeldPlan(Plan):
    """A plan whose answer leaves only once the gate is open."""

    hold: Callable[[], None] = lambda: None

    def deliver(
        self, answer: HttpResponse | None, refuse: Callable[[ApiError], HttpResponse]
    ) -> HttpResponse:
        """Hold the answer, then give it as it would have been."""
        self.hold()
        return super().deliver(answer, refuse)


class Gate(Faults):
    """The simulator's faults, and a gate before the nth request of an action."""

    def __init__(self) -> None:
        """Stand open."""
        super().__init__()
        self.open()

    @classmethod
    def at(cls, sim: Simulator) -> Gate:
        """Put a gate into a simulator."""
        gate = cls()
        sim.gateway.faults = gate
        return gate

    def close(self, service: str, action: str, nth: int, moment: Moment) -> None:
        """Hold the nth request from now on; the gate then stands open for all others."""
        with self._lock:
            self._where, self._left, self._moment = (service, action), nth, moment
            self._opened, self.reached = threading.Event(), threading.Event()

    def open(self) -> None:
        """Let go the request that is held."""
        with self._lock:
            if hasattr(self, "_opened"):
                self._opened.set()
            self._where, self._left, self._moment = ("", ""), 0, Moment.AFTER
            self._opened, self.reached = threading.Event(), threading.Event()

    def plan(self, service: str, action: str, params: dict[str, Any]) -> Plan:
        """Decide about one call; hold it if it is the one."""
        plan = super().plan(service, action, params)
        with self._lock:
            self._left -= (service, action) == self._where
            held = self._left == 0 and (service, action) == self._where
            opened, reached, moment = self._opened, self.reached, self._moment

        def hold() -> None:
            reached.set()
            opened.wait(_LONGEST)

        if not held:
            return plan
        if moment is Moment.AFTER:
            return _HeldPlan(plan.delay_seconds, plan.rule, hold)
        hold()
        return Plan(rule=Rule(kind="reset")) if moment is Moment.NEVER else plan
