"""create_vm that fails leaves nothing behind, and says truly whether a repeat can succeed."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.instances.record import Instance

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.vms import Vms
    from support.world import Names

# What create_vm asks of the cloud, in this order, for a VM with everything; how often.
CALLS = [
    ("DescribeImages", 1),
    ("CreateInstance", 1),
    ("DescribeInstances", 2),
    ("DescribeInstanceTypes", 1),
    ("DescribeInstances", 1),
    ("DescribeDisks", 1),
    ("ModifyInstanceAttribute", 2),
    ("StartInstance", 1),
    ("DescribeInstances", 2),
    ("ModifyDiskAttribute", 1),
]


def _steps() -> list[tuple[str, int]]:
    """List every call as action and occurrence of that action."""
    actions = [action for action, times in CALLS for _ in range(times)]
    return [(action, actions[: n + 1].count(action)) for n, action in enumerate(actions)]


STEPS = _steps()
BEFORE_THE_VM = 2
REFUSED: dict[str, Any] = {"kind": "error", "code": "Forbidden.RAM", "status": 403}


@pytest.fixture
def everything(names: Names) -> dict[str, Any]:
    """Give the arguments for a VM that takes every step there is."""
    return {
        "networks": names.networks(security_group_ids=names.groups),
        "ephemeral_disk": {"size": 20480, "delete_with_instance": False},
    }


def test_the_steps_are_these(vms: Vms, sim: Simulator, everything: dict[str, Any]) -> None:
    """The steps that are made to fail below are all the steps there are."""
    vms.make(**everything)
    actions = [call["action"] for call in sim.calls()]
    assert [(action, len(list(calls))) for action, calls in groupby(actions)] == CALLS


@pytest.mark.parametrize("count", [1, 0], ids=["once", "for good"])
@pytest.mark.parametrize(("action", "nth"), STEPS[:BEFORE_THE_VM])
def test_refused_before_there_is_a_vm(
    vms: Vms, sim: Simulator, everything: dict[str, Any], action: str, nth: int, count: int
) -> None:
    """A refusal before the VM is made is told as it is."""
    sim.add_fault(action=action, nth=nth, count=count, **REFUSED)
    answer = vms.create(**everything)
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", False)
    assert answer.message.startswith(action)
    assert "Cleaned up" not in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize(("action", "nth"), STEPS[BEFORE_THE_VM:])
def test_refused_step(
    vms: Vms, sim: Simulator, everything: dict[str, Any], action: str, nth: int
) -> None:
    """Whichever step is refused, the VM, its disks and its interface are taken back."""
    sim.add_fault(action=action, nth=nth, **REFUSED)
    answer = vms.create(**everything)
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", False)
    assert answer.message.startswith(f"{action} ")
    assert "Forbidden.RAM" in answer.message
    assert "Cleaned up: VM 'i-" in answer.message
    assert "LEFT BEHIND" not in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize(("action", "nth"), STEPS[BEFORE_THE_VM:])
def test_step_refused_for_good(
    vms: Vms, sim: Simulator, everything: dict[str, Any], action: str, nth: int
) -> None:
    """A permission that is missing altogether keeps no VM from being deleted again.

    Where its end cannot be watched, it is named.
    """
    sim.add_fault(action=action, nth=nth, count=0, **REFUSED)
    answer = vms.create(**everything)
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", False)
    assert answer.message.startswith(f"{action} ")
    watched = action != "DescribeInstances"
    assert ("Cleaned up: VM 'i-" if watched else "LEFT BEHIND, delete by hand: VM 'i-") in (
        answer.message
    )
    assert vms.left() == {}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost"},
        {"kind": "lost", "effect": False},
        {"kind": "truncated"},
        {"kind": "html"},
        {"kind": "error", "code": "Throttling.User"},
        {"kind": "error", "code": "ServiceUnavailable", "status": 503, "count": 3},
    ],
    ids=["lost after", "lost before", "truncated", "html", "throttled", "unavailable"],
)
@pytest.mark.parametrize(("action", "nth"), STEPS)
def test_passing_trouble(
    vms: Vms,
    sim: Simulator,
    names: Names,
    everything: dict[str, Any],
    action: str,
    nth: int,
    fault: dict[str, Any],
) -> None:
    """Trouble that passes costs no VM, at any step: the one that was asked for runs."""
    sim.add_fault(action=action, nth=nth, **fault)
    cid = vms.make(**everything)
    assert vms.ids(Instance) == [cid]
    assert vms.vm(cid).status == "Running"
    assert sorted(vms.vm(cid).security_group_ids) == sorted(names.groups)
    disk = vms.data_disk(cid)
    assert vms.settings(cid)["disks"]["ephemeral"].endswith(disk.serial_number)
    assert not disk.delete_with_instance


@pytest.mark.parametrize(
    ("code", "status", "again"),
    [
        ("Throttling", 400, True),
        ("Throttling.User", 400, True),
        ("Throttling.ConcurrentLimitExceeded", 429, True),
        ("ServiceUnavailable", 503, True),
        ("InternalError", 500, True),
        ("OperationDenied.NoStock", 403, True),
        ("Zone.NotOnSale", 403, True),
        ("ResourceNotAvailable", 403, True),
        ("InvalidPrivateIpAddress.Duplicated", 400, True),
        ("InvalidIPAddress.AlreadyUsed", 400, True),
        ("IncorrectVSwitchStatus", 400, True),
        ("IncorrectInstanceStatus", 403, True),
        ("InvalidParameter", 400, False),
        ("InvalidInstanceType.ValueNotSupported", 403, False),
        ("InvalidImageId.NotFound", 404, False),
        ("InvalidVSwitchId.NotFound", 404, False),
        ("QuotaExceed.ElasticQuota", 403, False),
        ("QuotaExceed.AfterpayInstance", 403, False),
        ("QuotaExceed.PostPaidDisk", 403, False),
        ("InsufficientBalance", 403, False),
        ("Forbidden.RAM", 403, False),
        ("Forbidden", 403, False),
        ("InvalidAccessKeyId.NotFound", 404, False),
        ("SignatureDoesNotMatch", 400, False),
        ("NobodyKnowsThisCode", 400, False),
    ],
)
@pytest.mark.parametrize("action", ["CreateInstance", "StartInstance"])
def test_whether_a_repeat_can_succeed(
    vms: Vms, sim: Simulator, action: str, code: str, status: int, *, again: bool
) -> None:
    """ok_to_retry is true for what passes, and false for what a repeat cannot mend."""
    sim.add_fault(kind="error", action=action, code=code, status=status, count=0)
    answer = vms.create()
    assert answer.type == "VMCreationFailed"
    assert answer.ok_to_retry is again
    assert f"failed: {code}: " in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize("action", ["DescribeImages", "CreateInstance", "StartInstance"])
def test_no_connection(vms: Vms, sim: Simulator, action: str) -> None:
    """A connection that is lost for good is no reason not to try again, when nothing is left."""
    sim.add_fault(kind="lost", effect=False, action=action, count=0)
    answer = vms.create()
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", True)
    assert vms.left() == {}


def test_sold_out(vms: Vms, sim: Simulator) -> None:
    """A zone that has no such instance at the moment is worth another try."""
    stock = {"zone": "cn-beijing-h", "type": "ecs.g6.large", "left": 0}
    sim.seed({"stock": [stock]})
    answer = vms.create()
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", True)
    assert "OperationDenied.NoStock" in answer.message


def test_quota(vms: Vms, sim: Simulator) -> None:
    """A quota is for the operator to raise: no other try."""
    sim.seed({"quotas": {"instance.count": 0}})
    answer = vms.create()
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", False)
    assert "QuotaExceed.AfterpayInstance" in answer.message


def test_address_that_becomes_free(vms: Vms, sim: Simulator) -> None:
    """The address of a VM that was just deleted stays taken for a while: that is waited for."""
    sim.set_pace(address__release=60)
    first = vms.make()
    assert vms.cpi.call("delete_vm", first).error is None
    second = vms.make(agent="agent-2")
    assert vms.ids(Instance) == [second]
    assert vms.vm(second).private_ip == "10.0.1.10"


def test_address_that_stays_taken(vms: Vms) -> None:
    """An address that another VM keeps is named, and worth another try."""
    first = vms.make()
    answer = vms.create(agent="agent-2")
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", True)
    assert "PrivateIpAddress 10.0.1.10" in answer.message
    assert vms.ids(Instance) == [first]


def test_a_vm_that_was_made_all_the_same(vms: Vms, sim: Simulator) -> None:
    """Where no answer ever comes, the message says that a VM may be there; a repeat finds it."""
    sim.add_fault(kind="lost", action="CreateInstance", count=0)
    answer = vms.create()
    assert answer.ok_to_retry
    assert "may have been created" in answer.message
    (made,) = vms.ids(Instance)
    sim.clear_faults()
    assert vms.make() == made
    assert vms.ids(Instance) == [made]


def test_the_clock_of_repeats(vms: Vms, sim: Simulator) -> None:
    """Repeats end: throttling that does not is told within minutes."""
    sim.add_fault(kind="error", action="CreateInstance", code="Throttling.User", count=0)
    before = sim.world.clock.now()
    vms.create()
    assert 60 < sim.world.clock.now() - before < 600
    assert 5 < len(sim.calls("CreateInstance")) < 100
