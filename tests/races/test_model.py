"""Any calls in any order, with faults and interleavings: no leak, no loss, no double.

The model is what the answers said. Whenever no call is under way, the simulated cloud holds exactly
that, beside what killed calls left and errors named (support/books.py).
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from faults.interruptions import GRACE_SECONDS
from faults.matrix_scenarios import Request
from races import racing
from soak import features
from soak.soak import TROUBLES
from support.books import CREATES, DELETES, Books
from support.lanes import Lane, Lanes
from support.stemcells import properties
from support.world import REGION, ZONE

if TYPE_CHECKING:
    from races.racing import Track
    from support.cpi import Answer

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
AGENTS = RANGES = (0, 1, 2)

# Two calls about the same thing that may be under way at once, beside those that are identical.
TOGETHER = [
    {"attach_disk"},
    {"attach_disk", "update_disk"},
    {"attach_disk", "resize_disk"},
    {"attach_disk", "delete_vm"},
    {"attach_disk", "delete_disk"},
    {"create_vm", "delete_stemcell"},
    {"snapshot_disk", "delete_disk"},
    {"snapshot_disk"},
]


class Model(RuleBasedStateMachine):
    """Calls that end before the next one begins, and up to two that take turns with them."""

    track: Track

    def __init__(self) -> None:
        super().__init__()
        self.track.prepare()
        self.bench = self.track.bench
        self.bench.sim.set_pace(grace=GRACE_SECONDS)
        self.lanes = Lanes(self.bench.sim, self.track.forker)
        self.under_way: list[tuple[Request, Lane]] = []
        self.count = 0
        self.agents: dict[str, str] = {}
        self.books = Books(self.bench.sim)
        self.books.open()

    # Rules

    @rule(number=st.integers(0, 1000))
    def call(self, number: int) -> None:
        """Make one call from start to end."""
        request = self._choose(number)
        if request:
            self._note(request, self.bench.cpi.call(request.method, *request.arguments))

    @rule(kind=st.sampled_from(TROUBLES), nth=st.integers(1, 6), count=st.integers(1, 2))
    def trouble(self, kind: dict[str, Any], nth: int, count: int) -> None:
        """Let something go wrong soon that passes."""
        self.bench.sim.add_fault(**kind, nth=nth, count=count)

    @precondition(lambda self: len(self.under_way) < 2)
    @rule(number=st.integers(0, 1000), steps=st.integers(0, 12))
    def begin(self, number: int, steps: int) -> None:
        """Begin a call, and let it make some requests."""
        request = self._choose(number)
        if request:
            self.count += 1
            lane = self.lanes.lane(self.bench.cpi, str(self.count))
            self.lanes.start(lane, self.bench.cpi, request.method, *request.arguments)
            self.under_way.append((request, lane))
            self._go_on(lane, steps)

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 1), steps=st.integers(1, 12))
    def go_on(self, which: int, steps: int) -> None:
        """Let a call make more requests."""
        self._go_on(self.under_way[which % len(self.under_way)][1], steps)

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 1), number=st.sampled_from(SIGNALS))
    def stop(self, which: int, number: signal.Signals) -> None:
        """Stop or kill a call, and let it end."""
        which %= len(self.under_way)
        self.under_way[which][1].stop(number)
        self._finish(which)

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 1))
    def finish(self, which: int) -> None:
        """Let a call go on to its end."""
        self._finish(which % len(self.under_way))

    @invariant()
    def nothing_leaks_is_lost_or_doubled(self) -> None:
        """Compare, whenever no call is under way."""
        if not self.under_way:
            self.bench.settle()
            assert self.books.problems(self.bench.cpi) == []
            assert self.bench.sim.bugs == []

    def teardown(self) -> None:
        """Let all calls end; compare once more."""
        while self.under_way:
            self._finish(0)
        self.nothing_leaks_is_lost_or_doubled()

    # Steps

    def _go_on(self, lane: Lane, steps: int) -> None:
        for _ in range(steps):
            if not lane.is_over:
                self.lanes.step(lane)

    def _finish(self, which: int) -> None:
        request, lane = self.under_way.pop(which)
        self._note(request, self.lanes.finish(lane))

    def _note(self, request: Request, answer: Answer | None) -> None:
        assert answer is None or answer.type != "CpiError", answer.stderr
        self.books.note(request, answer)
        if request.method == "create_vm" and answer and not answer.error:
            self.agents[answer.result[0]] = request.arguments[0]

    # Choosing

    def _choose(self, number: int) -> Request | None:
        """Return a call that may be made now."""
        possible = [request for request in self._requests() if self._may(request)]
        return possible[number % len(possible)] if possible else None

    def _may(self, request: Request) -> bool:
        """Whether the Director, or two, would make the call beside those under way."""
        for other, _ in self.under_way:
            methods = {request.method, other.method}
            if methods <= {"create_network", "delete_network"}:
                return False
            if request != other and methods not in TOGETHER and self._share(request, other):
                return False
        return True

    def _share(self, one: Request, other: Request) -> bool:
        return not self._things(one).isdisjoint(self._things(other))

    def _things(self, request: Request) -> set[str]:
        """Return what a call is about: ids, and the agent of a VM."""
        found = {one for one in request.arguments if isinstance(one, str)}
        return found | {self.agents[one] for one in found if one in self.agents}

    def _requests(self) -> list[Request]:
        """List the calls about what there is."""
        held: dict[str, list[str]] = {kind: [] for kind in CREATES.values()}
        for one, kind in self.books.held.items():
            held[kind].append(one)
        found = [
            Request(method, [one]) for method, kind in DELETES.items() for one in held[kind][:2]
        ]
        images = [self.bench.names.image, *held["image"][:1]]
        found += [self._vm(n, image) for n in AGENTS for image in images]
        found += [self._network(n) for n in RANGES]
        found += [Request("create_disk", [20480, {"availability_zone": ZONE}, None])] * 3
        found += [Request("create_stemcell", [self.bench.tarball, properties()])]
        for disk in held["disk"][:3]:
            for vm in held["instance"][:2]:
                found += [Request(name, [vm, disk]) for name in ("attach_disk", "detach_disk")]
            found += [Request("snapshot_disk", [disk, {}]), Request("resize_disk", [disk, 40960])]
            wanted = {"category": "cloud_essd", "performance_level": "PL1"}
            found += [Request("update_disk", [disk, 40960, wanted])]
        return found

    def _vm(self, number: int, image: str) -> Request:
        """Word a create_vm; the VMs of the three agents use different features."""
        wanted: dict[str, Any] = {
            "networks": self.bench.names.networks(ip=f"10.0.1.{20 + number}"),
            "ephemeral_disk": {"size": 20480},
            "nlb_server_group_ids": self.bench.connections.nlb_groups[:1],
            "nlb_server_group_port": 8080,
        }
        if number == 1:
            wanted |= features.interfaces(self.bench, wanted["networks"], "10.0.1.40")
            wanted |= features.placed_behind_alb(self.bench, "model")
        if number == 2:
            wanted |= features.PROTECTED | features.TYPES
        agent = f"agent-{number}-{image}"
        return Request("create_vm", self.bench.vms.arguments(agent=agent, stemcell=image, **wanted))

    def _network(self, number: int) -> Request:
        place = {"vpc_id": self.bench.sim.world.constants[f"{REGION}.vpc"]}
        place["availability_zone"] = ZONE
        subnet = {"type": "manual", "range": f"10.0.{30 + number}.0/24", "cloud_properties": place}
        return Request("create_network", [subnet])


def test_no_leak_no_loss_no_double(track: Track) -> None:
    """Of whatever Directors ask for at once, while the cloud fails now and then."""
    Model.track = track
    run_state_machine_as_test(Model, settings=settings(racing.few, stateful_step_count=40))
