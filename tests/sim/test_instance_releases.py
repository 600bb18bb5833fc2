"""DeleteInstance: when it is refused, how long it takes, what it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import (
    LONG,
    address,
    create,
    eni,
    enis,
    free_eni,
    gone,
    instance,
    order,
    running,
    settings,
    status,
    statuses,
    stopped,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

MONTH = 31 * 86400.0


def test_release_takes_time(cloud: Cloud) -> None:
    """A released instance is listed once more, then not any more; then it is unknown."""
    instance_id = stopped(cloud)
    cloud.ok("DeleteInstance", InstanceId=instance_id)
    assert statuses(cloud, instance_id) == ["Stopped", ""]
    refused = cloud.call("DeleteInstance", InstanceId=instance_id)
    assert (refused.code, refused.status) == ("InvalidInstanceId.NotFound", 404)


def test_statuses(cloud: Cloud) -> None:
    """Stopped instances can be released, Running ones with Force, others not."""
    pending = create(cloud)
    refused = cloud.call("DeleteInstance", InstanceId=pending, Force="true")
    assert refused.code == "IncorrectInstanceStatus.Initializing"
    active = running(cloud)
    assert cloud.call("DeleteInstance", InstanceId=active).code == "IncorrectInstanceStatus"
    cloud.ok("StopInstance", InstanceId=active)
    for force in ("true", "false"):
        refused = cloud.call("DeleteInstance", InstanceId=active, Force=force)
        assert refused.code == "IncorrectInstanceStatus"
    cloud.sim.advance(LONG)
    cloud.ok("StartInstance", InstanceId=active)
    cloud.sim.advance(LONG)
    cloud.ok("DeleteInstance", InstanceId=active, Force="true")
    assert statuses(cloud, active) == ["Stopped", ""]


def test_orderly_stop_first(cloud: Cloud, sim: Simulator) -> None:
    """Force with ForceStop=false stops in an orderly way first, which may hang."""
    first, second = running(cloud), running(cloud, InstanceName="deaf")
    settings(sim, instance__stop_hangs="deaf")
    for instance_id in (first, second):
        cloud.ok("DeleteInstance", InstanceId=instance_id, Force="true", ForceStop="false")
    assert statuses(cloud, first) == ["Stopping", "Stopped", ""]
    sim.advance(LONG)
    assert statuses(cloud, second) == ["Stopping"]


def test_nothing_else_while_being_released(cloud: Cloud) -> None:
    """No change is taken while the instance is being released."""
    instance_id = stopped(cloud)
    cloud.ok("DeleteInstance", InstanceId=instance_id)
    for action, params in (
        ("DeleteInstance", {}),
        ("StartInstance", {}),
        ("ModifyInstanceAttribute", {"InstanceName": "other"}),
    ):
        refused = cloud.call(action, InstanceId=instance_id, **params)
        assert (refused.code, refused.status) == ("OperationConflict", 409)


def test_not_while_a_disk_moves(cloud: Cloud, sim: Simulator) -> None:
    """An instance is not released while a disk is being attached to it."""
    instance_id = stopped(cloud)
    cloud.ok("AttachDisk", InstanceId=instance_id, DiskId=cloud.settled_disk())
    assert cloud.call("DeleteInstance", InstanceId=instance_id).code == "OperationConflict"
    sim.advance(LONG)
    cloud.ok("DeleteInstance", InstanceId=instance_id)


def test_protection(cloud: Cloud) -> None:
    """A protected instance is released only once the protection is taken off."""
    instance_id = stopped(cloud, DeletionProtection="true")
    refused = cloud.call("DeleteInstance", InstanceId=instance_id, Force="true")
    assert (refused.code, refused.status) == ("InvalidOperation.DeletionProtection", 403)
    cloud.ok("ModifyInstanceAttribute", InstanceId=instance_id, DeletionProtection="false")
    gone(cloud, instance_id)


def test_subscription(cloud: Cloud, sim: Simulator) -> None:
    """A subscription is released when it is over and TerminateSubscription says so."""
    instance_id = stopped(cloud, InstanceChargeType="PrePaid", Period=1)
    given = {"InstanceId": instance_id, "Force": "true"}
    ended = {**given, "TerminateSubscription": "true"}
    assert cloud.call("DeleteInstance", **ended).code == "ChargeTypeViolation"
    sim.advance(MONTH)
    refused = cloud.call("DeleteInstance", **given)
    assert (refused.code, refused.status) == ("ChargeTypeViolation", 403)
    cloud.ok("DeleteInstance", **ended)


def test_dry_run(cloud: Cloud) -> None:
    """A dry run releases nothing."""
    instance_id = stopped(cloud)
    assert cloud.call("DeleteInstance", InstanceId=instance_id, DryRun="true").code == (
        "DryRunOperation"
    )
    assert statuses(cloud, instance_id) == ["Stopped"]


def test_disks(cloud: Cloud, sim: Simulator) -> None:
    """Disks go with DeleteWithInstance, others stay, Available; attached ones stay."""
    disks = {"DataDisk.1.Size": 20, "DataDisk.2.Size": 30, "DataDisk.2.DeleteWithInstance": "false"}
    instance_id = stopped(cloud, **disks)
    attached = cloud.settled_disk(Size=50)
    cloud.ok("AttachDisk", InstanceId=instance_id, DiskId=attached)
    sim.advance(LONG)
    gone(cloud, instance_id)
    left = cloud.disks()
    assert sorted(disk["Size"] for disk in left) == [30, 50]
    assert {(disk["Status"], disk["InstanceId"], disk["Device"]) for disk in left} == {
        ("Available", "", "")
    }


def test_disks_of_a_locked_instance(cloud: Cloud, sim: Simulator) -> None:
    """Locked for security, all disks go, also those that were to stay."""
    disks = {"DataDisk.1.Size": 30, "DataDisk.1.DeleteWithInstance": "false"}
    instance_id = stopped(cloud, **disks)
    cloud.ok("DeleteInstance", InstanceId=instance_id)
    settings(sim, instance__locks={instance_id: ["security"]})
    sim.advance(LONG)
    assert cloud.disks() == []


def test_manual_snapshots_stay(cloud: Cloud, sim: Simulator) -> None:
    """Snapshots of a released disk stay."""
    instance_id = running(cloud)
    (disk,) = cloud.disks(InstanceId=instance_id)
    cloud.ok("CreateSnapshot", DiskId=disk["DiskId"])
    sim.advance(LONG)
    gone(cloud, instance_id, Force="true")
    assert cloud.disks() == []
    assert cloud.ok("DescribeSnapshots")["TotalCount"] == 1


def test_interfaces(cloud: Cloud, sim: Simulator) -> None:
    """The primary interface goes; secondary ones go or stay by DeleteOnRelease."""
    instance_id = running(cloud, InstanceType="ecs.g6.xlarge")
    going, staying = free_eni(cloud), free_eni(cloud, DeleteOnRelease="false")
    for eni_id in (going, staying):
        cloud.ok("AttachNetworkInterface", InstanceId=instance_id, NetworkInterfaceId=eni_id)
        sim.advance(LONG)
    gone(cloud, instance_id, Force="true")
    # The primary one is listed for a moment after its instance.
    assert len(enis(cloud)) == 2
    sim.advance(LONG)
    (left,) = enis(cloud)
    assert left["NetworkInterfaceId"] == staying
    assert (left["Status"], left["InstanceId"]) == ("Available", "")


@pytest.mark.parametrize(
    ("setting", "kind"),
    [("instance__leaves_primary_eni", "Primary"), ("instance__leaves_secondary_enis", "Secondary")],
)
def test_interfaces_left_behind(cloud: Cloud, sim: Simulator, setting: str, kind: str) -> None:
    """By a setting a release leaves interfaces behind; only secondary ones can be deleted."""
    settings(sim, **{setting: ["vm-*"]})
    instance_id = running(cloud, InstanceName="vm-1")
    secondary = free_eni(cloud)
    cloud.ok("AttachNetworkInterface", InstanceId=instance_id, NetworkInterfaceId=secondary)
    sim.advance(LONG)
    gone(cloud, instance_id, Force="true")
    sim.advance(LONG)
    (left,) = enis(cloud)
    assert (left["Type"], left["Status"], left["InstanceId"]) == (kind, "Available", "")
    taken = order(PrivateIpAddress=left["PrivateIpAddress"])
    assert cloud.call("CreateInstance", **taken).code == "InvalidIPAddress.AlreadyUsed"
    delete = {"NetworkInterfaceId": left["NetworkInterfaceId"]}
    if kind == "Primary":
        refused = cloud.call("DeleteNetworkInterface", **delete)
        assert refused.code == "InvalidOperation.InvalidEniType"
        return
    cloud.ok("DeleteNetworkInterface", **delete)
    assert eni(cloud, left["NetworkInterfaceId"])["Status"] == "Deleting"
    assert enis(cloud) == []
    cloud.ok("CreateInstance", **taken)


def test_address(cloud: Cloud, sim: Simulator) -> None:
    """The address is taken while the instance is there and for a while afterwards."""
    sim.set_pace(address__release=10)
    instance_id = stopped(cloud, PrivateIpAddress="10.0.1.77")
    again: dict[str, Any] = order(PrivateIpAddress="10.0.1.77")
    refused = cloud.call("CreateInstance", **again)
    assert (refused.code, refused.status) == ("InvalidIPAddress.AlreadyUsed", 400)
    refused = cloud.call("RunInstances", **again)
    assert refused.code == "InvalidPrivateIpAddress.Duplicated"
    gone(cloud, instance_id)
    sim.advance(9)
    refused = cloud.call("CreateInstance", **again)
    assert (refused.code, refused.status) == ("InvalidPrivateIpAddress.Duplicated", 400)
    sim.advance(2)
    new = cloud.ok("CreateInstance", **again)["InstanceId"]
    sim.advance(LONG)
    assert address(cloud, new) == "10.0.1.77"


def test_eip_is_unbound(cloud: Cloud, sim: Simulator) -> None:
    """The EIP of a released instance stays, Available."""
    sim.seed({"eip": [{"id": "eip-1", "ip_address": "47.1.2.3"}]})
    instance_id = running(cloud)
    cloud.ok("AssociateEipAddress", AllocationId="eip-1", InstanceId=instance_id)
    sim.advance(LONG)
    assert instance(cloud, instance_id)["EipAddress"]["IpAddress"] == "47.1.2.3"
    attributes = cloud.ok("DescribeInstanceAttribute", InstanceId=instance_id)
    assert attributes["EipAddress"]["AllocationId"] == "eip-1"
    found = cloud.ok("DescribeInstances", EipAddresses='["47.1.2.3"]')
    assert found["TotalCount"] == 1
    gone(cloud, instance_id, Force="true")
    sim.advance(LONG)
    assert sim.state()["records"]["eip"]["eip-1"]["status"] == "Available"


def test_stock_comes_back(cloud: Cloud, sim: Simulator) -> None:
    """A released instance can be sold again."""
    sim.seed({"stock": [{"zone": "cn-beijing-h", "type": "ecs.g6.large", "left": 1}]})
    instance_id = stopped(cloud)
    assert cloud.call("CreateInstance", **order()).code == "OperationDenied.NoStock"
    gone(cloud, instance_id)
    new = create(cloud)
    assert status(cloud, new) == ""
