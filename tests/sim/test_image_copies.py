"""CopyImage and CancelCopyImage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import LONG, add_image, images, snapshots
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

AWAY = "cn-hangzhou"


def copy(cloud: Cloud, source: str, region: str = AWAY, **params: Any) -> str:
    """Copy an image and give the target's id."""
    asked = {"ImageId": source, "DestinationRegionId": region, **params}
    return str(cloud.ok("CopyImage", **asked)["ImageId"])


def state(cloud: Cloud, image: str, region: str = AWAY) -> Any:
    """Describe an image of a region."""
    (shown,) = images(cloud, image, RegionId=region)
    return shown


def test_copy(cloud: Cloud, sim: Simulator) -> None:
    """A copy is Creating, then Available in the other region, with a snapshot of its own."""
    source = add_image(sim, size_gib=7, platform="CentOS", nvme_supported=True)
    made = copy(cloud, source, DestinationImageName="copied", Tag__1__Key="a")
    assert made.startswith("m-bp1")
    assert images(cloud, made) == []
    assert images(cloud, made, RegionId=AWAY, status=None) == []
    states = [state(cloud, made) for _ in "ab"]
    assert [one["Status"] for one in states] == ["Creating", "Available"]
    done = states[1]
    assert (done["ImageName"], done["Platform"], done["Size"]) == ("copied", "CentOS", 7)
    assert (done["IsCopied"], done["Tags"]["Tag"][0]["TagKey"]) == (True, "a")
    (mapping,) = done["DiskDeviceMappings"]["DiskDeviceMapping"]
    (under,) = snapshots(cloud, RegionId=AWAY)
    assert mapping["SnapshotId"] == under["SnapshotId"]
    assert under["SourceRegionId"] == "cn-beijing"
    assert cloud.call("DeleteSnapshot", RegionId=AWAY, SnapshotId=under["SnapshotId"]).code == (
        "SnapshotCreatedImage"
    )


def test_nvme_is_not_kept(cloud: Cloud, sim: Simulator) -> None:
    """A copy has no Features.NvmeSupport until it is set."""
    made = copy(cloud, add_image(sim, nvme_supported=True))
    sim.advance(LONG)
    assert state(cloud, made)["Features"]["NvmeSupport"] == "unsupported"
    supported = {"ImageId": made, "Features.NvmeSupport": "supported"}
    cloud.ok("ModifyImageAttribute", RegionId=AWAY, **supported)
    assert state(cloud, made)["Features"]["NvmeSupport"] == "supported"


def test_encrypted_copy(cloud: Cloud, sim: Simulator) -> None:
    """An encrypted copy may stay in the region; its disks and snapshots are encrypted."""
    key = sim.state()["constants"]["cn-beijing.kms_key"]
    made = copy(cloud, add_image(sim), "cn-beijing", Encrypted="true", KMSKeyId=key)
    sim.advance(LONG)
    (shown,) = images(cloud, made, status=None)
    (mapping,) = shown["DiskDeviceMappings"]["DiskDeviceMapping"]
    assert mapping["Encrypted"] is True
    (under,) = snapshots(cloud, mapping["SnapshotId"])
    assert (under["Encrypted"], under["KMSKeyId"]) == (True, key)


def test_queue(cloud: Cloud, sim: Simulator) -> None:
    """One copy runs at a time in a region; the others wait for their turn."""
    source = add_image(sim)
    sim.set_pace(image__copy=60)
    made = [copy(cloud, source) for _ in range(3)]

    def all_states() -> list[str]:
        return [state(cloud, one)["Status"] for one in made]

    assert all_states() == ["Creating", "Waiting", "Waiting"]
    sim.advance(30)
    assert state(cloud, made[0])["Progress"] == "50%"
    assert state(cloud, made[1])["Progress"] == "0%"
    sim.advance(30)
    assert all_states() == ["Available", "Creating", "Waiting"]
    cloud.ok("CancelCopyImage", RegionId=AWAY, ImageId=made[1])
    assert state(cloud, made[2])["Status"] == "Creating"
    sim.advance(60)
    assert state(cloud, made[2])["Status"] == "Available"
    assert images(cloud, made[1], RegionId=AWAY) == []


def test_more_at_once(cloud: Cloud, sim: Simulator) -> None:
    """A quota lets more copies run at a time."""
    sim.seed({"quotas": {"image.copies": 2}})
    sim.set_pace(image__copy=60)
    source = add_image(sim)
    made = [copy(cloud, source) for _ in range(3)]
    found = [state(cloud, one)["Status"] for one in made]
    assert found == ["Creating", "Creating", "Waiting"]


def test_not_deleted_meanwhile(cloud: Cloud, sim: Simulator) -> None:
    """Neither target nor source can be deleted while the copy is made; the source changes not."""
    source = add_image(sim)
    made = copy(cloud, source)
    target = cloud.call("DeleteImage", RegionId=AWAY, ImageId=made)
    assert (target.code, target.status) == ("OperationDenied.ImageCopying", 403)
    assert cloud.call("DeleteImage", ImageId=source).code == "OperationDenied.ImageCopying"
    sim.advance(LONG)
    cloud.ok("DeleteImage", RegionId=AWAY, ImageId=made)
    cloud.ok("DeleteImage", ImageId=source)


def test_failed_copy(cloud: Cloud, sim: Simulator) -> None:
    """A copy may fail in the end; the next one in the queue starts all the same."""
    bad, good = add_image(sim, name="bad"), add_image(sim)
    sim.seed({"settings": {"image.copy_fails": "bad"}})
    first, second = copy(cloud, bad), copy(cloud, good)
    sim.advance(LONG)
    assert state(cloud, first)["Status"] == "CreateFailed"
    sim.advance(LONG)
    assert state(cloud, second)["Status"] == "Available"
    cloud.ok("DeleteImage", RegionId=AWAY, ImageId=first)


def test_shared_images(cloud: Cloud, sim: Simulator) -> None:
    """A shared image is copied in its region only, and becomes an own one."""
    light = sim.state()["constants"]["cn-beijing.light_stemcell"]
    away = cloud.call("CopyImage", ImageId=light, DestinationRegionId=AWAY)
    assert (away.code, away.status) == ("OperationDenied.SameRegionOnly", 403)
    made = copy(cloud, light, "cn-beijing", Encrypted="true")
    sim.advance(LONG)
    assert images(cloud, made, status=None)[0]["ImageOwnerAlias"] == "self"


@pytest.mark.parametrize(
    ("held", "asked", "code", "status"),
    [
        ({}, {"ImageId": "m-2zenothing"}, "InvalidImageId.NotFound", 404),
        ({}, {"DestinationRegionId": None}, "DestinationRegion.NotFound", 400),
        ({}, {"DestinationRegionId": "mars-1"}, "DestinationRegion.NotFound", 400),
        ({}, {"DestinationRegionId": "cn-beijing"}, "IncorrectDestinationRegion", 403),
        ({"status": "Creating"}, {}, "IncorrectImageStatus", 400),
        ({"status": "Deprecated"}, {}, "IncorrectImageStatus", 400),
        ({"encrypted": True}, {}, "OperationDenied.EncryptSnapshotAcrossRegion", 403),
        ({}, {"DestinationImageName": "taken"}, "InvalidImageName.Duplicated", 400),
        ({}, {"DestinationImageName": "acs:x"}, "InvalidImageName.Malformed", 400),
        ({}, {"DestinationDescription": "x"}, "InvalidDescription.Malformed", 400),
        ({}, {"KMSKeyId": "key-1"}, "InvalidEncrypted.NotMatchKmsKeyId", 400),
        (
            {},
            {"KMSKeyId": "key-2ze-simulator-0001", "Encrypted": "true"},
            "InvalidParameter.KMSKeyId.NotFound",
            404,
        ),
        ({}, {"DryRun": "true"}, "DryRunOperation", 400),
    ],
)
def test_refusals(
    cloud: Cloud,
    sim: Simulator,
    held: dict[str, Any],
    asked: dict[str, Any],
    code: str,
    status: int,
) -> None:
    """Copies that are not possible are refused; the key is looked for where the copy will be."""
    add_image(sim, name="taken", region=AWAY)
    source = add_image(sim, **held)
    refused = cloud.call("CopyImage", **{"ImageId": source, "DestinationRegionId": AWAY, **asked})
    assert (refused.code, refused.status) == (code, status)
    assert len(images(cloud, RegionId=AWAY, ImageOwnerAlias="self")) == 1


def test_public_images(cloud: Cloud, sim: Simulator) -> None:
    """Images of the cloud itself cannot be copied, nor can community images."""
    public = sim.state()["constants"]["cn-beijing.public_image"]
    asked: dict[str, Any] = {"DestinationRegionId": "cn-beijing", "Encrypted": "true"}
    assert cloud.call("CopyImage", ImageId=public, **asked).code == "OperationDenied"
    community = add_image(sim, account="1200000000000002", is_public=True)
    refused = cloud.call("CopyImage", ImageId=community, **asked)
    assert refused.code == "OperationDenied.CommunityImage"


def test_cancel_refusals(cloud: Cloud, sim: Simulator) -> None:
    """Only an own copy that is not finished can be cancelled."""
    made = copy(cloud, add_image(sim))
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    asked = {"RegionId": AWAY, "ImageId": made}
    assert other.call("CancelCopyImage", **asked).code == "InvalidImageId.NotFound"
    sim.advance(LONG)
    assert cloud.call("CancelCopyImage", **asked).code == "IncorrectImageStatus"
    no_copy = cloud.call("CancelCopyImage", ImageId=add_image(sim))
    assert no_copy.code == "ImageCreatedNotFromCopy"


def test_token(cloud: Cloud, sim: Simulator) -> None:
    """The same ClientToken copies once."""
    source = add_image(sim)
    assert len({copy(cloud, source, ClientToken="t") for _ in "ab"}) == 1


def test_quota(cloud: Cloud, sim: Simulator) -> None:
    """The quota of images counts where the copy will be."""
    sim.seed({"quotas": {"image.count": 1}})
    source = add_image(sim)
    copy(cloud, source)
    refused = cloud.call("CopyImage", ImageId=source, DestinationRegionId=AWAY)
    assert refused.code == "QuotaExceed.Image"
