"""ImportImage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import (
    BUCKET,
    GIB,
    KEY,
    LONG,
    MAPPING,
    add_image,
    images,
    snapshots,
    start_import,
    store,
    task_attribute,
    tasks,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def qcow2(size: int) -> bytes:
    """Make the header of a QCOW2 image."""
    return b"QFI\xfb" + bytes(20) + size.to_bytes(8, "big") + bytes(40)


def vhd(size: int) -> bytes:
    """Make a VHD image of nothing but its footer."""
    return bytes(100) + b"conectix" + bytes(40) + size.to_bytes(8, "big") + bytes(456)


def test_import(cloud: Cloud, sim: Simulator) -> None:
    """An image is Waiting, Creating, then Available with a snapshot under it; the task ends."""
    store(sim)
    made, task = start_import(
        cloud,
        ImageName="stemcell",
        Platform="Ubuntu",
        Description="a stemcell",
        **{"Features.NvmeSupport": "supported", "DiskDeviceMapping.1.Format": "RAW"},
    )
    assert images(cloud, made, status=None) == []
    states = [images(cloud, made)[0] for _ in range(3)]
    assert [state["Status"] for state in states] == ["Waiting", "Creating", "Available"]
    assert [state["Progress"] for state in states] == ["0%", "0%", "100%"]
    done = states[2]
    assert (done["ImageName"], done["Platform"], done["OSType"]) == ("stemcell", "Ubuntu", "linux")
    assert done["Features"] == {"NvmeSupport": "supported", "ImdsSupport": "v1"}
    assert (done["Size"], done["Architecture"], done["BootMode"]) == (5, "x86_64", "BIOS")
    (mapping,) = done["DiskDeviceMappings"]["DiskDeviceMapping"]
    expected = {"ImportOSSBucket": BUCKET, "ImportOSSObject": KEY, "Format": "RAW", "Size": "5"}
    assert {name: mapping[name] for name in expected} == expected
    assert snapshots(cloud, mapping["SnapshotId"])[0]["Usage"] == "image"
    shown = task_attribute(cloud, task)
    assert (shown["TaskStatus"], shown["TaskProcess"]) == ("Finished", "100%")


def test_import_takes_its_time(cloud: Cloud, sim: Simulator) -> None:
    """Waiting and Creating last as long as their pace keys say; the progress grows."""
    store(sim)
    sim.set_pace(image__wait=10, image__import=100)
    made, task = start_import(cloud)
    for seconds, status, progress in (
        (0, "Waiting", "0%"),
        (10, "Creating", "0%"),
        (32, "Creating", "32%"),
        (68, "Available", "100%"),
    ):
        sim.advance(seconds)
        (shown,) = images(cloud, made)
        assert (shown["Status"], shown["Progress"]) == (status, progress)
        seen = task_attribute(cloud, task)
        running = status != "Available"
        assert seen["TaskStatus"] == ("Processing" if running else "Finished")
        assert seen["SupportCancel"] == str(running).lower()


@pytest.mark.parametrize(
    ("content", "asked", "size", "kind"),
    [
        (qcow2(10 * GIB), {}, 10, "QCOW2"),
        (qcow2(10 * GIB), {"DiskDeviceMapping.1.Format": "QCOW2"}, 10, "QCOW2"),
        (vhd(10 * GIB + 1), {"DiskDeviceMapping.1.Format": "VHD"}, 11, "VHD"),
        (None, {"DiskDeviceMapping.1.DiskImageSize": 20}, 20, "RAW"),
        (None, {"DiskDeviceMapping.1.DiskImSize": 20}, 20, "RAW"),
        (None, {"Architecture": "arm64"}, 5, "RAW"),
    ],
    ids=["found", "qcow2", "vhd", "raw", "older-name", "arm64"],
)
def test_formats(
    cloud: Cloud,
    sim: Simulator,
    content: bytes | None,
    asked: dict[str, Any],
    size: int,
    kind: str,
) -> None:
    """The format and the size are as said, or as found in the object."""
    store(sim, content=content)
    made, _ = start_import(cloud, **asked)
    for _ in "ab":
        sim.advance(LONG)
    (shown,) = images(cloud, made)
    (mapping,) = shown["DiskDeviceMappings"]["DiskDeviceMapping"]
    assert (shown["Status"], shown["Size"], mapping["Format"]) == ("Available", size, kind)


def test_data_disks(cloud: Cloud, sim: Simulator) -> None:
    """Further mappings are data disks with snapshots of their own."""
    store(sim)
    store(sim, "data.raw")
    second = {
        "DiskDeviceMapping.2.OSSBucket": BUCKET,
        "DiskDeviceMapping.2.OSSObject": "data.raw",
        "DiskDeviceMapping.2.DiskImageSize": 30,
    }
    made, _ = start_import(cloud, **second)
    for _ in "ab":
        sim.advance(LONG)
    mappings = images(cloud, made)[0]["DiskDeviceMappings"]["DiskDeviceMapping"]
    assert [(one["Type"], one["Size"]) for one in mappings] == [("system", "5"), ("data", "30")]
    assert len({one["SnapshotId"] for one in mappings}) == 2


@pytest.mark.parametrize(
    ("asked", "code", "status"),
    [
        ({"DiskDeviceMapping.1.OSSBucket": "nothing"}, "InvalidOSSBucket.NotFound", 400),
        ({"DiskDeviceMapping.1.OSSBucket": "A"}, "InvalidOSSBucket.Malformed", 400),
        ({"DiskDeviceMapping.1.OSSBucket": "away"}, "InvalidOSSBucket.NotMatched", 400),
        ({"DiskDeviceMapping.1.OSSBucket": "others"}, "InvalidOSS.NotAuthorized", 403),
        ({"DiskDeviceMapping.1.OSSBucket": None}, "MissingParameter", 400),
        ({"DiskDeviceMapping.1.OSSObject": None}, "MissingParameter", 400),
        ({"DiskDeviceMapping.1.OSSObject": "nothing"}, "InvalidOSSObject.NotFound", 400),
        ({"DiskDeviceMapping.1.OSSObject": "/x"}, "InvalidOSSObject.Malformed", 400),
        ({"DiskDeviceMapping.1.OSSObject": "x.tgz"}, "UnsupportedSuffix.OSSObject", 400),
        ({"DiskDeviceMapping.1.OSSObject": "empty"}, "InvalidOSSObject.Size", 400),
        ({"DiskDeviceMapping.1.OSSObject": "frozen"}, "InvalidOSSObject.NeedRestore", 400),
        ({"DiskDeviceMapping.1.Format": "ISO"}, "InvalidImageFormat.Malformed", 400),
        ({"DiskDeviceMapping.1.DiskImageSize": 2}, "InvalidImageSize", 400),
        ({"DiskDeviceMapping.1.DiskImageSize": 2049}, "InvalidImageSize", 400),
        ({"DiskDeviceMapping.1.DiskImageSize": 0}, "InvalidImageSize", 400),
        ({"Architecture": "vax"}, "InvalidArchitecture.Malformed", 400),
        ({"OSType": "beos"}, "InvalidOSType.Malformed", 400),
        ({"Platform": "Plan 9"}, "InvalidPlatform.Malformed", 400),
        ({"BootMode": "PXE"}, "InvalidBootMode.Malformed", 400),
        ({"BootMode": "BIOS", "Architecture": "arm64"}, "InvalidBootMode.NotSupport", 400),
        ({"LicenseType": "Mine"}, "InvalidLicenseType.NotSupported", 400),
        ({"Features.NvmeSupport": "maybe"}, "InvalidParameter.Malformed", 403),
        ({"Features.ImdsSupport": "v3"}, "InvalidParameter.Malformed", 403),
        ({"RoleName": "SomeRole"}, "NoSetRoletoECSServiceAcount", 403),
        ({"ImageName": "taken"}, "InvalidImageName.Duplicated", 400),
        ({"ImageName": "aliyun"}, "InvalidImageName.Malformed", 400),
        ({"ImageName": "see-http://x"}, "InvalidImageName.Malformed", 400),
        ({"Description": "x"}, "InvalidDescription.Malformed", 400),
        ({"DryRun": "true"}, "DryRunOperation", 400),
        ({"DetectionStrategy": "Standard"}, "SimulatorUnsupported.DetectionStrategy", 501),
    ],
)
def test_refusals(
    cloud: Cloud, sim: Simulator, asked: dict[str, Any], code: str, status: int
) -> None:
    """Imports that are not possible are refused, and neither image nor task is made."""
    store(sim)
    store(sim, "empty", size=0)
    store(sim, "frozen", storage_class="Archive")
    sim.seed(
        {
            "oss_bucket": [
                {"id": "away", "region": "cn-hangzhou"},
                {"id": "others", "account": "1200000000000002"},
            ]
        }
    )
    add_image(sim, name="taken")
    refused = cloud.call("ImportImage", **{**MAPPING, **asked})
    assert (refused.code, refused.status) == (code, status)
    assert len(images(cloud, ImageOwnerAlias="self")) == 1
    assert tasks(cloud) == []


def test_no_mapping(cloud: Cloud) -> None:
    """An import needs a disk."""
    refused = cloud.call("ImportImage", ImageName="stemcell")
    assert (refused.code, refused.status) == ("MissingParameter.DiskDeviceMapping", 403)


def test_role(cloud: Cloud, sim: Simulator) -> None:
    """ECS needs the import role, or the role that is named."""
    store(sim)
    sim.seed({"settings": {"ram.roles": []}})
    refused = cloud.call("ImportImage", **MAPPING)
    assert (refused.code, refused.status) == ("NoSetRoletoECSServiceAcount", 403)
    sim.seed({"settings": {"ram.roles": ["OwnRole"]}})
    start_import(cloud, RoleName="OwnRole")
    sim.seed({"ram_role": [{"name": "AliyunECSImageImportDefaultRole"}]})
    start_import(cloud)
    sim.seed({"settings": {"oss.closed": True}})
    assert cloud.call("ImportImage", **MAPPING).code == "InvalidAccountStatus.OSSDisabled"


def test_not_deleted_meanwhile(cloud: Cloud, sim: Simulator) -> None:
    """An image that is imported can be neither deleted nor changed."""
    store(sim)
    made, _ = start_import(cloud)
    refused = cloud.call("DeleteImage", ImageId=made, Force="true")
    assert (refused.code, refused.status) == ("ImageIsImporting", 403)
    changed = cloud.call("ModifyImageAttribute", ImageId=made, ImageName="new")
    assert changed.code == "ImageStatus.NotAvailable"


@pytest.mark.parametrize("why", ["setting", "content"])
def test_failure(cloud: Cloud, sim: Simulator, why: str) -> None:
    """An import may fail in the end: because it is set so, or the content has another format."""
    store(sim)
    asked = {"ImageName": "bad"}
    if why == "setting":
        sim.seed({"settings": {"image.import_fails": "bad"}})
    else:
        asked["DiskDeviceMapping.1.Format"] = "QCOW2"
    made, task = start_import(cloud, **asked)
    for _ in "ab":
        sim.advance(LONG)
    (shown,) = images(cloud, made)
    assert (shown["Status"], snapshots(cloud)) == ("CreateFailed", [])
    failed = task_attribute(cloud, task)
    assert (failed["TaskStatus"], failed["FailedCount"]) == ("Failed", 1)
    (operation,) = failed["OperationProgressSet"]["OperationProgress"]
    assert operation["ErrorCode"] != ""
    cloud.ok("DeleteImage", ImageId=made)
    for _ in "ab":
        gone = images(cloud, made)
    assert gone == []


def test_token(cloud: Cloud, sim: Simulator) -> None:
    """The same ClientToken imports once."""
    store(sim)
    assert len({start_import(cloud, ImageName="stemcell", ClientToken="t") for _ in "ab"}) == 1
