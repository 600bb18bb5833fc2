"""Calls about several instances at once, changes of a type, roles, and prices."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import LONG, create, instance, instances, quotas, running, status, stopped

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

FIRST = "ecs.g6.large"
LARGER = "ecs.g6.xlarge"


def numbered(*ids: str) -> dict[str, str]:
    """Write ids as InstanceId.N."""
    return {f"InstanceId__{number}": one for number, one in enumerate(ids, start=1)}


def test_start_stop_reboot_delete(cloud: Cloud) -> None:
    """Each call changes all; the answer tells the status before and after."""
    ids = [stopped(cloud) for _ in "ab"]
    (row, _) = cloud.ok("StartInstances", **numbered(*ids))["InstanceResponses"]["InstanceResponse"]
    assert row == {
        "Code": "200",
        "Message": "success",
        "InstanceId": ids[0],
        "PreviousStatus": "Stopped",
        "CurrentStatus": "Starting",
    }
    cloud.sim.advance(LONG)
    assert [status(cloud, one) for one in ids] == ["Running", "Running"]
    for action, during, after in (
        ("RebootInstances", "Starting", "Running"),
        ("StopInstances", "Stopping", "Stopped"),
    ):
        cloud.ok(action, **numbered(*ids))
        assert [status(cloud, one) for one in ids] == [during, during]
        cloud.sim.advance(LONG)
        assert [status(cloud, one) for one in ids] == [after, after]
    cloud.ok("DeleteInstances", **numbered(*ids))
    cloud.sim.advance(LONG)
    assert instances(cloud, *ids) == instances(cloud, *ids) == []


@pytest.mark.parametrize("action", ["StartInstances", "StopInstances", "RebootInstances"])
def test_all_or_none(cloud: Cloud, action: str) -> None:
    """One that cannot be changed keeps the others as they are, unless they go separately."""
    good = stopped(cloud) if action == "StartInstances" else running(cloud)
    bad = create(cloud)
    before = status(cloud, good)
    refused = cloud.call(action, **numbered(good, bad))
    assert (refused.status, refused.code) == (403, "IncorrectInstanceStatus")
    assert status(cloud, good) == before
    given = {**numbered(good, bad), "BatchOptimization": "SuccessFirst"}
    rows = cloud.ok(action, **given)["InstanceResponses"]["InstanceResponse"]
    assert [row["Code"] for row in rows] == ["200", "IncorrectInstanceStatus"]
    assert status(cloud, good) != before


def test_dry_runs_and_limits(cloud: Cloud) -> None:
    """A passed dry run has its own code here; at most 100 instances in a call."""
    instance_id = stopped(cloud)
    dry = cloud.call("StartInstances", **numbered(instance_id), DryRun="true")
    assert (dry.status, dry.code) == (400, "DRYRUN.SUCCESS")
    assert status(cloud, instance_id) == "Stopped"
    assert cloud.call("StopInstances", **numbered(instance_id), DryRun="true").status == 403
    unknown = cloud.call("DeleteInstances", **numbered(instance_id, "i-none"))
    assert (unknown.status, unknown.code) == (404, "InvalidInstanceIds.NotFound")
    assert status(cloud, instance_id) == "Stopped"
    odd = cloud.call("StartInstances", **numbered(instance_id), BatchOptimization="Odd")
    assert odd.code == "InvalidParameter"


def test_modify_the_type(cloud: Cloud, sim: Simulator) -> None:
    """Of a Stopped instance, with stock; the stock of the old type comes back."""
    sim.seed({"stock": [{"zone": "cn-beijing-h", "type": LARGER, "left": 1}]})
    instance_id = stopped(cloud)
    given = {"InstanceId": instance_id, "InstanceType": LARGER}
    assert cloud.call("ModifyInstanceSpec", **given, DryRun="true").code == "DryRunOperation"
    cloud.ok("ModifyInstanceSpec", **given)
    shown = instance(cloud, instance_id)
    assert (shown["InstanceType"], shown["Cpu"]) == (LARGER, 4)
    assert cloud.call("ModifyInstanceSpec", **{**given, "InstanceId": stopped(cloud)}).code == (
        "OperationDenied.NoStock"
    )
    cloud.ok("ModifyInstanceSpec", InstanceId=instance_id, InstanceType=FIRST)
    assert sim.state()["stock"] == [{"zone": "cn-beijing-h", "type": LARGER, "left": 1}]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"InstanceType": "ecs.none"}, "InvalidInstanceType.ValueNotSupported"),
        ({"InternetMaxBandwidthOut": "5"}, "InvalidParameter.Mismatch"),
        ({"InstanceType": None}, "MissingParameter"),
        ({"InstanceId": "i-none"}, "InvalidInstanceId.NotFound"),
        ({"InstanceType": None, "InternetMaxBandwidthOut": "500"}, "InvalidParameter"),
    ],
)
def test_modify_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """A wrong value is refused, and nothing changes."""
    instance_id = stopped(cloud)
    given = {"InstanceId": instance_id, "InstanceType": LARGER, **changed}
    assert cloud.call("ModifyInstanceSpec", **given).code == code
    assert instance(cloud, instance_id)["InstanceType"] == FIRST


def test_modify_a_running_instance(cloud: Cloud) -> None:
    """Not its type; its bandwidth, which brings a public address."""
    instance_id = running(cloud)
    refused = cloud.call("ModifyInstanceSpec", InstanceId=instance_id, InstanceType=LARGER)
    assert refused.code == "InvalidInstanceStatus.NotStopped"
    cloud.ok("ModifyInstanceSpec", InstanceId=instance_id, InternetMaxBandwidthOut="5")
    shown = instance(cloud, instance_id)
    assert shown["InternetMaxBandwidthOut"] == 5
    assert len(shown["PublicIpAddress"]["IpAddress"]) == 1


def test_a_public_address_is_given_once(cloud: Cloud) -> None:
    """To an instance that has a bandwidth and no address yet."""
    plain = stopped(cloud)
    refused = cloud.call("AllocatePublicIpAddress", InstanceId=plain)
    assert refused.code == "AllocateIpInvalidInstanceBandwidth"
    wide = stopped(cloud, InternetMaxBandwidthOut=5)
    address = cloud.ok("AllocatePublicIpAddress", InstanceId=wide)["IpAddress"]
    assert instance(cloud, wide)["PublicIpAddress"]["IpAddress"] == [address]
    again = cloud.call("AllocatePublicIpAddress", InstanceId=wide)
    assert (again.status, again.code) == (403, "AllocatedAlready")


def test_families(cloud: Cloud) -> None:
    """Each family of the region once, with its generation."""
    rows = cloud.ok("DescribeInstanceTypeFamilies")["InstanceTypeFamilies"]["InstanceTypeFamily"]
    families = [row["InstanceTypeFamilyId"] for row in rows]
    assert "ecs.g6" in families
    assert len(set(families)) == len(families)


def test_roles(cloud: Cloud) -> None:
    """A role is given to instances, shown, and taken away."""
    instance_id = stopped(cloud)
    given = {"InstanceIds": json.dumps([instance_id]), "RamRoleName": "bosh-instance"}
    assert cloud.ok("AttachInstanceRamRole", **given)["FailCount"] == 0
    (row,) = cloud.ok("DescribeInstanceRamRole", RamRoleName="bosh-instance")[
        "InstanceRamRoleSets"
    ]["InstanceRamRoleSet"]
    assert row == {"InstanceId": instance_id, "RamRoleName": "bosh-instance"}
    assert cloud.call("AttachInstanceRamRole", **{**given, "RamRoleName": "no"}).code == (
        "InvalidRamRole.NotFound"
    )
    cloud.ok("DetachInstanceRamRole", **given)
    (row,) = cloud.ok("DescribeInstanceRamRole", InstanceIds=given["InstanceIds"])[
        "InstanceRamRoleSets"
    ]["InstanceRamRoleSet"]
    assert row["RamRoleName"] == ""
    assert cloud.call("DescribeInstanceRamRole").code == "InvalidParameter.AllEmpty"


def price(cloud: Cloud, **params: Any) -> float:
    """Ask for a price."""
    return float(cloud.ok("DescribePrice", **params)["PriceInfo"]["Price"]["TradePrice"])


def test_prices_grow_with_what_is_asked_for(cloud: Cloud) -> None:
    """More time, more instances, more disks and larger types cost more; a spot instance less."""
    hour = price(cloud, InstanceType=FIRST)
    assert price(cloud, InstanceType=FIRST, Amount=2) == pytest.approx(2 * hour)
    assert price(cloud, InstanceType=FIRST, PriceUnit="Week") == pytest.approx(168 * hour)
    assert price(cloud, InstanceType=LARGER) > hour
    disk = {"DataDisk__1__Category": "cloud_essd", "DataDisk__1__Size": "100"}
    only = price(cloud, ResourceType="disk", **disk)
    assert price(cloud, InstanceType=FIRST, **disk) == pytest.approx(hour + only)
    assert price(cloud, InstanceType=FIRST, SpotStrategy="SpotAsPriceGo") < hour


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "InvalidInstanceType.Missing"),
        ({"InstanceType": "ecs.none"}, "InvalidInstanceType.ValueNotSupported"),
        ({"InstanceType": FIRST, "PriceUnit": "Day"}, "InvalidPriceUnit.ValueNotSupported"),
        ({"InstanceType": FIRST, "Period": "2"}, "InvalidPeriod"),
        ({"InstanceType": FIRST, "Amount": "1001"}, "InvalidAmount.Malformed"),
        ({"ResourceType": "disk"}, "InvalidDiskCategory.Missing"),
        ({"ResourceType": "x"}, "InvalidResourceType.ValueNotSupported"),
        ({"ResourceType": "ddh"}, "SimulatorUnsupported.ResourceType=ddh"),
        (
            {"InstanceType": FIRST, "SystemDisk__Category": "x"},
            "InvalidSystemDiskCategory.ValueNotSupported",
        ),
        (
            {"ResourceType": "disk", "DataDisk__1__Category": "cloud_essd"},
            "InvalidDataDiskSize.ValueNotSupported",
        ),
    ],
)
def test_price_refusals(cloud: Cloud, given: dict[str, Any], code: str) -> None:
    """What has no price is refused."""
    assert cloud.call("DescribePrice", **given).code == code


def test_a_group_of_instances_is_quickly_gone(cloud: Cloud, sim: Simulator) -> None:
    """RunInstances makes several, DeleteInstances releases them with force."""
    quotas(sim, instance__count=5)
    ids = [running(cloud) for _ in "ab"]
    cloud.ok("DeleteInstances", **numbered(*ids), Force="true")
    cloud.sim.advance(LONG)
    gone_ids = [one for one in ids if not status(cloud, one)]
    assert gone_ids == ids


def test_the_network_of_an_instance(cloud: Cloud) -> None:
    """Its bandwidth and charge change; an address comes if it is asked for."""
    instance_id = running(cloud)
    given = {"InstanceId": instance_id, "InternetMaxBandwidthOut": "5"}
    cloud.ok("ModifyInstanceNetworkSpec", **given, NetworkChargeType="PayByBandwidth")
    shown = instance(cloud, instance_id)
    assert (shown["InternetMaxBandwidthOut"], shown["InternetChargeType"]) == (5, "PayByBandwidth")
    assert shown["PublicIpAddress"]["IpAddress"] == []
    cloud.ok("ModifyInstanceNetworkSpec", **given, AllocatePublicIp="true")
    assert len(instance(cloud, instance_id)["PublicIpAddress"]["IpAddress"]) == 1
    wrong = cloud.call("ModifyInstanceNetworkSpec", **{**given, "InternetMaxBandwidthOut": "500"})
    assert wrong.code == "InvalidBandwidth.ValueNotSupported"


def test_maintenance(cloud: Cloud) -> None:
    """What is done with an instance when its host is maintained; it is in no private pool."""
    instance_id = stopped(cloud)
    given = {"InstanceId__1": instance_id, "ActionOnMaintenance": "Stop"}
    cloud.ok("ModifyInstanceMaintenanceAttributes", **given)
    (row,) = cloud.ok("DescribeInstanceMaintenanceAttributes", InstanceId__1=instance_id)[
        "MaintenanceAttributes"
    ]["MaintenanceAttribute"]
    assert row["ActionOnMaintenance"]["Value"] == "Stop"
    wrong = cloud.call(
        "ModifyInstanceMaintenanceAttributes", **{**given, "ActionOnMaintenance": "x"}
    )
    assert (wrong.status, wrong.code) == (403, "InvalidParameter")
    ids = json.dumps([instance_id])
    (pool,) = cloud.ok("DescribeInstanceAttachmentAttributes", InstanceIds=ids)["Instances"][
        "Instance"
    ]
    assert pool["PrivatePoolOptionsMatchCriteria"] == "Open"
