"""CreateInstance: what depends on images, snapshots, stock, quotas and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compute import (
    GROUP_EXTRA,
    VSWITCH_G,
    create,
    encoded,
    order,
    other_network,
    quotas,
    settings,
    stopped,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def test_disks_of_a_snapshot(cloud: Cloud, sim: Simulator) -> None:
    """A data disk is not smaller than its snapshot, which has to be a finished data disk's."""
    sim.seed(
        {
            "snapshot": [
                {"id": "s-data", "size_gib": 50},
                {"id": "s-system", "size_gib": 50, "disk_type": "system"},
                {"id": "s-part", "status": "progressing", "disk_category": "cloud_ssd"},
            ]
        }
    )
    disk = {"DataDisk.1.SnapshotId": "s-data", "DataDisk.1.Size": 40}
    refused = cloud.call("CreateInstance", **order(**disk))
    assert refused.code == "InvalidDataDiskSize.ValueNotSupported"
    for snapshot, code in (
        ("s-system", "InvalidSnapshotId.NotDataDiskSnapshot"),
        ("s-part", "InvalidSnapshotId.NotReady"),
    ):
        refused = cloud.call("CreateInstance", **order(DataDisk__1__SnapshotId=snapshot))
        assert refused.code == code
    instance_id = stopped(cloud, DataDisk__1__SnapshotId="s-data")
    (disk,) = cloud.disks(InstanceId=instance_id, DiskType="data")
    assert (disk["Size"], disk["SourceSnapshotId"]) == (50, "s-data")


def test_image_refusals(cloud: Cloud, sim: Simulator) -> None:
    """An image has to be Available, large enough, and to run on the type."""
    sim.seed(
        {
            "image": [
                {"id": "m-making", "status": "Creating"},
                {"id": "m-broken", "status": "UnAvailable"},
                {"id": "m-old", "status": "Deprecated"},
                {"id": "m-arm", "architecture": "arm64", "boot_mode": "UEFI"},
                {"id": "m-plain"},
                {"id": "m-large", "size_gib": 60},
                {"id": "m-private", "account": "1200000000000002"},
                {"id": "m-bios", "architecture": "arm64", "nvme_supported": True},
            ]
        }
    )
    for image, changed, code in (
        ("m-making", {}, "IncorrectImageStatus"),
        ("m-broken", {}, "OperationDenied.ImageNotValid"),
        ("m-old", {}, "OperationDenied.ImageNotValid"),
        ("m-arm", {}, "ImageNotSupportInstanceType"),
        ("m-private", {}, "InvalidImageId.NotFound"),
        ("m-large", {"SystemDisk.Size": 50}, "InvalidSystemDiskSize.LessThanImageSize"),
        ("m-plain", {"HttpTokens": "required"}, "InvalidHttpTokens.NotSupported"),
        ("m-plain", {"InstanceType": "ecs.g8i.large"}, "ImageNotSupportInstanceType"),
        ("m-plain", {"InstanceType": "ecs.g8y.large"}, "ImageNotSupportInstanceType"),
        ("m-bios", {"InstanceType": "ecs.g8y.large"}, "ImageNotSupportInstanceType"),
    ):
        refused = cloud.call("CreateInstance", **order(ImageId=image, **changed))
        assert refused.code == code, image
    stopped(cloud, ImageId="m-plain")
    stopped(cloud, InstanceType="ecs.g8i.large")


def test_system_disk_follows_the_image(cloud: Cloud, sim: Simulator) -> None:
    """A system disk has 40 GiB or the image's size, and is encrypted if the image is."""
    key = sim.state()["constants"]["cn-beijing.kms_key"]
    sim.seed({"image": [{"id": "m-big", "size_gib": 60, "encrypted": True, "kms_key_id": key}]})
    plain, big = stopped(cloud), stopped(cloud, ImageId="m-big")
    (first,), (second,) = (cloud.disks(InstanceId=i) for i in (plain, big))
    assert (first["Size"], first["Encrypted"]) == (40, False)
    assert (second["Size"], second["Encrypted"], second["KMSKeyId"]) == (60, True, key)


def test_data_disks_of_the_image(cloud: Cloud, sim: Simulator) -> None:
    """An image with data disks brings them along, before those that are ordered."""
    sim.seed({"image": [{"id": "m-disks", "data_sizes_gib": [30]}]})
    instance_id = stopped(cloud, ImageId="m-disks", DataDisk__1__Size=50)
    disks = {disk["Device"]: disk["Size"] for disk in cloud.disks(InstanceId=instance_id)}
    assert disks == {"/dev/xvda": 40, "/dev/xvdb": 30, "/dev/xvdc": 50}


def test_role_has_to_be_for_instances(cloud: Cloud, sim: Simulator) -> None:
    """A role that does not trust ECS is refused."""
    sim.seed({"ram_role": [{"name": "oss-only", "trusted_service": "oss.aliyuncs.com"}]})
    refused = cloud.call("CreateInstance", **order(RamRoleName="oss-only"))
    assert refused.code == "InvalidRamRole.NotEcsRole"


def test_networks_apart(cloud: Cloud, sim: Simulator) -> None:
    """A group of another VPC is refused, and so is a vSwitch that is still being made."""
    other_network(sim)
    refused = cloud.call("CreateInstance", **order(SecurityGroupId="sg-other"))
    assert refused.code == "InvalidParameter.Mismatch"
    sim.seed({"vswitch": [{"id": "vsw-new", "status": "Pending", "zone_id": "cn-beijing-h"}]})
    refused = cloud.call("CreateInstance", **order(VSwitchId="vsw-new"))
    assert refused.code == "IncorrectVSwitchStatus"


def test_stock(cloud: Cloud, sim: Simulator) -> None:
    """What is sold out in a zone is refused there and sold in another one."""
    zone, kind = "cn-beijing-h", "ecs.g6.large"
    sim.seed({"stock": [{"zone": zone, "type": kind, "left": 1}]})
    create(cloud)
    refused = cloud.call("CreateInstance", **order())
    assert (refused.code, refused.status) == ("OperationDenied.NoStock", 403)
    create(cloud, VSwitchId=VSWITCH_G)
    create(cloud, InstanceType="ecs.g6.xlarge")


def test_quotas(cloud: Cloud, sim: Simulator) -> None:
    """Instances, vCPUs, disks and members of a group have quotas."""
    create(cloud)
    for quota, code in (
        ({"instance__count": 1}, "QuotaExceed.AfterpayInstance"),
        ({"instance__count": 9, "instance__vcpus": 3}, "QuotaExceed.ElasticQuota"),
        ({"instance__vcpus": 9, "disk__count": 1}, "QuotaExceed.PostPaidDisk"),
        ({"disk__count": 9, "security_group__members": 1}, "SecurityGroupInstanceLimitExceed"),
    ):
        quotas(sim, **quota)
        assert cloud.call("CreateInstance", **order()).code == code
    create(cloud, SecurityGroupId=GROUP_EXTRA)


def test_disks_of_a_type(cloud: Cloud, sim: Simulator) -> None:
    """An instance has no more disks than its type takes."""
    disks = {f"DataDisk.{n}.Size": 20 for n in range(1, 3)}
    sim.seed(
        {
            "instance_type": [
                {
                    "id": "ecs.few.large",
                    "account": "",
                    "region": "",
                    "most_disks": 2,
                    "zones": ["cn-beijing-h"],
                    "disk_categories": ["cloud_essd", "cloud_efficiency"],
                }
            ]
        }
    )
    refused = cloud.call("CreateInstance", **order(InstanceType="ecs.few.large", **disks))
    assert refused.code == "InstanceDiskNumLimitExceed"


def test_full_vswitch(cloud: Cloud, sim: Simulator) -> None:
    """A vSwitch of 16 addresses has 12 that can be used."""
    sim.seed(
        {
            "vswitch": [
                {
                    "id": "vsw-small",
                    "vpc_id": "vpc-2zesimnetwork00000001",
                    "zone_id": "cn-beijing-h",
                    "cidr_block": "10.0.9.0/28",
                }
            ]
        }
    )
    for _ in range(12):
        create(cloud, VSwitchId="vsw-small")
    refused = cloud.call("CreateInstance", **order(VSwitchId="vsw-small"))
    assert refused.code == "QuotaExceeded.PrivateIpAddress"


def test_user_data_limit_can_be_the_old_one(cloud: Cloud, sim: Simulator) -> None:
    """The world can have the limit of 16 KB that the cloud had until 2024."""
    data = encoded("x" * 20_000)
    create(cloud, UserData=data)
    settings(sim, user_data__max_bytes=16 * 1024)
    refused = cloud.call("CreateInstance", **order(UserData=data))
    assert refused.code == "InvalidUserData.SizeExceeded"


def test_default_encryption(cloud: Cloud, sim: Simulator) -> None:
    """Under account-wide encryption all disks are encrypted, and false is refused."""
    settings(sim, disk__default_encryption=True)
    instance_id = stopped(cloud, DataDisk__1__Size=20)
    assert [disk["Encrypted"] for disk in cloud.disks(InstanceId=instance_id)] == [True, True]
    plain = {"DataDisk.1.Size": 20, "DataDisk.1.Encrypted": "false"}
    refused = cloud.call("CreateInstance", **order(**plain))
    assert refused.code == "InvalidEncrypted.DefaultEncryptionUnsupported"
