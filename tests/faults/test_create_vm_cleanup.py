"""Taking back a VM that failed: also while the cloud is slow, and never in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.enis.record import Eni
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.ecs.instances.release import release
from support.connections import Connections
from support.vms import Meanwhile

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.vms import Vms

NO_STOCK: dict[str, Any] = {
    "kind": "error",
    "action": "StartInstance",
    "code": "OperationDenied.NoStock",
}
FORBIDDEN: dict[str, Any] = {"kind": "error", "code": "Forbidden.RAM", "status": 403, "count": 0}


def test_what_stays_is_named(vms: Vms, sim: Simulator) -> None:
    """A VM that cannot be deleted is named, with the reason; no repeat may make a second one."""
    sim.add_fault(**NO_STOCK)
    sim.add_fault(action="DeleteInstance", **FORBIDDEN)
    answer = vms.create()
    (left,) = vms.ids(Instance)
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", False)
    assert "StartInstance" in answer.message
    assert f"LEFT BEHIND, delete by hand: VM '{left}' (DeleteInstance of " in answer.message


def test_what_stays_after_a_wait_is_named(vms: Vms, sim: Simulator) -> None:
    """Where the wait for Running ran out, and the VM stays, a repeat is not offered either."""
    sim.set_pace(instance__start=5000)
    sim.add_fault(action="DeleteInstance", **FORBIDDEN)
    answer = vms.create()
    (left,) = vms.ids(Instance)
    assert "Gave up waiting for VM" in answer.message
    assert f"LEFT BEHIND, delete by hand: VM '{left}'" in answer.message
    assert not answer.ok_to_retry


def test_a_vm_that_does_not_start_in_time(vms: Vms, sim: Simulator) -> None:
    """A VM that never runs is taken back, and worth another try."""
    sim.set_pace(instance__start=650)
    answer = vms.create()
    assert "Gave up waiting for VM" in answer.message
    assert "last state: Starting" in answer.message
    assert "Cleaned up: VM 'i-" in answer.message
    assert answer.ok_to_retry
    assert vms.left() == {}


def test_a_vm_that_is_not_made_in_time(vms: Vms, sim: Simulator) -> None:
    """A VM that stays Pending is taken back as soon as the cloud lets it."""
    sim.set_pace(instance__create=660)
    answer = vms.create()
    assert "last state: Pending" in answer.message
    assert answer.ok_to_retry
    assert vms.left() == {}


def test_a_disk_that_does_not_show(vms: Vms, sim: Simulator) -> None:
    """Without its ephemeral disk a VM cannot be handed over: it is taken back."""
    sim.set_pace(disk__listed=300)
    answer = vms.create(ephemeral_disk={"size": 20480})
    assert "the ephemeral disk of VM 'i-" in answer.message
    assert vms.left() == {}


def test_a_vm_that_is_locked(vms: Vms, sim: Simulator) -> None:
    """A VM that the cloud locks for security will never start: the wait ends at once."""
    sim.set_pace(instance__create=30)

    def lock() -> None:
        for vm in sim.world.all(Instance):
            vm.locks = ["security"]

    vms.cpi.clock = Meanwhile(sim, lock)
    begin = sim.world.clock.now()
    answer = vms.create()
    assert "locked by the cloud for security" in answer.message
    assert "LEFT BEHIND" in answer.message
    assert sim.world.clock.now() - begin < 60


def test_a_vm_that_vanishes(vms: Vms, sim: Simulator) -> None:
    """A VM that somebody deletes while it is being made ends the wait soon."""
    sim.set_pace(instance__create=300)

    def vanish() -> None:
        for vm in sim.world.all(Instance):
            if len(vms.cpi.clock.slept) > 5:
                release(sim.world, vm)

    vms.cpi.clock = Meanwhile(sim, vanish)
    begin = sim.world.clock.now()
    answer = vms.create()
    assert "is gone" in answer.message
    assert sim.world.clock.now() - begin < 60
    assert vms.left() == {}


def test_lists_that_never_show_a_vm(vms: Vms, sim: Simulator) -> None:
    """An identity whose lists stay empty, as without permission, makes no VM that stays."""
    sim.set_pace(instance__listed=100_000)
    answer = vms.create()
    assert "was ever listed" in answer.message
    assert vms.left() == {}


def test_a_disk_that_does_not_let_it_start_yet(vms: Vms, sim: Simulator) -> None:
    """A VM that does not start because of a disk's state is started a little later."""
    sim.add_fault(kind="error", action="StartInstance", code="DiskError", status=403, count=4)
    assert vms.vm(vms.make()).status == "Running"


@pytest.mark.parametrize("kept", [True, False])
def test_an_ephemeral_disk_that_was_to_outlive_its_vm(
    vms: Vms, sim: Simulator, *, kept: bool
) -> None:
    """The ephemeral disk of a VM that failed goes with it, whatever delete_with_instance says."""
    sim.add_fault(**NO_STOCK)
    vms.create(ephemeral_disk={"size": 20480, "delete_with_instance": not kept})
    assert vms.left() == {}


def test_an_interface_that_stays(vms: Vms, sim: Simulator) -> None:
    """The primary interface is listed a moment longer than its VM: that is waited for."""
    sim.set_pace(eni__release=20)
    sim.add_fault(**NO_STOCK)
    answer = vms.create()
    assert answer.ok_to_retry
    assert vms.ids(Eni) == []
    assert sim.calls("DeleteNetworkInterface") == []
    assert vms.vm(vms.make()).private_ip == "10.0.1.10"


def test_an_interface_that_cannot_be_deleted(vms: Vms, sim: Simulator) -> None:
    """A primary interface that stays is named: it keeps the address taken."""
    sim.seed({"settings": {"instance.leaves_primary_eni": True}})
    sim.add_fault(**NO_STOCK)
    answer = vms.create()
    (left,) = vms.ids(Eni)
    assert left in answer.message
    assert "LEFT BEHIND" in answer.message
    assert not answer.ok_to_retry


def test_a_subscription(vms: Vms, sim: Simulator) -> None:
    """A subscription that may not end early is named: it goes on costing."""
    sim.add_fault(**NO_STOCK)
    answer = vms.create(charge_type="PrePaid", charge_period=1)
    (left,) = vms.ids(Instance)
    assert f"LEFT BEHIND, delete by hand: VM '{left}'" in answer.message
    assert "ChargeTypeViolation" in answer.message
    assert not answer.ok_to_retry


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost"},
        {"kind": "lost", "effect": False},
        {"kind": "html"},
        {"kind": "error", "code": "Throttling.User", "count": 5},
        {"kind": "error", "code": "InternalError", "status": 500, "count": 2},
    ],
    ids=["lost after", "lost before", "html", "throttled", "internal"],
)
@pytest.mark.parametrize(
    "action", ["DeleteInstance", "DescribeInstances", "DescribeNetworkInterfaces"]
)
def test_trouble_while_cleaning_up(
    vms: Vms, sim: Simulator, action: str, fault: dict[str, Any]
) -> None:
    """Trouble that passes does not end a clean-up."""
    sim.add_fault(**NO_STOCK)
    nth = {"DescribeInstances": 5}.get(action, 1)
    sim.add_fault(action=action, nth=nth, **fault)
    answer = vms.create()
    assert "StartInstance" in answer.message
    assert "Cleaned up: VM 'i-" in answer.message
    assert answer.ok_to_retry
    assert vms.left() == {}


@pytest.mark.parametrize("action", ["ListServerGroupServers", "RemoveServersFromServerGroup"])
def test_load_balancers_that_do_not_let_go(vms: Vms, sim: Simulator, action: str) -> None:
    """A VM that cannot be taken out of a server group is deleted all the same."""
    group, _ = Connections(sim).nlb_groups
    wanted = [{"server_group_id": group, "port": 80}]
    disk = {"size": 20480, "delete_with_instance": False}
    sim.add_fault(**{**FORBIDDEN, "action": "ModifyDiskAttribute"})
    sim.add_fault(**{**FORBIDDEN, "action": action, "code": "OperationDenied"})
    answer = vms.create(nlb_server_groups=wanted, ephemeral_disk=disk)
    assert answer.message.startswith("ModifyDiskAttribute of ")
    assert "Cleaned up: VM 'i-" in answer.message
    assert vms.left() == {}


def test_a_bug_after_the_vm_was_made(vms: Vms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an error of this program takes the VM back."""
    from alicloud_cpi.services.agent_settings import AgentSettings

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(AgentSettings, "write", broken)
    answer = vms.create()
    assert answer.type == "CpiError"
    assert "ZeroDivisionError" in answer.message
    assert vms.left() == {}
