"""The same create_vm again: it finds its VM, or makes a new one where the first is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.instances.record import Instance
from support.vms import SETTLING_SECONDS, Meanwhile

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names


def test_the_answer_of_create_instance_is_lost(vms: Vms, sim: Simulator) -> None:
    """A request whose answer was lost is sent again, and finds the VM that it made."""
    sim.add_fault(kind="lost", action="CreateInstance")
    cid = vms.make()
    assert vms.ids(Instance) == [cid]
    assert vms.vm(cid).status == "Running"


@pytest.mark.parametrize("kind", ["lost", "truncated", "empty", "html", "status", "reset"])
@pytest.mark.parametrize("effect", [True, False])
def test_create_instance_goes_wrong(vms: Vms, sim: Simulator, kind: str, *, effect: bool) -> None:
    """However the first answer fails to come, and whether it had its effect, there is one VM."""
    sim.add_fault(kind=kind, action="CreateInstance", effect=effect)
    cid = vms.make()
    assert vms.ids(Instance) == [cid]


def test_the_answer_of_the_whole_call_is_lost(vms: Vms) -> None:
    """A call that ended well and is repeated answers the same VM, and leaves it as it is."""
    first = vms.make(ephemeral_disk={"size": 20480})
    user_data = vms.vm(first).user_data
    second = vms.make(ephemeral_disk={"size": 20480})
    assert second == first
    assert vms.ids(Instance) == [first]
    assert (vms.vm(first).status, vms.vm(first).user_data) == ("Running", user_data)


@pytest.mark.parametrize("calls", range(2, 12))
def test_cut_off_half_way(vms: Vms, sim: Simulator, names: Names, calls: int) -> None:
    """A call that is cut off at any step, and can undo nothing, is completed by the same again."""
    asked: dict[str, Any] = {
        "networks": names.networks(security_group_ids=names.groups[:2]),
        "ephemeral_disk": {"size": 20480, "delete_with_instance": False},
    }
    sim.add_fault(kind="lost", effect=False, nth=calls + 1, count=0)
    failed = vms.create(**asked)
    (made,) = vms.ids(Instance)
    assert made in failed.message
    sim.clear_faults()
    assert vms.make(**asked) == made
    assert vms.ids(Instance) == [made]
    assert vms.vm(made).status == "Running"
    assert sorted(vms.vm(made).security_group_ids) == sorted(names.groups[:2])
    disk = vms.data_disk(made)
    assert vms.settings(made)["disks"]["ephemeral"].endswith(disk.serial_number)
    assert not disk.delete_with_instance


def test_after_a_failure_that_was_cleaned_up(vms: Vms, sim: Simulator) -> None:
    """The cloud answers the dead VM's id for the old token: the same call makes a new VM."""
    sim.add_fault(kind="error", action="StartInstance", code="OperationDenied.NoStock", count=1)
    failed = vms.create()
    assert (failed.type, failed.ok_to_retry) == ("VMCreationFailed", True)
    assert vms.left() == {}
    cid = vms.make()
    assert vms.ids(Instance) == [cid]
    assert cid not in failed.message


def test_five_tries(vms: Vms, sim: Simulator) -> None:
    """The Director makes up to five tries with the same arguments: the last can still succeed."""
    sim.add_fault(kind="error", action="StartInstance", code="OperationDenied.NoStock", count=4)
    for _ in range(4):
        answer = vms.create()
        assert answer.ok_to_retry
        assert answer.message.count("VM '") == 1
    cid = vms.make()
    assert vms.ids(Instance) == [cid]


def test_after_delete_vm(vms: Vms, cpi: Cpi) -> None:
    """A VM that was deleted meanwhile is made anew."""
    first = vms.make()
    cpi.ok("delete_vm", first)
    second = vms.make()
    assert second != first
    assert vms.ids(Instance) == [second]


def test_a_new_vm_that_shows_late(vms: Vms, sim: Simulator) -> None:
    """A VM that lists show late is not taken for a dead one."""
    sim.set_pace(instance__listed=12)
    cid = vms.make()
    assert vms.ids(Instance) == [cid]
    assert len(sim.calls("CreateInstance")) == 1


def test_a_vm_that_drops_out_of_lists(vms: Vms, sim: Simulator) -> None:
    """A VM that lists have shown and then miss for some seconds is not gone."""
    sim.set_pace(instance__create=60)

    def hide() -> None:
        for vm in sim.world.all(Instance):
            waits = len(vms.cpi.clock.slept)
            vm.account = "1200000000000002" if waits in (6, 7) else sim.world.account

    vms.cpi.clock = Meanwhile(sim, hide)
    cid = vms.make()
    assert vms.ids(Instance) == [cid]
    assert sim.calls("DeleteInstance") == []


@pytest.mark.parametrize("nth", [1, 2])
def test_reads_that_are_throttled(vms: Vms, sim: Simulator, nth: int) -> None:
    """A VM that cannot be looked at for a minute is not taken for a dead one, nor thrown away."""
    sim.set_pace(instance__listed=5)
    sim.add_fault(
        kind="error",
        action="DescribeInstances",
        code="Throttling.User",
        nth=nth,
        count=6,
        headers={"x-acs-retry-after": "10000"},
    )
    cid = vms.make()
    assert vms.ids(Instance) == [cid]
    assert [call for call in sim.calls("DeleteInstance") if "DryRun" not in call["params"]] == []


def test_other_arguments_make_another_vm(vms: Vms, names: Names) -> None:
    """The token follows from the request: a changed one is never answered with the old VM."""
    first = vms.make(networks=names.networks(ip="10.0.1.10"))
    second = vms.make(networks=names.networks(ip="10.0.1.11"))
    assert first != second


def test_the_same_token_whatever_the_order(vms: Vms) -> None:
    """Tags and env arrive in any order: the same call is the same call."""
    env = {"bosh": {"tags": {"a": "1", "b": "2"}}}
    turned = {"bosh": {"tags": {"b": "2", "a": "1"}}}
    first = vms.make(env=env, tags={"x": "1", "y": "2"})
    assert vms.make(env=turned, tags={"y": "2", "x": "1"}) == first


def test_a_repeat_after_a_clean_failure_loses_no_time(vms: Vms) -> None:
    """The id of a deleted VM, which the first ClientToken still answers, is recognised soon."""
    vms.sim.add_fault(action="StartInstance", kind="error", code="OperationDenied.NoStock", count=1)
    assert vms.create().type == "VMCreationFailed"
    vms.sim.advance(SETTLING_SECONDS)

    before = vms.sim.world.clock.now()
    vms.make()
    assert vms.sim.world.clock.now() - before < 10


def test_a_start_whose_effect_cannot_be_read(vms: Vms, sim: Simulator) -> None:
    """The VM may have been started by this call, so it is deleted, not left to another one."""
    vms.cpi.ok("delete_vm", vms.make())
    actions = [call["action"] for call in sim.calls()]
    reads = actions[: actions.index("StartInstance")].count("DescribeInstances")
    sim.add_fault(kind="lost", action="StartInstance")
    sim.add_fault(
        kind="error",
        action="DescribeInstances",
        code="Forbidden.RAM",
        status=403,
        nth=reads + 1,
        count=2,
    )
    # A minute each time, so that the CPI looks once whether the VM was started.
    vms.cpi.clock = Meanwhile(sim, lambda: sim.advance(60))
    answer = vms.create(agent="agent-2")
    assert "Cleaned up: VM 'i-" in answer.message
    assert vms.left() == {}
