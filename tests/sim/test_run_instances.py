"""RunInstances: several instances at once, started by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import (
    GROUP,
    GROUP_EXTRA,
    LONG,
    address,
    instance,
    instances,
    order,
    quotas,
    statuses,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def run(cloud: Cloud, **changed: Any) -> list[str]:
    """Make instances with RunInstances; give their ids."""
    return list(cloud.ok("RunInstances", **order(**changed))["InstanceIdSets"]["InstanceIdSet"])


def test_statuses(cloud: Cloud) -> None:
    """An instance is Pending, Starting, Running, without a call to start it."""
    (instance_id,) = run(cloud)
    assert statuses(cloud, instance_id) == ["", "Pending", "Starting", "Running"]
    assert instance(cloud, instance_id)["StartTime"] != ""


def test_public_address(cloud: Cloud) -> None:
    """Outgoing bandwidth brings a public address of its own."""
    first, second = run(cloud, Amount=2, InternetMaxBandwidthOut=5)
    cloud.sim.advance(LONG)
    ips = [instance(cloud, i)["PublicIpAddress"]["IpAddress"] for i in (first, second)]
    assert len(ips[0]) == len(ips[1]) == 1
    assert ips[0] != ips[1]
    shown = instances(cloud, PublicIpAddresses=f'["{ips[0][0]}"]')
    assert [row["InstanceId"] for row in shown] == [first]


def test_several(cloud: Cloud) -> None:
    """Amount makes so many, each with its own address, disks and interface."""
    made = run(cloud, Amount=3, DataDisk__1__Size=20)
    cloud.sim.advance(LONG)
    instances(cloud)
    cloud.sim.advance(LONG)
    assert len({address(cloud, i) for i in made}) == 3
    assert len(cloud.disks()) == 6


def test_groups(cloud: Cloud) -> None:
    """Several groups can be given instead of one."""
    several = {"SecurityGroupIds.1": GROUP, "SecurityGroupIds.2": GROUP_EXTRA}
    (instance_id,) = run(cloud, SecurityGroupId=None, **several)
    cloud.sim.advance(LONG)
    shown = instance(cloud, instance_id)["SecurityGroupIds"]["SecurityGroupId"]
    assert shown == [GROUP, GROUP_EXTRA]


def test_encrypted_system_disk(cloud: Cloud, sim: Simulator) -> None:
    """The system disk can be encrypted here, with a key."""
    key = sim.state()["constants"]["cn-beijing.kms_key"]
    given = {"SystemDisk.Encrypted": "true", "SystemDisk.KMSKeyId": key}
    run(cloud, **given)
    (disk,) = cloud.disks()
    assert (disk["Encrypted"], disk["KMSKeyId"]) == (True, key)


def test_encrypted_image(cloud: Cloud, sim: Simulator) -> None:
    """An encrypted image makes an encrypted disk; another key may be given, no plain disk."""
    key = sim.state()["constants"]["cn-beijing.kms_key"]
    sim.seed({"image": [{"id": "m-secret", "encrypted": True}]})
    refused = cloud.call("RunInstances", **order(ImageId="m-secret", SystemDisk__Encrypted="false"))
    assert refused.code == "InvalidEncrypted.NotMatchSnapshot"
    run(cloud, ImageId="m-secret", SystemDisk__KMSKeyId=key)
    (disk,) = cloud.disks()
    assert (disk["Encrypted"], disk["KMSKeyId"]) == (True, key)


def test_auto_disk(cloud: Cloud) -> None:
    """AutoPL disks can have IOPS and bursting, and begin with one GiB."""
    auto = {
        "SystemDisk.Category": "cloud_auto",
        "SystemDisk.Size": "6",
        "SystemDisk.ProvisionedIops": 100,
        "SystemDisk.BurstingEnabled": "true",
    }
    run(cloud, **auto)
    (disk,) = cloud.disks()
    assert (disk["Size"], disk["ProvisionedIops"], disk["BurstingEnabled"]) == (6, 100, True)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"InstanceType": None}, "MissingParameter"),
        ({"Amount": 101}, "InvalidParam.Amount"),
        ({"Amount": 1001}, "InvalidParameter"),
        ({"Amount": 2, "MinAmount": 3}, "InvalidMinAmount.Malformed"),
        ({"Amount": 2, "PrivateIpAddress": "10.0.1.9"}, "InvalidParam.IpAssign"),
        ({"Amount": 2, "DryRun": "true"}, "DryRun.InvalidAmount"),
        ({"DryRun": "true"}, "DryRunOperation"),
        (
            {"SecurityGroupIds.1": GROUP},
            "InvalidSecurityGroupId.SingleIdAndMultiIdConflict",
        ),
        ({"SystemDisk.Size": "large"}, "InvalidSystemDiskSize.ValueNotSupported"),
        ({"SystemDisk.Encrypted": "maybe"}, "InvalidParameter"),
        ({"SystemDisk.KMSKeyId": "key-1"}, "InvalidEncrypted.NotMatchKmsKeyId"),
        ({"SystemDisk.ProvisionedIops": 100}, "ProvisionedIopsForDiskCategoryUnsupported"),
        ({"PeriodUnit": "Day", "InstanceChargeType": "PrePaid"}, "InvalidPeriodType.Value"),
        ({"IoOptimized": "odd"}, "InvalidIoOptimize.ValueNotSupported"),
        ({"UserData": "#"}, "InvalidUserData.Base64FormatInvalid"),
        ({"LaunchTemplateId": "lt-1"}, "SimulatorUnsupported.LaunchTemplateId"),
    ],
)
def test_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """What is refused, in the words of this action."""
    assert cloud.call("RunInstances", **order(**changed)).code.startswith(code)
    assert cloud.disks() == []


def test_only_the_least(cloud: Cloud, sim: Simulator) -> None:
    """Where only MinAmount is possible, only that many are made."""
    sim.seed({"stock": [{"zone": "cn-beijing-h", "type": "ecs.g6.large", "left": 1}]})
    assert len(run(cloud, Amount=3, MinAmount=1)) == 1


@pytest.mark.parametrize("limit", ["stock", "count", "addresses"])
def test_as_many_as_there_are(cloud: Cloud, sim: Simulator, limit: str) -> None:
    """From MinAmount to Amount: as many as stock, quotas and addresses allow, else none."""
    given: dict[str, Any] = {"Amount": 15, "MinAmount": 12}
    if limit == "stock":
        sim.seed({"stock": [{"zone": "cn-beijing-h", "type": "ecs.g6.large", "left": 12}]})
    elif limit == "count":
        quotas(sim, instance__count=12)
    else:
        switch = {"id": "vsw-small", "zone_id": "cn-beijing-h", "cidr_block": "10.0.9.0/28"}
        vpc_id = sim.state()["constants"]["cn-beijing.vpc"]
        sim.seed({"vswitch": [{**switch, "vpc_id": vpc_id}]})
        given["VSwitchId"] = "vsw-small"
    assert cloud.call("RunInstances", **order(**{**given, "MinAmount": 13})).code
    assert len(run(cloud, **given)) == 12


def test_client_token(cloud: Cloud) -> None:
    """A token gives the same instances again."""
    made = run(cloud, Amount=2, ClientToken="t")
    assert run(cloud, Amount=2, ClientToken="t") == made
    cloud.sim.advance(LONG)
    assert len(instances(cloud)) == 2
