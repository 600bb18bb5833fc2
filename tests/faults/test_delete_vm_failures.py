"""delete_vm in trouble: what passes is waited out, what stays is told, disks are never lost."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.enis.record import Eni
from alicloud_sim.ecs.instances.record import Instance

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

# The requests of delete_vm for a VM whose primary interface vanishes late and whose second one
# stays.
CALLS = [
    ("DescribeInstances", 1),
    ("DescribeDisks", 1),
    ("ModifyDiskAttribute", 1),
    ("DescribeEipAddresses", 1),
    ("DeleteInstance", 1),
    ("DescribeInstances", 2),
    ("DescribeDisks", 1),
    ("DescribeNetworkInterfaces", 1),
    ("DeleteNetworkInterface", 1),
    ("DescribeNetworkInterfaces", 3),
]
STEPS = [
    (action, sum(times for name, times in CALLS[:position] if name == action) + nth)
    for position, (action, calls) in enumerate(CALLS)
    for nth in range(1, calls + 1)
]
# The VM is gone before these: a refusal ends in a warning.
TOLERATED = ("DescribeNetworkInterfaces", "DeleteNetworkInterface")


@pytest.fixture
def pair(vms: Vms, sim: Simulator) -> list[str]:
    """Give a VM whose second interface stays, and its persistent disk that would go."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    disk = vms.attached(cid, delete_with_instance=True)
    vms.second_interface(cid)
    sim.seed({"settings": {"instance.leaves_secondary_enis": True}})
    sim.gateway.calls.clear()
    return [cid, disk]


def test_the_steps_are_these(cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """The steps that are made to fail below are all the steps there are."""
    cpi.ok("delete_vm", pair[0])
    actions = [call["action"] for call in sim.calls()]
    assert [(action, len(list(calls))) for action, calls in groupby(actions)] == CALLS


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost"},
        {"kind": "lost", "effect": False},
        {"kind": "truncated"},
        {"kind": "html"},
        {"kind": "error", "code": "Throttling.User", "count": 3},
        {"kind": "error", "code": "ServiceUnavailable", "status": 503, "count": 2},
    ],
    ids=["lost after", "lost before", "truncated", "html", "throttled", "unavailable"],
)
@pytest.mark.parametrize(("action", "nth"), STEPS)
def test_passing_trouble(
    vms: Vms,
    cpi: Cpi,
    sim: Simulator,
    pair: list[str],
    action: str,
    nth: int,
    fault: dict[str, Any],
) -> None:
    """Trouble that passes, at any step: the VM is gone, its disk is kept and free."""
    sim.add_fault(action=action, nth=nth, **fault)
    cpi.ok("delete_vm", pair[0])
    assert (vms.ids(Instance), vms.ids(Disk), vms.ids(Eni)) == ([], pair[1:], [])
    assert sim.world.all(Disk)[0].status == "Available"


@pytest.mark.parametrize(("action", "nth"), STEPS)
def test_refused_step(
    vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str], action: str, nth: int
) -> None:
    """A step that is refused is told; the disk is kept, and the same call again ends well."""
    sim.add_fault(kind="error", action=action, nth=nth, code="Forbidden.RAM", status=403)
    answer = cpi.call("delete_vm", pair[0])
    if action in TOLERATED:
        assert answer.error is None
        assert "remain" in answer.stderr
    else:
        assert answer.type == "CloudError"
        assert answer.message.startswith(f"{action} ")
    sim.advance(90)
    cpi.ok("delete_vm", pair[0])
    assert (vms.ids(Instance), vms.ids(Disk)) == ([], pair[1:])


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("IncorrectInstanceStatus", 403),
        ("IncorrectInstanceStatus.Initializing", 403),
        ("OperationConflict", 409),
        ("InvalidOperation.Conflict", 409),
        ("LastTokenProcessing", 403),
        ("DependencyViolation.SLBConfiguring", 400),
        ("DependencyViolation.RouteEntry", 400),
    ],
)
def test_busy(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str], code: str, status: int) -> None:
    """What the cloud says of a VM that it is still at work on is waited out."""
    sim.add_fault(kind="error", action="DeleteInstance", code=code, status=status, count=4)
    cpi.ok("delete_vm", pair[0])
    assert vms.ids(Instance) == []


def test_a_release_that_does_not_end(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """A VM that is still there after minutes is told, with its id."""
    sim.set_pace(instance__delete=5000)
    answer = cpi.call("delete_vm", pair[0])
    assert answer.type == "CloudError"
    assert f"Gave up waiting for VM '{pair[0]}' to be deleted" in answer.message
    assert vms.ids(Instance) == pair[:1]


@pytest.mark.parametrize("setting", ["instance.stop_hangs", "instance.reboot_hangs"])
def test_a_vm_that_hangs(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str], setting: str) -> None:
    """A guest that neither stops nor starts keeps its VM from deletion: it is switched off."""
    sim.seed({"settings": {setting: True}})
    vm = vms.vm(pair[0])
    vm.status, vm.orderly = "Stopping" if "stop" in setting else "Starting", True
    cpi.ok("delete_vm", pair[0])
    assert (vms.ids(Instance), vms.ids(Disk)) == ([], pair[1:])
