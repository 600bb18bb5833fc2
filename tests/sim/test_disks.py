"""Disks: rules of CreateDisk, DescribeDisks, DeleteDisk, and paging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import HOST, add_disk, add_host, disk, held_disk
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"DiskCategory": None}, "InvalidDiskCategory.NotSupported"),
        ({"DiskCategory": "cloud_gold"}, "InvalidDiskCategory.ValueNotSupported"),
        ({"Size": None}, "MissingParameter"),
        ({"Size": 10}, "InvalidDataDiskSize.ValueNotSupported"),
        ({"Size": 100, "PerformanceLevel": "PL2"}, "InvalidDataDiskSize.ValueNotSupported"),
        ({"PerformanceLevel": "PL9"}, "InvalidPerformanceLevel.Malformed"),
        ({"ZoneId": "cn-hangzhou-h"}, "InvalidZoneId.NotFound"),
        ({"DiskName": "1st"}, "InvalidDiskName.Malformed"),
        ({"DiskName": "http://x"}, "InvalidDiskName.Malformed"),
        ({"Description": "https://x"}, "InvalidDescription.Malformed"),
        ({"KMSKeyId": "key-1"}, "InvalidEncrypted.NotMatchKmsKeyId"),
        ({"KMSKeyId": "key-1", "Encrypted": "true"}, "InvalidParameter.KMSKeyId.NotFound"),
        ({"Tag.1.Key": "acs:x"}, "InvalidTagKey.Malformed"),
        ({"Tag.1.Key": "x", "Tag.1.Value": "v" * 129}, "InvalidTagValue.Malformed"),
        ({"Tag.1.Key": "x", "Tag.2.Key": "X"}, "Duplicate.TagKey"),
    ],
)
def test_create_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """What the cloud does not make is refused with the code it documents."""
    disk = {"ZoneId": "cn-beijing-h", "DiskCategory": "cloud_essd", "Size": 20, **changed}
    assert cloud.call("CreateDisk", **disk).code == code


def test_encrypted_disk(cloud: Cloud, sim: Simulator) -> None:
    """An encrypted disk keeps its key; a disabled key is refused."""
    key = sim.state()["constants"]["cn-beijing.kms_key"]
    disk_id = cloud.create_disk(Encrypted="True", KMSKeyId=key)
    shown = cloud.disks(disk_id, Encrypted="true")[0]
    assert (shown["Encrypted"], shown["KMSKeyId"]) == (True, key)
    sim.seed({"kms_key": [{"id": "key-off", "status": "Disabled"}]})
    refused = cloud.call(
        "CreateDisk",
        ZoneId="cn-beijing-h",
        DiskCategory="cloud_essd",
        Size=20,
        Encrypted="true",
        KMSKeyId="key-off",
    )
    assert refused.code == "InvalidParameter.KMSKeyId.CMKNotEnabled"


def test_quota(cloud: Cloud, sim: Simulator) -> None:
    """More disks than the quota allows are refused."""
    sim.seed({"quotas": {"disk.count": 1}})
    cloud.create_disk()
    disk: dict[str, Any] = {"ZoneId": "cn-beijing-h", "DiskCategory": "cloud_essd", "Size": 20}
    refused = cloud.call("CreateDisk", **disk)
    assert (refused.code, refused.status) == ("QuotaExceed.PostPaidDisk", 403)


def test_ids(cloud: Cloud) -> None:
    """A disk id has 20 characters after the dash and its region's prefix."""
    disk_id = cloud.create_disk()
    assert disk_id.startswith("d-2ze")
    assert len(disk_id) == 22


def test_id_filter(cloud: Cloud) -> None:
    """An absent filter lists all, an empty array nothing, unknown ids are left out."""
    first, second = cloud.create_disk(), cloud.create_disk()
    assert {disk["DiskId"] for disk in cloud.disks()} == {first, second}
    assert cloud.disks(DiskIds="[]") == []
    assert cloud.disks(DiskIds="") != []
    assert [disk["DiskId"] for disk in cloud.disks(second, "d-unknown")] == [second]
    assert cloud.call("DescribeDisks", DiskIds="d-1").code == "InvalidDiskIds.Malformed"
    many = str([f"d-{n}" for n in range(101)]).replace("'", '"')
    assert cloud.call("DescribeDisks", DiskIds=many).code == "InvalidDiskIds.Malformed"


def test_filters(cloud: Cloud) -> None:
    """Filters are ANDed and compare exactly; a name may have asterisks."""
    cloud.settled_disk(DiskName="alpha-1", Tag__1__Key="a", Tag__1__Value="1")
    cloud.settled_disk(DiskName="beta-1", DiskCategory="cloud_ssd")
    assert len(cloud.disks(Status="Available")) == 2
    assert len(cloud.disks(Status="Available", Category="cloud_ssd")) == 1
    assert len(cloud.disks(Status="In_use")) == 0
    assert len(cloud.disks(DiskName="*-1")) == 2
    assert len(cloud.disks(DiskName="alpha")) == 0
    assert len(cloud.disks(Tag__1__Key="a")) == 1
    assert len(cloud.disks(Tag__1__Key="a", Tag__1__Value="2")) == 0
    assert cloud.call("DescribeDisks", Status="Lost").code == "InvalidStatus.ValueNotSupported"


def test_filters_by_use(cloud: Cloud, sim: Simulator) -> None:
    """Disks are found by instance, type, encryption and the flags; In_use and Detaching only."""
    add_host(sim)
    system = held_disk(sim, type="system", device="/dev/xvda", delete_with_instance=True)
    data = held_disk(sim, encrypted=True, category="cloud_auto", performance_level="")
    moving = held_disk(sim, status="Attaching", device="/dev/xvdc", enable_auto_snapshot=True)

    def ids(**params: Any) -> set[str]:
        return {shown["DiskId"] for shown in cloud.disks(**params)}

    assert ids(InstanceId=HOST) == ids(Status="In_use") == {system, data}
    assert ids(InstanceId="i-2zenobody") == ids(DiskChargeType="PrePaid") == set()
    assert ids(DiskType="system") == ids(Portable="false") == ids(DeleteWithInstance="true")
    assert ids(DiskType="system") == {system}
    assert ids(DiskType="all", Status="All", Category="all") == {system, data, moving}
    assert ids(Encrypted="true") == ids(Category="cloud_auto") == {data}
    assert ids(PerformanceLevel="PL1") == {system, moving}
    assert ids(EnableAutoSnapshot="true") == {moving}
    assert ids(DeleteAutoSnapshot="false") == ids(MultiAttach="Enabled") == set()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"DiskType": "both"}, "InvalidDiskType.ValueNotSupported"),
        ({"Category": "cloud_gold"}, "InvalidCategory.ValueNotSupported"),
        ({"DiskChargeType": "Free"}, "InvalidDiskChargeType.NotFound"),
        ({"MultiAttach": "Maybe"}, "InvalidParameter.MultiAttach"),
        ({"ZoneId": "cn-hangzhou-h"}, "InvalidZoneId.NotFound"),
        ({"DryRun": "true"}, "DryRunOperation"),
        ({"LockReason": "security"}, "SimulatorUnsupported.LockReason"),
    ],
)
def test_filter_refusals(cloud: Cloud, asked: dict[str, Any], code: str) -> None:
    """Filters that make no sense, or are not simulated, are refused."""
    assert cloud.call("DescribeDisks", **asked).code == code


def test_auto_disks(cloud: Cloud) -> None:
    """AutoPL disks have provisioned IOPS and bursting; no others do."""
    auto = {"DiskCategory": "cloud_auto", "Size": 40}
    shown = disk(cloud, cloud.create_disk(**auto, ProvisionedIops=1000, BurstingEnabled="true"))
    assert (shown["ProvisionedIops"], shown["BurstingEnabled"]) == (1000, True)
    shown = disk(cloud, cloud.create_disk(**auto))
    assert (shown["ProvisionedIops"], shown["BurstingEnabled"]) == (0, False)
    assert "ProvisionedIops" not in disk(cloud, cloud.create_disk())
    zone = {"ZoneId": "cn-beijing-h"}
    for asked, code in (
        ({**auto, "ProvisionedIops": 36201}, "InvalidProvisionedIops.LimitExceed"),
        ({"ProvisionedIops": 100}, "ProvisionedIopsForDiskCategoryUnsupported"),
        ({"BurstingEnabled": "true"}, "BurstingEnabledForDiskCategoryUnsupported"),
    ):
        given: dict[str, Any] = {"DiskCategory": "cloud_essd", "Size": 40, **zone, **asked}
        assert cloud.call("CreateDisk", **given).code == code


@pytest.mark.parametrize("status", ["Attaching", "In_use", "Detaching", "ReIniting"])
def test_delete_statuses(cloud: Cloud, sim: Simulator, status: str) -> None:
    """Only a free disk is deleted."""
    refused = cloud.call("DeleteDisk", DiskId=add_disk(sim, status=status))
    assert (refused.code, refused.status) == ("IncorrectDiskStatus", 403)


def test_accounts_and_regions_are_apart(cloud: Cloud, sim: Simulator) -> None:
    """Disks of another account or region are neither listed nor found."""
    disk_id = cloud.settled_disk()
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    assert other.disks() == []
    assert other.call("DeleteDisk", DiskId=disk_id).code == "InvalidDiskId.NotFound"
    assert cloud.disks(RegionId="cn-hangzhou") == []


def test_delete(cloud: Cloud, sim: Simulator) -> None:
    """A disk is deleted only when Available; an unknown one is refused unless set otherwise."""
    disk_id = cloud.create_disk()
    assert cloud.call("DeleteDisk", DiskId=disk_id).code == "IncorrectDiskStatus.Initializing"
    sim.advance(10)
    cloud.ok("DeleteDisk", DiskId=disk_id)
    assert cloud.call("DeleteDisk", DiskId=disk_id).code == "InvalidDiskId.NotFound"
    sim.seed({"settings": {"deletes_ignore_unknown": True}})
    cloud.ok("DeleteDisk", DiskId=disk_id)


def test_pages(cloud: Cloud, sim: Simulator) -> None:
    """Pages are ten long unless asked otherwise, newest first, and count everything."""
    made = []
    for _ in range(12):
        made.append(cloud.create_disk())
        sim.advance(1)
    first = cloud.ok("DescribeDisks")
    assert (first["TotalCount"], first["PageNumber"], first["PageSize"]) == (12, 1, 10)
    assert [d["DiskId"] for d in first["Disks"]["Disk"]] == made[:1:-1]
    second = cloud.ok("DescribeDisks", PageNumber=2, PageSize=5)["Disks"]["Disk"]
    assert [d["DiskId"] for d in second] == made[6:1:-1]
    assert cloud.call("DescribeDisks", PageSize=101).code == "InvalidParameter"


def test_tokens(cloud: Cloud, sim: Simulator) -> None:
    """NextToken walks through all disks once, also when some are made or go meanwhile."""
    made = []
    for _ in range(25):
        made.append(cloud.create_disk())
        sim.advance(1)
    seen, token = [], ""
    while True:
        page = cloud.ok("DescribeDisks", MaxResults=1, NextToken=token)
        shown = [disk["DiskId"] for disk in page["Disks"]["Disk"]]
        seen += shown
        assert page["TotalCount"] == 0
        token = page["NextToken"]
        if not token:
            break
        cloud.create_disk()
        cloud.ok("DeleteDisk", DiskId=shown[-1])
    assert seen == made[::-1]
    assert cloud.call("DescribeDisks", NextToken="nonsense").code == "InvalidParameter"
