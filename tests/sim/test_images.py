"""DescribeImages, ModifyImageAttribute, DeleteImage, CreateImage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import (
    add_host,
    add_image,
    images,
    snapshots,
)
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def light(sim: Simulator) -> str:
    """Give the seed's image that another account shares with ours."""
    return str(sim.state()["constants"]["cn-beijing.light_stemcell"])


def public(sim: Simulator) -> str:
    """Give the seed's image of the cloud itself."""
    return str(sim.state()["constants"]["cn-beijing.public_image"])


def test_default_status(cloud: Cloud, sim: Simulator) -> None:
    """Only Available images are listed unless Status asks for others."""
    made = {
        status: add_image(sim, status=status)
        for status in ("Available", "Creating", "Waiting", "CreateFailed", "Deprecated")
    }

    def own(status: str | None) -> set[str]:
        shown = images(cloud, status=status, ImageOwnerAlias="self")
        return {image["ImageId"] for image in shown}

    assert own(None) == own("") == own("Available") == {made["Available"]}
    assert own("ALL") == set(made.values())
    assert own("Creating,Waiting") == {made["Creating"], made["Waiting"]}
    assert images(cloud, made["Creating"], status=None) == []
    assert cloud.call("DescribeImages", Status="Lost").code == "InvalidParamter"


def test_who_sees_what(cloud: Cloud, sim: Simulator) -> None:
    """Own, shared and public images are seen, each with its owner; others' are not."""
    mine = add_image(sim)
    hidden = add_image(sim, account="1200000000000002")
    owners = {shown["ImageId"]: shown["ImageOwnerAlias"] for shown in images(cloud)}
    assert owners == {mine: "self", light(sim): "others", public(sim): "system"}
    for alias, image in (("self", mine), ("others", light(sim)), ("system", public(sim))):
        (shown,) = images(cloud, ImageOwnerAlias=alias)
        assert shown["ImageId"] == image
    assert images(cloud, ImageOwnerAlias="marketplace") == []
    assert images(cloud, hidden) == []
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    assert images(other, mine) == []
    assert len(images(other, ImageOwnerAlias="self")) == 2
    assert images(cloud, RegionId="cn-hangzhou", ImageOwnerAlias="self") == []


def test_an_image_as_shown(cloud: Cloud, sim: Simulator) -> None:
    """An own image shows its disks, the encryption of each, and its features."""
    made = add_image(sim, name="mine", size_gib=7, encrypted=True, nvme_supported=True)
    (shown,) = images(cloud, made)
    under = sim.state()["records"]["image"][made]["snapshot_ids"][0]
    (mapping,) = shown["DiskDeviceMappings"]["DiskDeviceMapping"]
    expected = {"SnapshotId": under, "Device": "/dev/xvda", "Size": "7", "Type": "system"}
    assert {name: mapping[name] for name in expected} == expected
    assert mapping["Encrypted"] is True
    assert (shown["ImageName"], shown["Size"], shown["Progress"]) == ("mine", 7, "100%")
    assert shown["Features"] == {"NvmeSupport": "supported", "ImdsSupport": "v1"}
    assert "Encrypted" not in shown
    assert images(cloud, public(sim))[0]["DiskDeviceMappings"]["DiskDeviceMapping"] == []


def test_filters(cloud: Cloud, sim: Simulator) -> None:
    """Filters are ANDed; a name may have asterisks."""
    alpha = add_image(sim, name="alpha-1", tags={"a": "1"}, architecture="arm64")
    beta = add_image(sim, name="beta-1", os_type="windows", nvme_supported=True)
    add_host(sim, image_id=beta)

    def ids(**params: Any) -> set[str]:
        shown = images(cloud, ImageOwnerAlias="self", **params)
        return {image["ImageId"] for image in shown}

    assert ids(ImageName="*-1") == {alpha, beta}
    assert ids(ImageName="alpha") == ids(IsPublic="true") == set()
    assert ids(ImageName="alpha-1") == ids(Tag__1__Key="a") == ids(Architecture="arm64") == {alpha}
    assert ids(OSType="windows") == ids(Usage="instance") == {beta}
    assert ids(InstanceType="ecs.g8i.large") == {beta}
    under = sim.state()["records"]["image"][alpha]["snapshot_ids"][0]
    assert ids(SnapshotId=under) == {alpha}
    assert ids(ImageOwnerId="1200000000000002") == set()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ImageOwnerAlias": "mine"}, "InvalidImageOwnerAlias.ValueNotSupported"),
        ({"OSType": "beos"}, "InvalidOSType"),
        ({"Architecture": "vax"}, "InvalidArchitecture"),
        ({"Usage": "some"}, "InvalidUsage"),
        ({"InstanceType": "ecs.x1.huge"}, "InvalidInstanceType.ValueNotSupported"),
        ({"DryRun": "true"}, "DryRunOperation"),
        ({"PageSize": 101}, "InvalidParameter"),
        ({"ImageIds": "[]"}, "UnsupportedParameter"),
    ],
)
def test_list_refusals(cloud: Cloud, asked: dict[str, Any], code: str) -> None:
    """Filters that make no sense are refused."""
    assert cloud.call("DescribeImages", **asked).code == code


def test_pages(cloud: Cloud, sim: Simulator) -> None:
    """Pages are ten long unless asked otherwise, the newest first."""
    made = []
    for _ in range(12):
        made.append(add_image(sim))
        sim.advance(1)
    answer = cloud.ok("DescribeImages", ImageOwnerAlias="self", PageNumber=2, PageSize=5)
    assert [image["ImageId"] for image in answer["Images"]["Image"]] == made[6:1:-1]
    assert (answer["TotalCount"], answer["PageNumber"], answer["PageSize"]) == (12, 2, 5)
    assert len(images(cloud, ImageOwnerAlias="self")) == 10


def test_modify(cloud: Cloud, sim: Simulator) -> None:
    """Name, description, features and status of an own image change at once."""
    made = add_image(sim, name="old")
    cloud.ok("ModifyImageAttribute", ImageId=made, ImageName="new", Description="an image")
    features = {"Features__NvmeSupport": "supported", "Features__ImdsSupport": "v2"}
    cloud.ok("ModifyImageAttribute", ImageId=made, **features)
    cloud.ok("ModifyImageAttribute", ImageId=made, Status="Deprecated")
    (shown,) = images(cloud, made)
    assert (shown["ImageName"], shown["Description"]) == ("new", "an image")
    assert shown["Features"] == {"NvmeSupport": "supported", "ImdsSupport": "v2"}
    assert images(cloud, made, status=None) == []
    cloud.ok("ModifyImageAttribute", ImageId=made, Status="Available")
    assert images(cloud, made, status=None) != []


@pytest.mark.parametrize(
    ("held", "asked", "code"),
    [
        ({}, {}, "MissingParameter"),
        ({}, {"ImageName": "aliyun-1"}, "InvalidImageName.Malformed"),
        ({}, {"ImageName": "1"}, "InvalidImageName.Malformed"),
        ({}, {"ImageName": "taken"}, "InvalidImageName.Duplicated"),
        ({}, {"Description": "http://x"}, "InvalidDescription.Malformed"),
        ({}, {"Status": "Available"}, "ImageStatus.NotDeprecated"),
        ({}, {"Status": "Creating"}, "InvalidParameter"),
        ({"status": "Deprecated"}, {"Status": "Deprecated"}, "ImageStatus.NotAvailable"),
        ({"status": "Creating"}, {"ImageName": "new"}, "ImageStatus.NotAvailable"),
        ({"architecture": "arm64"}, {"BootMode": "BIOS"}, "InvalidBootMode.NotSupport"),
        ({}, {"LicenseType": "Mine"}, "InvalidLicenseType.NotSupported"),
        ({}, {"Features.NvmeSupport": "maybe"}, "InvalidParameter"),
        ({}, {"ImageName": "new", "DryRun": "true"}, "DryRunOperation"),
        ({}, {"ImageId": "m-2zenothing", "ImageName": "new"}, "InvalidImageId.NotFound"),
    ],
)
def test_modify_refusals(
    cloud: Cloud, sim: Simulator, held: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    """What cannot be changed is refused."""
    add_image(sim, name="taken")
    made = add_image(sim, name="mine", **held)
    refused = cloud.call("ModifyImageAttribute", **{"ImageId": made, **asked})
    assert refused.code == code
    assert images(cloud, made)[0]["ImageName"] == "mine"


def test_a_name_may_stay(cloud: Cloud, sim: Simulator) -> None:
    """An image may be given the name that it has."""
    made = add_image(sim, name="mine")
    cloud.ok("ModifyImageAttribute", ImageId=made, ImageName="mine")


def test_delete(cloud: Cloud, sim: Simulator) -> None:
    """An image goes a little after the call; the snapshots under it stay and can then go."""
    made = add_image(sim)
    under = sim.state()["records"]["image"][made]["snapshot_ids"][0]
    for _ in "ab":
        cloud.ok("DeleteImage", ImageId=made)
    assert cloud.call("DeleteSnapshot", SnapshotId=under).code == "SnapshotCreatedImage"
    assert len(images(cloud, made)) == 1
    assert images(cloud, made) == []
    assert len(snapshots(cloud, under)) == 1
    cloud.ok("DeleteSnapshot", SnapshotId=under)
    refused = cloud.call("DeleteImage", ImageId=made)
    assert (refused.code, refused.status) == ("InvalidImageId.NotFound", 404)
    sim.seed({"settings": {"deletes_ignore_unknown": True}})
    cloud.ok("DeleteImage", ImageId=made)


def test_delete_in_use(cloud: Cloud, sim: Simulator) -> None:
    """An image that instances were made from goes with Force only."""
    made = add_image(sim)
    add_host(sim, image_id=made)
    refused = cloud.call("DeleteImage", ImageId=made)
    assert (refused.code, refused.status) == ("ImageUsingByInstance", 403)
    cloud.ok("DeleteImage", ImageId=made, Force="true")


def test_delete_refusals(cloud: Cloud, sim: Simulator) -> None:
    """Public, shared and others' images are refused, each in its way."""
    lent = add_image(sim, shared_with=["1200000000000002"])
    for image, code, status in (
        (public(sim), "ImageIsPublic", 403),
        (light(sim), "InvalidImageId.NotFound", 404),
        (lent, "ImageUseShared", 403),
    ):
        refused = cloud.call("DeleteImage", ImageId=image)
        assert (refused.code, refused.status) == (code, status)
    asked = {"ImageId": add_image(sim), "DryRun": "true"}
    assert cloud.call("DeleteImage", **asked).code == "DryRunOperation"
    assert len(images(cloud)) == 4
