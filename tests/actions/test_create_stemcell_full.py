"""create_stemcell of a full stemcell: its disk image is uploaded and imported, nothing is left."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.oss.records import Bucket, OssObject, Upload, blob_of
from support.stemcells import KIB, MIB, image, properties, tarball
from support.storage import refused
from support.vms import Meanwhile
from support.world import MARK

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from alicloud_sim.ecs.images.record import Image
    from support.cpi import Cpi
    from support.storage import Storage
    from support.world import Names

SMALL = image(300 * KIB, -2 * MIB)
TAGS = {"tags": {"director": "bosh", "cost": 5, "none": None}}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Give the path of a small stemcell's tarball."""
    return tarball(tmp_path, SMALL)


def the_image(storage: Storage) -> Image:
    """Return the one image of our own that there is."""
    (found,) = storage.own_images()
    return found


def left_in_oss(storage: Storage) -> list[str]:
    """List what OSS still holds."""
    return [row.id for kind in (Bucket, OssObject, Upload) for row in storage.all(kind)]


# From the tarball to the image


@pytest.mark.parametrize("version", [1, 2, 3])
def test_imported(cpi: Cpi, storage: Storage, path: str, version: int) -> None:
    """The cid is the id of an image of our own; bucket, objects and uploads are gone."""
    cpi.api_version = version
    cid = cpi.ok("create_stemcell", path, properties())
    made = the_image(storage)
    assert (made.id, made.status, made.origin) == (cid, "Available", "import")
    assert (made.architecture, made.os_type, made.platform) == ("x86_64", "linux", "Ubuntu")
    assert (made.size_gib, made.format, made.encrypted) == (5, "RAW", False)
    assert left_in_oss(storage) == []


@pytest.mark.parametrize(
    "content",
    [
        image(1),
        image(-1),
        image(-3 * MIB),
        image(3 * MIB + 1),
        image(-5 * MIB, 10 * KIB, -100 * KIB),
        image(512 * KIB, -512 * KIB, 5 * MIB, -20 * MIB, 100 * KIB),
        image(*[256 * KIB, -256 * KIB] * 20),
        image(10 * KIB, -9 * MIB - 1),
    ],
    ids=[
        "a byte",
        "a zero",
        "only zeros",
        "no zeros",
        "zeros around",
        "stretches",
        "by turns",
        "mostly zeros",
    ],
)
def test_content(cpi: Cpi, sim: Simulator, tmp_path: Path, content: bytes) -> None:
    """What is imported is the disk image, byte for byte, out of a private bucket."""
    seen: set[str] = set()

    def look() -> None:
        for row in sim.world.all(OssObject):
            if row.key == "stemcell.raw":
                data = b"".join(blob_of(sim.world, row).pieces())
                seen.add(hashlib.sha256(data).hexdigest())
        assert [bucket.acl for bucket in sim.world.all(Bucket)] in ([], ["private"])

    cpi.clock = Meanwhile(sim, look)
    cpi.ok("create_stemcell", tarball(tmp_path, content), properties())
    assert seen == {hashlib.sha256(content).hexdigest()}


def test_zeros_are_not_sent(cpi: Cpi, sim: Simulator, tmp_path: Path) -> None:
    """Of an image that is mostly zeros, the data is sent and one object of zeros, once."""
    content = image(2 * MIB, -30 * MIB, 3 * MIB, -20 * MIB)
    cpi.ok("create_stemcell", tarball(tmp_path, content), properties())
    sent = sum(call["bytes_in"] for call in sim.calls("UploadPart"))
    assert sent == 5 * MIB
    assert len(sim.calls("PutObject")) == 1
    assert len(sim.calls("UploadPartCopy")) >= 2


def test_parts_are_sent_side_by_side(cpi: Cpi, sim: Simulator, tmp_path: Path) -> None:
    """Parts travel over several connections, each of them kept for many parts."""
    sim.add_fault(kind="delay", service="oss", action="UploadPart", seconds=0.02, count=0)
    cpi.ok("create_stemcell", tarball(tmp_path, image(48 * MIB)), properties())
    ports = [call["client_port"] for call in sim.calls("UploadPart")]
    assert len(ports) == 24
    assert 2 <= len(set(ports)) <= 8


def test_progress(cpi: Cpi, tmp_path: Path) -> None:
    """The log tells the progress every 10 %, and nothing of the single parts."""
    answer = cpi.call("create_stemcell", tarball(tmp_path, image(40 * MIB)), properties())
    lines = [line for line in answer.stderr.splitlines() if " upload to " in line]
    assert len(lines) == 10
    assert "100 % of 40 MiB" in lines[-1]
    assert "UploadPart" not in answer.stderr


# What the image is


@pytest.mark.parametrize(
    ("name", "distro", "platform"),
    [
        ("bosh-alicloud-kvm-ubuntu-jammy-go_agent", "ubuntu", "Ubuntu"),
        ("bosh-alicloud-kvm-ubuntu-jammy-go_agent", "Ubuntu", "Ubuntu"),
        ("bosh-alicloud-kvm-ubuntu-bionic-go_agent", "ubuntu", "Others Linux"),
        ("bosh-alicloud-kvm-centos-7-go_agent", "centos", "CentOS"),
        ("bosh-alicloud-kvm-opensuse-leap-go_agent", "opensuse", "OpenSUSE"),
        ("bosh-alicloud-kvm-other", "gentoo", "Others Linux"),
        ("bosh-alicloud-kvm-other", None, "Others Linux"),
    ],
)
def test_platform(
    cpi: Cpi, storage: Storage, path: str, name: str, distro: str | None, platform: str
) -> None:
    """The platform follows from the distribution; a bionic stemcell is none that ECS knows."""
    cpi.ok("create_stemcell", path, properties(name=name, os_distro=distro))
    assert the_image(storage).platform == platform


@pytest.mark.parametrize(
    ("disk", "expected"),
    [(None, 5), (1, 5), (3072, 5), (5120, 5), (5121, 6), ("10_240", 10), ("", 5)],
)
def test_size(cpi: Cpi, storage: Storage, path: str, disk: object, expected: int) -> None:
    """The image has the GiB that hold the stemcell's disk, at least 5."""
    cpi.ok("create_stemcell", path, {**properties(disk=None), "disk": disk})
    assert the_image(storage).size_gib == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"nvme_support": "supported"}, {"nvme_supported": True}),
        ({"nvme_support": "unsupported"}, {"nvme_supported": False}),
        ({"imds_support": "v2"}, {"imds_version": "v2"}),
        ({"imds_support": "v1"}, {"imds_version": "v1"}),
        ({}, {"imds_version": "v1"}),
        ({"architecture": "arm64"}, {"architecture": "arm64", "boot_mode": "UEFI"}),
        ({"architecture": None}, {"architecture": "x86_64", "boot_mode": "BIOS"}),
        ({"os_type": "Linux"}, {"os_type": "linux"}),
        ({"os_type": None}, {"os_type": "linux"}),
        ({"description": "A stemcell"}, {"description": "A stemcell"}),
        ({"description": "d" * 300}, {"description": "d" * 256}),
        ({"description": "http://stemcells"}, {"description": ""}),
        ({"description": "d"}, {"description": ""}),
        ({"disk_format": None}, {"format": "RAW"}),
        ({"disk_format": "RAW"}, {"format": "RAW"}),
        ({"version": 1.5}, {"status": "Available"}),
    ],
)
def test_properties(
    cpi: Cpi, storage: Storage, path: str, changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The stemcell's properties become those of the image."""
    cpi.ok("create_stemcell", path, properties(**changes))
    made = the_image(storage)
    assert {name: getattr(made, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({}, "bosh-alicloud-kvm-ubuntu-jammy-go_agent-1.500-"),
        ({"name": None}, "bosh-1.500-"),
        ({"name": None, "version": None}, "bosh-stemcell-"),
        ({"name": "n" * 200}, "n" * 91 + "-"),
    ],
)
def test_name(cpi: Cpi, storage: Storage, path: str, changes: dict[str, Any], start: str) -> None:
    """The image's name says which stemcell it is, and no other image has it."""
    for _ in range(2):
        cpi.ok("create_stemcell", path, properties(**changes))
    first, second = (made.name for made in storage.own_images())
    assert first.startswith(start)
    assert second.startswith(start)
    assert first != second


def test_tags(cpi: Cpi, storage: Storage, path: str) -> None:
    """The third argument's tags go on the image and on its snapshots."""
    cpi.api_version = 3
    cpi.ok("create_stemcell", path, properties(), TAGS)
    expected = {"director": "bosh", "cost": "5", "none": ""}
    made = the_image(storage)
    assert made.tags == {**expected, **MARK}
    of_image = {**expected, **MARK, "bosh-cpi-image": made.id}
    assert [snapshot.tags for snapshot in storage.snapshots()] == [of_image]


def test_refused_tags(cpi: Cpi, storage: Storage, path: str) -> None:
    """A refused tag is a warning: no stemcell is lost over it."""
    storage.refuse("TagResources", "Forbidden.RAM", status=403)
    answer = cpi.call("create_stemcell", path, properties(), TAGS)
    assert answer.result == the_image(storage).id
    assert "WARNING" in answer.stderr


def test_life(cpi: Cpi, storage: Storage, path: str) -> None:
    """What create_stemcell made, delete_stemcell deletes altogether."""
    cpi.ok("delete_stemcell", cpi.ok("create_stemcell", path, properties()))
    assert (storage.own_images(), storage.snapshots(), left_in_oss(storage)) == ([], [], [])


# Encrypted


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("nvme", ["supported", None])
def test_encrypted(
    cpi: Cpi,
    storage: Storage,
    names: Names,
    path: str,
    keyed: bool,  # noqa: FBT001
    nvme: str | None,
) -> None:
    """With ``encrypted`` the cid is that of an encrypted copy; the plain image is gone."""
    cpi.configure(encrypted=True, kms_key_id=names.kms_key if keyed else None)
    cid = cpi.ok("create_stemcell", path, properties(nvme_support=nvme), TAGS)
    made = the_image(storage)
    assert (made.id, made.origin, made.encrypted) == (cid, "copy", True)
    assert made.kms_key_id == (names.kms_key if keyed else "")
    assert made.nvme_supported is bool(nvme)
    assert made.tags["director"] == "bosh"
    assert [snapshot.id for snapshot in storage.snapshots()] == made.snapshot_ids
    assert left_in_oss(storage) == []


def test_plain_image_that_stays(cpi: Cpi, storage: Storage, path: str) -> None:
    """A plain image that cannot be deleted costs no stemcell: the log names it."""
    cpi.configure(encrypted=True)
    storage.refuse("DeleteImage", "Forbidden.RAM", status=403)
    answer = cpi.call("create_stemcell", path, properties())
    plain, copy = storage.own_images()
    assert answer.result == copy.id
    assert f"LEFT BEHIND, delete by hand: image '{plain.id}'" in answer.stderr


def test_failed_copy(cpi: Cpi, storage: Storage, path: str) -> None:
    """When the copy fails, both images go, with their snapshots."""
    cpi.configure(encrypted=True)
    storage.set(image__copy_fails=True)
    answer = cpi.call("create_stemcell", path, properties())
    refused(answer, "CloudError", "CreateFailed", "Cleaned up: image")
    assert "LEFT BEHIND" not in answer.message
    assert (storage.own_images(), storage.snapshots(), left_in_oss(storage)) == ([], [], [])


# An image that lies in OSS already


@pytest.fixture
def stored(storage: Storage) -> dict[str, str]:
    """Give the place of a disk image that an operator has put into OSS."""
    made = storage.sim.seed(
        {
            "oss_bucket": [{"id": "the-operators-own"}],
            "oss_object": [
                {
                    "id": "the-operators-own/stemcells/root.img",
                    "bucket": "the-operators-own",
                    "key": "stemcells/root.img",
                    "size": 3 << 30,
                }
            ],
        }
    )
    assert made
    return {"oss_bucket": "the-operators-own", "oss_object": "stemcells/root.img"}


def test_from_oss(cpi: Cpi, storage: Storage, stored: dict[str, str]) -> None:
    """An image in OSS is imported from there, and stays there; the tarball is not looked at."""
    cid = cpi.ok("create_stemcell", "/none", properties(**stored), TAGS)
    made = the_image(storage)
    assert (made.id, made.bucket, made.object_key) == (cid, *stored.values())
    assert made.tags["director"] == "bosh"
    assert {call["service"] for call in storage.sim.calls()} == {"ecs"}
    assert left_in_oss(storage) == ["the-operators-own", "the-operators-own/stemcells/root.img"]


def test_from_oss_encrypted(cpi: Cpi, storage: Storage, stored: dict[str, str]) -> None:
    """An image in OSS that is imported and copied encrypted stays in OSS as well."""
    cpi.configure(encrypted=True)
    cpi.ok("create_stemcell", "", properties(**stored))
    assert the_image(storage).encrypted
    assert len(left_in_oss(storage)) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"oss_object": "other"}, "InvalidOSSObject.NotFound"),
        ({"oss_bucket": "other-bucket"}, "InvalidOSSBucket.NotFound"),
    ],
)
def test_from_oss_refused(
    cpi: Cpi, storage: Storage, stored: dict[str, str], changes: dict[str, Any], code: str
) -> None:
    """What ECS refuses to import is an error with its code."""
    answer = cpi.call("create_stemcell", "", properties(**{**stored, **changes}))
    refused(answer, "CloudError", code, "ImportImage")
    assert storage.own_images() == []


# What is refused before anything is made


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"oss_bucket": "b"}, "cloud_properties.oss_object"),
        ({"oss_object": "o"}, "cloud_properties.oss_bucket"),
        ({"disk": "big"}, "cloud_properties.disk"),
        ({"disk": 0}, "cloud_properties.disk"),
        ({"disk": 2048 * 1024 + 1}, "cloud_properties.disk"),
        ({"disk_format": "vmdk"}, "cloud_properties.disk_format"),
        ({"architecture": "s390"}, "cloud_properties.architecture"),
    ],
)
def test_bad_property(
    cpi: Cpi, sim: Simulator, path: str, changes: dict[str, Any], named: str
) -> None:
    """A property that cannot be used is named, before anything is asked of the cloud."""
    refused(cpi.call("create_stemcell", path, properties(**changes)), "CloudError", named)
    assert sim.calls() == []


def test_no_properties(cpi: Cpi, storage: Storage, path: str) -> None:
    """A stemcell without any properties is a Linux one of the usual architecture."""
    cpi.ok("create_stemcell", path, None)
    cpi.ok("create_stemcell", path, {})
    assert {made.platform for made in storage.own_images()} == {"Others Linux"}


def test_no_tarball(cpi: Cpi, sim: Simulator, tmp_path: Path) -> None:
    """A tarball that is not there, or is none, is an error before anything is made."""
    (tmp_path / "text").write_text("This is no tarball.")
    for name, word in (("none", "does not exist"), ("text", "not a tarball")):
        answer = cpi.call("create_stemcell", str(tmp_path / name), properties())
        refused(answer, "CloudError", str(tmp_path / name), word)
    assert sim.calls() == []
