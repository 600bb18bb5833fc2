"""The disks of a new VM: what the manifest asks for is what the VM gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names

VIRTIO = "/dev/disk/by-id/virtio-"
NVME = "/dev/disk/by-id/nvme-Alibaba_Cloud_Elastic_Block_Storage_"


def encrypted_image(sim: Simulator, **fields: Any) -> str:
    """Put an encrypted stemcell of our own into the world."""
    row = {"name": "encrypted", "status": "Available", "encrypted": True, **fields}
    return sim.seed({"image": [row]})["image"][0]


@pytest.mark.parametrize(
    ("asked", "size_gib", "category", "level"),
    [
        (None, 40, "cloud_efficiency", ""),
        ({}, 40, "cloud_efficiency", ""),
        ({"size": ""}, 40, "cloud_efficiency", ""),
        ({"size": 51200}, 50, "cloud_efficiency", ""),
        ({"size": "61_440"}, 60, "cloud_efficiency", ""),
        ({"size": 10240}, 20, "cloud_efficiency", ""),
        ({"size": 51200, "category": "cloud_ssd"}, 50, "cloud_ssd", ""),
        ({"category": "cloud_auto"}, 40, "cloud_auto", ""),
        ({"size": 20480, "category": "cloud_auto"}, 40, "cloud_auto", ""),
        ({"category": "cloud_essd"}, 40, "cloud_essd", "PL1"),
        (
            {"size": 512000, "category": "cloud_essd", "performance_level": "PL2"},
            500,
            "cloud_essd",
            "PL2",
        ),
        ({"category": "cloud_essd", "performance_level": "PL0"}, 40, "cloud_essd", "PL0"),
        (
            {"size": 5120, "category": "cloud_essd", "performance_level": "PL0"},
            20,
            "cloud_essd",
            "PL0",
        ),
    ],
)
def test_system_disk(
    vms: Vms, asked: dict[str, Any] | None, size_gib: int, category: str, level: str
) -> None:
    """Size, category and performance level of the system disk are applied; 40 GiB by default."""
    system, *others = vms.disks(vms.make(system_disk=asked))
    assert others == []
    assert (system.type, system.size_gib) == ("system", size_gib)
    assert (system.category, system.performance_level) == (category, level)


def test_system_disk_of_a_large_image(vms: Vms, sim: Simulator) -> None:
    """Without a size the system disk has at least the image's."""
    image = sim.seed({"image": [{"name": "large", "size_gib": 55, "status": "Available"}]})
    system, *_ = vms.disks(vms.make(stemcell=image["image"][0]))
    assert system.size_gib == 55


def test_system_disk_smaller_than_its_image(vms: Vms, sim: Simulator) -> None:
    """A size below the image's is rounded up to it, as one below the category's is."""
    image = sim.seed({"image": [{"name": "large", "size_gib": 55, "status": "Available"}]})
    cid = vms.make(stemcell=image["image"][0], system_disk={"size": 30720})
    assert vms.disks(cid)[0].size_gib == 55


def test_encrypted_system_disk(vms: Vms, sim: Simulator, names: Names) -> None:
    """A system disk is encrypted as its stemcell is."""
    image = encrypted_image(sim, kms_key_id=names.kms_key)
    system, *_ = vms.disks(vms.make(stemcell=image, system_disk={"encrypted": "true"}))
    assert (system.encrypted, system.kms_key_id) == (True, names.kms_key)


def test_no_encryption_that_does_not_happen(vms: Vms) -> None:
    """system_disk.encrypted with a plain stemcell is refused: nothing would be encrypted."""
    answer = vms.create(system_disk={"encrypted": True})
    assert answer.type == "VMCreationFailed"
    assert "cloud_properties.system_disk.encrypted needs an encrypted stemcell" in answer.message
    assert not answer.ok_to_retry
    assert vms.left() == {}


def test_system_disk_key_that_cannot_be_promised(vms: Vms, sim: Simulator) -> None:
    """The system disk has its stemcell's key: another one is refused, not ignored."""
    image = encrypted_image(sim)
    answer = vms.create(stemcell=image, system_disk={"encrypted": True, "kms_key_id": "key-other"})
    assert answer.type == "VMCreationFailed"
    assert "cloud_properties.system_disk.kms_key_id" in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize(
    "asked",
    [None, {}, {"size": None}, {"size": ""}, {"category": "cloud_ssd", "encrypted": True}],
)
def test_no_size_no_ephemeral_disk(vms: Vms, asked: dict[str, Any] | None) -> None:
    """Without a size there is no ephemeral disk, and the agent is told of none."""
    cid = vms.make(ephemeral_disk=asked)
    assert [disk.type for disk in vms.disks(cid)] == ["system"]
    assert vms.settings(cid)["disks"] == {"system": "/dev/vda", "persistent": {}}


@pytest.mark.parametrize(
    ("asked", "size_gib", "category", "level"),
    [
        ({"size": 51200}, 50, "cloud_efficiency", ""),
        ({"size": "51_201"}, 51, "cloud_efficiency", ""),
        ({"size": 1024}, 20, "cloud_efficiency", ""),
        ({"size": 51200, "category": "cloud_ssd"}, 50, "cloud_ssd", ""),
        ({"size": 1024, "category": "cloud_auto"}, 40, "cloud_auto", ""),
        ({"size": 51200, "category": "cloud_essd"}, 50, "cloud_essd", "PL1"),
        (
            {"size": 5120, "category": "cloud_essd", "performance_level": "PL0"},
            5,
            "cloud_essd",
            "PL0",
        ),
        (
            {"size": 512000, "category": "cloud_essd", "performance_level": "PL2"},
            500,
            "cloud_essd",
            "PL2",
        ),
    ],
)
def test_ephemeral_disk(
    vms: Vms, asked: dict[str, Any], size_gib: int, category: str, level: str
) -> None:
    """Size, category and performance level of the ephemeral disk are applied."""
    disk = vms.data_disk(vms.make(ephemeral_disk=asked))
    assert (disk.size_gib, disk.category) == (size_gib, category)
    assert disk.performance_level == level
    assert disk.delete_with_instance
    assert not disk.encrypted


@pytest.mark.parametrize(("kept", "goes"), [(None, True), (True, True), ("False", False)])
def test_delete_with_instance(vms: Vms, kept: object, *, goes: bool) -> None:
    """The ephemeral disk goes with its VM unless delete_with_instance is false."""
    disk = vms.data_disk(vms.make(ephemeral_disk={"size": 20480, "delete_with_instance": kept}))
    assert disk.delete_with_instance is goes


@pytest.mark.parametrize(
    ("instance_type", "link"), [("ecs.g7.large", VIRTIO), ("ecs.g8i.large", NVME)]
)
def test_ephemeral_path(vms: Vms, instance_type: str, link: str) -> None:
    """The agent finds the ephemeral disk by its serial number, as virtio or NVMe device."""
    disks = {"system_disk": {"category": "cloud_essd"}}
    cid = vms.make(
        instance_type=instance_type,
        ephemeral_disk={"size": 20480, "category": "cloud_essd"},
        **disks,
    )
    path = vms.settings(cid)["disks"]["ephemeral"]
    assert path == link + vms.data_disk(cid).serial_number


def test_ephemeral_disk_that_shows_late(vms: Vms, sim: Simulator) -> None:
    """A disk that lists do not show yet is waited for; a good VM is not thrown away."""
    sim.set_pace(disk__listed=8)
    cid = vms.make(ephemeral_disk={"size": 20480})
    assert vms.settings(cid)["disks"]["ephemeral"] == VIRTIO + vms.data_disk(cid).serial_number


def test_encryption_of_the_ephemeral_disk(vms: Vms, names: Names) -> None:
    """An encrypted ephemeral disk has the key that was written."""
    asked = {"size": 20480, "encrypted": True, "kms_key_id": names.kms_key}
    disk = vms.data_disk(vms.make(ephemeral_disk=asked))
    assert (disk.encrypted, disk.kms_key_id) == (True, names.kms_key)


def test_default_encryption_of_the_ephemeral_disk(vms: Vms, cpi: Cpi, names: Names) -> None:
    """alicloud.encrypted and alicloud.kms_key_id hold for ephemeral disks, too."""
    cpi.configure(encrypted=True, kms_key_id=names.kms_key)
    disk = vms.data_disk(vms.make(ephemeral_disk={"size": 20480}))
    assert (disk.encrypted, disk.kms_key_id) == (True, names.kms_key)


def test_ephemeral_disk_is_known_as_such(vms: Vms, cpi: Cpi) -> None:
    """The VM's own data disk is none of its persistent disks, whatever its flags."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    vms.data_disk(cid).delete_with_instance = False
    assert cpi.ok("get_disks", cid) == []
