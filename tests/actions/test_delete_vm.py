"""delete_vm: the VM goes, with what is its own; persistent disks stay and are free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.enis.record import Eni
from alicloud_sim.ecs.instances.record import Instance

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

FORBIDDEN: dict[str, Any] = {"kind": "error", "code": "Forbidden.RAM", "status": 403, "count": 0}


def test_everything_of_its_own_goes(vms: Vms, cpi: Cpi) -> None:
    """With the VM go its system disk, its ephemeral disk and its network interface."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    assert cpi.ok("delete_vm", cid) is None
    assert (vms.ids(Instance), vms.ids(Disk), vms.ids(Eni)) == ([], [], [])


def test_twice(vms: Vms, cpi: Cpi) -> None:
    """A VM that is gone already is fine."""
    cid = vms.make()
    cpi.ok("delete_vm", cid)
    cpi.ok("delete_vm", cid)


@pytest.mark.parametrize("cid", ["i-2zenever0000000000000", "nonsense", "i-1 or 1=1", '"]'])
def test_a_vm_that_never_was(cpi: Cpi, cid: str) -> None:
    """A cid that nobody knows is a VM that is gone."""
    cpi.ok("delete_vm", cid)


@pytest.mark.parametrize("cid", ["", " ", None, 5])
def test_bad_cid(cpi: Cpi, sim: Simulator, cid: object) -> None:
    """A cid has to be a text that is not empty: an empty filter would fit every VM."""
    answer = cpi.call("delete_vm", cid)
    assert answer.type == "CpiError"
    assert "vm_cid" in answer.message
    assert sim.calls() == []


@pytest.mark.parametrize("status", ["Running", "Stopped"])
def test_in_any_state(vms: Vms, cpi: Cpi, status: str) -> None:
    """A VM is deleted whether it runs or not."""
    cid = vms.make()
    vms.vm(cid).status = status
    cpi.ok("delete_vm", cid)
    assert vms.ids(Instance) == []


@pytest.mark.parametrize("status", ["Pending", "Starting", "Stopping"])
def test_in_between(vms: Vms, cpi: Cpi, status: str) -> None:
    """A VM that the cloud is still at work on, which it does not delete yet, is waited for."""
    cid = vms.make()
    vms.vm(cid).status = status
    vms.becomes(cid, "Stopped", seconds=30)
    cpi.ok("delete_vm", cid)
    assert vms.ids(Instance) == []


def test_persistent_disks_stay(vms: Vms, cpi: Cpi) -> None:
    """Attached persistent disks are kept, and Available when delete_vm returns."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    kept = [vms.attached(cid, number) for number in range(3)]
    cpi.ok("delete_vm", cid)
    assert vms.ids(Disk) == kept
    for disk in vms.sim.world.all(Disk):
        assert (disk.status, disk.instance_id) == ("Available", "")


def test_persistent_disks_that_somebody_marked(vms: Vms, cpi: Cpi) -> None:
    """A persistent disk stays also where somebody set DeleteWithInstance=true on it."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    kept = vms.attached(cid, delete_with_instance=True)
    cpi.ok("delete_vm", cid)
    assert vms.ids(Disk) == [kept]


def test_the_first_data_disk_of_a_vm_without_ephemeral(vms: Vms, cpi: Cpi) -> None:
    """Where a VM has no ephemeral disk, its first data disk is a persistent one, too."""
    cid = vms.make()
    ours = vms.attached(cid, device="/dev/xvdb", delete_with_instance=True)
    cpi.ok("delete_vm", cid)
    assert vms.ids(Disk) == [ours]


def test_a_disk_of_another_cpi_on_a_vm_of_ours(vms: Vms, cpi: Cpi) -> None:
    """A disk that the Go CPI made carries no mark: on a VM of ours it is persistent."""
    cid = vms.make()
    theirs = vms.attached(cid, device="/dev/xvdb", delete_with_instance=True, description="")
    assert cpi.ok("get_disks", cid) == [theirs]
    cpi.ok("delete_vm", cid)
    assert vms.ids(Disk) == [theirs]


def test_a_vm_of_the_go_cpi(vms: Vms, cpi: Cpi) -> None:
    """Disks of a VM that the Go CPI made: the first data device is the VM's own, if it says so."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    vms.vm(cid).description = ""
    own = vms.data_disk(cid)
    own.description = ""
    kept = [
        vms.attached(cid, 0, description="", delete_with_instance=False),
        vms.attached(cid, 1, description="", delete_with_instance=True),
    ]
    assert sorted(cpi.ok("get_disks", cid)) == sorted(kept)
    cpi.ok("delete_vm", cid)
    assert vms.ids(Disk) == kept


def test_a_vm_of_the_go_cpi_without_ephemeral_disk(vms: Vms, cpi: Cpi) -> None:
    """A first data device that outlives its VM is no ephemeral disk."""
    cid = vms.make()
    vms.vm(cid).description = ""
    kept = vms.attached(cid, device="/dev/xvdb", description="", delete_with_instance=False)
    cpi.ok("delete_vm", cid)
    assert vms.ids(Disk) == [kept]


def test_an_ephemeral_disk_that_was_to_stay(vms: Vms, cpi: Cpi) -> None:
    """ephemeral_disk.delete_with_instance: false keeps the disk, as the operator wanted."""
    cid = vms.make(ephemeral_disk={"size": 20480, "delete_with_instance": False})
    kept = vms.data_disk(cid).id
    cpi.ok("delete_vm", cid)
    assert vms.ids(Disk) == [kept]


def test_a_disk_that_cannot_be_kept(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A disk that would go with the VM against our will keeps the VM from being deleted."""
    cid = vms.make()
    disk = vms.attached(cid, delete_with_instance=True)
    sim.add_fault(action="ModifyDiskAttribute", **FORBIDDEN)
    answer = cpi.call("delete_vm", cid)
    assert answer.type == "CloudError"
    assert disk in answer.message
    assert vms.vm(cid).status == "Running"


def test_disks_that_cannot_be_read(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """Without a look at its disks no VM is deleted."""
    cid = vms.make()
    sim.add_fault(action="DescribeDisks", **FORBIDDEN)
    assert cpi.call("delete_vm", cid).type == "CloudError"
    assert vms.vm(cid).status == "Running"


def test_a_disk_that_is_being_detached(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A detach that is under way is waited for: the disk is Available at the end."""
    sim.set_pace(disk__detach=20)
    cid = vms.make()
    disk = cpi.ok("create_disk", 20480, {"category": "cloud_essd"}, cid)
    cpi.ok("attach_disk", cid, disk)
    sim.add_fault(action="DescribeDisks", nth=2, **{**FORBIDDEN, "count": 1})
    assert cpi.call("detach_disk", cid, disk).type == "CloudError"
    record = sim.world.get(Disk, disk)
    assert record is not None
    assert record.status == "Detaching"
    cpi.ok("delete_vm", cid)
    assert (vms.ids(Disk), record.status) == ([disk], "Available")


def test_lists_that_lag(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """With lists seconds behind the truth, delete_vm still returns after the VM is gone."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    kept = vms.attached(cid, 1, delete_with_instance=True)
    sim.set_lag(4)
    sim.set_pace(instance__delete=10)
    cpi.ok("delete_vm", cid)
    assert (vms.ids(Instance), vms.ids(Disk)) == ([], [kept])


def test_slow_release(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """delete_vm returns only when the VM is gone, however long that takes."""
    sim.set_pace(instance__delete=300)
    cid = vms.make()
    cpi.ok("delete_vm", cid)
    assert vms.ids(Instance) == []


def test_interfaces_that_stay(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A second interface that should have gone is deleted; the primary one vanishes late."""
    sim.set_pace(eni__release=20)
    sim.seed({"settings": {"instance.leaves_secondary_enis": True}})
    cid = vms.make()
    second = vms.second_interface(cid)
    cpi.ok("delete_vm", cid)
    assert vms.ids(Eni) == []
    deleted = [call["params"]["NetworkInterfaceId"] for call in sim.calls("DeleteNetworkInterface")]
    assert deleted == [second]
    assert vms.vm(vms.make(agent="agent-2")).private_ip == "10.0.1.10"


def test_an_interface_of_somebody_else(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """An interface that an operator attached to outlive the VM is not deleted."""
    cid = vms.make()
    kept = vms.second_interface(cid, delete_on_release=False)
    cpi.ok("delete_vm", cid)
    sim.advance(10)
    sim.state()
    assert vms.ids(Eni) == [kept]


def test_an_interface_that_cannot_be_deleted(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A primary interface that stays is named in the log: the VM is gone, so the call succeeds."""
    sim.seed({"settings": {"instance.leaves_primary_eni": True}})
    cid = vms.make()
    answer = cpi.call("delete_vm", cid)
    (left,) = vms.ids(Eni)
    assert answer.error is None
    assert f"Network interface {left} of a deleted VM may remain" in answer.stderr
    assert vms.ids(Instance) == []


def test_interfaces_that_cannot_be_read(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """Without the permission to look for leftovers a VM is deleted; the log says so."""
    sim.add_fault(action="DescribeNetworkInterfaces", **FORBIDDEN)
    cid = vms.make()
    answer = cpi.call("delete_vm", cid)
    assert answer.error is None
    assert "WARNING" in answer.stderr
    assert vms.ids(Instance) == []


def test_subscription_that_is_over(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A subscription that has run out is terminated with the VM."""
    cid = vms.make(charge_type="PrePaid", charge_period=1, charge_period_unit="Week")
    sim.advance(8 * 86400)
    cpi.ok("delete_vm", cid)
    assert vms.ids(Instance) == []


def test_subscription_that_goes_on(vms: Vms, cpi: Cpi) -> None:
    """A subscription that may not end early is a clear error; the VM is left as it is."""
    cid = vms.make(charge_type="PrePaid", charge_period=1)
    answer = cpi.call("delete_vm", cid)
    assert answer.type == "CloudError"
    assert f"VM '{cid}' is a subscription (PrePaid)" in answer.message
    assert "ChargeTypeViolation" in answer.message
    assert vms.vm(cid).status == "Running"


def test_locked_for_security(vms: Vms, cpi: Cpi) -> None:
    """A VM that the cloud has locked is refused; its disks stay."""
    cid = vms.make()
    disk = vms.attached(cid)
    vms.vm(cid).locks = ["security"]
    answer = cpi.call("delete_vm", cid)
    assert "InstanceLockedForSecurity" in answer.message
    assert disk in vms.ids(Disk)
