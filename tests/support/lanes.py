"""Calls that take turns: each stands still before each of its requests until a test lets it go on.

Requests are told apart by their access key: each lane has one of its own, of the same account.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from alicloud_sim.faults import Faults, Plan

if TYPE_CHECKING:
    import signal
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.forked import Forked, Forker

# A call that neither asks for anything nor ends in so many real seconds is stuck.
_LONGEST = 60.0
_PAUSE = 0.002


class Lane:
    """One call, and the request before which it stands."""

    def __init__(self, key_id: str, config: Path) -> None:
        self.key_id = key_id
        self.config = config
        self.call: Forked | None = None
        self.asked: list[str] = []
        # How many of its requests have arrived, and how many may go on.
        self.arrived = 0
        self.let_go = 0

    @property
    def is_over(self) -> bool:
        """Whether its call has ended."""
        return self.call is None or self.call.is_over

    def stop(self, number: signal.Signals) -> None:
        """Signal the call; what it is about to ask for is still under way."""
        assert self.call is not None
        self.call.send(number)


class Lanes(Faults):
    """The simulator's faults, and a place before each request where a call waits for its turn."""

    def __init__(self, sim: Simulator, forker: Forker) -> None:
        """Take the place of the simulator's faults."""
        super().__init__()
        self._sim = sim
        self._forker = forker
        self._turn = threading.Condition()
        self._lanes: dict[str, Lane] = {}
        sim.gateway.faults = self

    def lane(self, cpi: Cpi, name: str) -> Lane:
        """Give a call a key and a configuration of its own."""
        key_id = f"LTAI5tLane{name}"
        self._sim.add_key(key_id, f"secret-of-lane-{name}")
        document = json.loads(cpi.path.read_bytes())
        alicloud = document["cloud"]["properties"]["alicloud"]
        alicloud |= {"access_key_id": key_id, "access_key_secret": f"secret-of-lane-{name}"}
        alicloud.pop("security_token", None)
        config = cpi.path.with_name(f"cpi-{name}.json")
        config.write_text(json.dumps(document))
        self._lanes[key_id] = Lane(key_id, config)
        return self._lanes[key_id]

    def start(self, lane: Lane, cpi: Cpi, method: str, *arguments: Any) -> Lane:
        """Start a lane's call; returns once it stands before its first request."""
        request = cpi.request(method, arguments)
        lane.call = self._forker.start(["--config", str(lane.config)], request)
        self._until_standing(lane, 1)
        return lane

    def step(self, lane: Lane) -> None:
        """Let one request have its effect; returns when the call stands before its next or ends."""
        with self._turn:
            lane.let_go += 1
            self._turn.notify_all()
        self._until_standing(lane, lane.let_go + 1)

    def finish(self, lane: Lane) -> Answer | None:
        """Let a call go on to its end; returns its answer, None of a killed one."""
        with self._turn:
            lane.let_go = 1_000_000
            self._turn.notify_all()
        assert lane.call is not None
        answer = lane.call.end()
        deadline = time.monotonic() + _LONGEST
        # What a killed call has asked for still arrives.
        while sum(call["key"] == lane.key_id for call in self._sim.calls()) < lane.arrived:
            assert time.monotonic() < deadline, f"a request of {lane.asked} has no end"
            time.sleep(_PAUSE)
        return answer

    def plan(self, service: str, action: str, params: dict[str, Any]) -> Plan:
        """Wait for the turn of the call that asks."""
        lane = self._lanes.get(str(params.get("AccessKeyId", "")))
        if lane is not None:
            with self._turn:
                lane.arrived += 1
                lane.asked.append(action)
                mine = lane.arrived
                self._turn.notify_all()
                self._turn.wait_for(lambda: lane.let_go >= mine, _LONGEST)
        return super().plan(service, action, params)

    def _until_standing(self, lane: Lane, count: int) -> None:
        deadline = time.monotonic() + _LONGEST
        with self._turn:
            while lane.arrived < count and not lane.is_over:
                assert time.monotonic() < deadline, f"stuck after {lane.asked}"
                self._turn.wait(_PAUSE)
