"""The same create_vm twice at once, as a Director that died may have left one under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instances.record import Instance
from faults.matrix_scenarios import Bench
from support.gate import Gate, Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where the slower call stands while the faster one is made from start to end.
STEPS = [
    ("ecs", "CreateInstance", Moment.BEFORE),
    ("ecs", "CreateInstance", Moment.AFTER),
    ("ecs", "ModifyInstanceAttribute", Moment.BEFORE),
    ("ecs", "StartInstance", Moment.BEFORE),
    ("slb", "AddBackendServers", Moment.BEFORE),
    ("slb", "AddVServerGroupBackendServers", Moment.BEFORE),
    ("nlb", "AddServersToServerGroup", Moment.BEFORE),
    ("vpc", "AssociateEipAddress", Moment.BEFORE),
]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a bench of this module's own."""
    with Bench() as bench:
        yield bench


@pytest.mark.parametrize(("service", "action", "moment"), STEPS)
def test_both_end_with_the_same_vm(bench: Bench, service: str, action: str, moment: Moment) -> None:
    """Neither takes the other's VM away, wherever the faster one overtakes."""
    bench.reset()
    gate = Gate.at(bench.sim)
    arguments = bench.everything()
    gate.close(service, action, 1, moment)
    slow = bench.cpi.started("create_vm", *arguments)
    assert gate.reached.wait(30)
    fast = bench.cpi.call("create_vm", *arguments)
    gate.open()
    late = slow.answer()
    assert (fast.error, late.error) == (None, None)
    assert late.result == fast.result
    (vm,) = bench.storage.all(Instance)
    assert (vm.id, vm.status) == (fast.result[0], "Running")
    assert len(bench.connections.backends()) == len(bench.connections.vserver_members()) == 1
