"""create_disk makes a disk in the right zone, as the disk type asks, and waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused
from support.world import MARK, OTHER_ZONE, ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.world import Names

HERE = {"availability_zone": ZONE}


def test_plain_disk(cpi: Cpi, storage: Storage) -> None:
    """Without properties it is a plain cloud_efficiency disk, Available when the call returns."""
    disk = storage.found(cpi.ok("create_disk", 51200, HERE, None))
    assert (disk.status, disk.type, disk.instance_id) == ("Available", "data", "")
    assert (disk.category, disk.size_gib, disk.performance_level) == ("cloud_efficiency", 50, "")
    assert (disk.encrypted, disk.kms_key_id, disk.tags) == (False, "", MARK)


def test_each_call_makes_a_disk_of_its_own(storage: Storage) -> None:
    """Two calls with the same arguments are two disks: the Director asks for each by itself."""
    assert storage.make() != storage.make()
    assert len(storage.disks()) == 2


def test_zone_of_the_vm(cpi: Cpi, storage: Storage) -> None:
    """A disk for a VM is in the VM's zone, whatever properties and configuration say."""
    cpi.configure(availability_zone=ZONE)
    vm = storage.vm(zone_id=OTHER_ZONE)
    assert storage.found(cpi.ok("create_disk", 51200, HERE, vm)).zone_id == OTHER_ZONE


@pytest.mark.parametrize("vm_cid", [None, ""])
def test_zone_of_the_properties(cpi: Cpi, storage: Storage, vm_cid: str | None) -> None:
    """Without a VM the properties' zone counts, before the configuration's."""
    cpi.configure(availability_zone=ZONE)
    disk_cid = cpi.ok("create_disk", 51200, {"availability_zone": OTHER_ZONE}, vm_cid)
    assert storage.found(disk_cid).zone_id == OTHER_ZONE


@pytest.mark.parametrize("properties", [None, {}, {"availability_zone": ""}])
def test_zone_of_the_configuration(
    cpi: Cpi, storage: Storage, properties: dict[str, Any] | None
) -> None:
    """Where nothing else names a zone, it is the configuration's; vm_cid may be left out."""
    cpi.configure(availability_zone=OTHER_ZONE)
    assert storage.found(cpi.ok("create_disk", 51200, properties)).zone_id == OTHER_ZONE


def test_no_zone(cpi: Cpi, storage: Storage) -> None:
    """Without any zone the error names both properties that could give one."""
    cpi.configure(availability_zone=None)
    answer = cpi.call("create_disk", 51200, {}, None)
    refused(answer, "CloudError", "cloud_properties.availability_zone")
    refused(answer, "CloudError", "alicloud.availability_zone")
    assert storage.disks() == []


def test_missing_vm(cpi: Cpi, storage: Storage) -> None:
    """A VM that is not there is VMNotFound, and no disk is made."""
    refused(cpi.call("create_disk", 51200, HERE, "i-gone"), "VMNotFound", "i-gone")
    assert storage.disks() == []


def test_region_of_the_vm(cpi: Cpi, storage: Storage) -> None:
    """A disk for a VM in another region is made there, and found there."""
    cpi.configure(cross_regions=["cn-hangzhou"])
    vm = storage.vm(region="cn-hangzhou", zone_id="cn-hangzhou-h")
    disk_cid = cpi.ok("create_disk", 51200, {}, vm)
    disk = storage.found(disk_cid)
    assert (disk.region, disk.zone_id) == ("cn-hangzhou", "cn-hangzhou-h")
    assert cpi.ok("has_disk", disk_cid) is True


def test_a_zone_without_the_default_category(cpi: Cpi, storage: Storage, sim: Simulator) -> None:
    """A disk for no VM gets one that the zone has; it is looked up after the refusal only."""
    zone = sim.world.regions["cn-beijing"].zones[ZONE]
    zone.disk_categories = ["cloud_essd", "cloud_auto"]
    disk = storage.found(cpi.ok("create_disk", 1024, HERE, None))
    assert (disk.category, disk.size_gib) == ("cloud_essd", 20)
    assert len(sim.calls("CreateDisk")) == 2
    assert len(sim.calls("DescribeAvailableResource")) == 1
    answer = cpi.call("create_disk", 1024, {**HERE, "category": "cloud_efficiency"}, None)
    refused(answer, "CloudError", "InvalidDiskCategory.NotSupported")
    assert len(sim.calls("DescribeAvailableResource")) == 1
    zone.disk_categories = ["cloud_ssd"]
    answer = cpi.call("create_disk", 1024, HERE, None)
    refused(answer, "CloudError", "InvalidDiskCategory.NotSupported")
    sim.add_fault(
        kind="error", action="DescribeAvailableResource", code="Forbidden.RAM", status=403, count=0
    )
    answer = cpi.call("create_disk", 1024, HERE, None)
    refused(answer, "CloudError", "Which categories the zone has is unknown")
    assert len(storage.disks()) == 1


@pytest.mark.parametrize(
    ("category", "size_mib", "size_gib"),
    [
        ("cloud_efficiency", 1, 20),
        ("cloud_efficiency", 20480, 20),
        ("cloud_efficiency", 20481, 21),
        ("cloud_ssd", 10240, 20),
        ("cloud_essd", 10240, 20),
        ("cloud_essd", 51201, 51),
        ("cloud_auto", 10240, 40),
        ("cloud_auto", 41984, 41),
    ],
)
def test_size(storage: Storage, category: str, size_mib: int, size_gib: int) -> None:
    """MiB are rounded up to GiB, and to the smallest size of the category."""
    disk = storage.found(storage.make(size_mib, {"category": category}))
    assert (disk.category, disk.size_gib) == (category, size_gib)


@pytest.mark.parametrize(
    ("level", "size_mib", "size_gib"),
    [("PL0", 1, 1), ("PL0", 5120, 5), ("PL0", 4097, 5), ("PL1", 5120, 20), (None, 5120, 20)],
)
def test_size_of_a_level(storage: Storage, level: str | None, size_mib: int, size_gib: int) -> None:
    """An ESSD that is asked for as PL0 is as small as that, in the cloud's own limits."""
    properties = {"category": "cloud_essd", "performance_level": level}
    disk = storage.found(storage.make(size_mib, properties))
    assert (disk.performance_level, disk.size_gib) == (level or "PL1", size_gib)


DEFAULT_KIND = {"default_disk_category": "cloud_essd", "default_disk_performance_level": "PL0"}


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ({}, ("cloud_essd", "PL0", 2)),
        ({"performance_level": "PL1"}, ("cloud_essd", "PL1", 20)),
        ({"category": "cloud_essd"}, ("cloud_essd", "PL1", 20)),
        ({"type": "cloud_ssd"}, ("cloud_ssd", "", 20)),
    ],
)
@pytest.mark.parametrize("place", ["file", "context"])
def test_default_kind(
    cpi: Cpi, storage: Storage, properties: dict[str, Any], kind: tuple[str, str, int], place: str
) -> None:
    """A disk type without a category has the configured one; its level goes with that alone."""
    context = DEFAULT_KIND if place == "context" else {}
    if place == "file":
        cpi.configure(**DEFAULT_KIND)
    disk_cid = cpi.ok("create_disk", 2048, {**HERE, **properties}, None, context=context)
    disk = storage.found(disk_cid)
    assert (disk.category, disk.performance_level, disk.size_gib) == kind


def test_default_category_alone(cpi: Cpi, storage: Storage) -> None:
    """For instance types that take no cloud_efficiency; the level is the cloud's own default."""
    cpi.configure(default_disk_category="cloud_essd")
    disk = storage.found(storage.make(2048))
    assert (disk.category, disk.performance_level, disk.size_gib) == ("cloud_essd", "PL1", 20)


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"default_disk_category": "gold"}, "default_disk_category must be one of"),
        ({"default_disk_performance_level": "PL0"}, "default_disk_performance_level needs"),
    ],
)
def test_default_kind_that_there_is_not(
    cpi: Cpi, storage: Storage, config: dict[str, str], named: str
) -> None:
    """A wrong default is named, and nothing is asked of the cloud; also in a real process."""
    cpi.configure(**config)
    refused(cpi.process("create_disk", 2048, HERE, None), "CpiError", f"alicloud.{named}")
    assert storage.sim.calls() == []


def test_type_is_another_word_for_category(storage: Storage) -> None:
    """Manifests of other releases say type: it counts, and category counts more."""
    assert storage.found(storage.make(properties={"type": "cloud_ssd"})).category == "cloud_ssd"
    both = {"type": "cloud_ssd", "category": "cloud_essd"}
    assert storage.found(storage.make(properties=both)).category == "cloud_essd"


@pytest.mark.parametrize(
    ("level", "size_mib"), [("PL0", 40960), ("PL1", 40960), ("PL2", 512000), ("PL3", 1536000)]
)
def test_performance_level(storage: Storage, level: str, size_mib: int) -> None:
    """An ESSD has the performance level that was asked for."""
    properties = {"category": "cloud_essd", "performance_level": level}
    assert storage.found(storage.make(size_mib, properties)).performance_level == level


@pytest.mark.parametrize("written", [True, "true", "True", "TRUE"])
def test_encrypted(storage: Storage, written: object) -> None:
    """An encrypted disk without a key of its own uses the service's."""
    disk = storage.found(storage.make(properties={"encrypted": written}))
    assert (disk.encrypted, disk.kms_key_id) == (True, "")


@pytest.mark.parametrize(
    ("config", "properties", "encrypted", "keyed"),
    [
        ({"encrypted": True}, {}, True, False),
        ({"encrypted": True, "kms_key_id": "KEY"}, {}, True, True),
        ({"encrypted": True, "kms_key_id": "KEY"}, {"encrypted": False}, False, False),
        ({"kms_key_id": "KEY"}, {}, False, False),
        ({"kms_key_id": "KEY"}, {"encrypted": True}, True, True),
        ({"kms_key_id": "other"}, {"encrypted": True, "kms_key_id": "KEY"}, True, True),
        ({"encrypted": "true"}, {"kms_key_id": "KEY"}, True, True),
    ],
)
def test_encryption_and_key(
    cpi: Cpi,
    storage: Storage,
    names: Names,
    config: dict[str, Any],
    properties: dict[str, Any],
    encrypted: bool,  # noqa: FBT001
    keyed: bool,  # noqa: FBT001
) -> None:
    """The disk type says whether, and with which key; else the configuration does."""

    def keys(given: dict[str, Any]) -> dict[str, Any]:
        return {name: names.kms_key if value == "KEY" else value for name, value in given.items()}

    cpi.configure(**keys(config))
    disk = storage.found(storage.make(properties=keys(properties)))
    assert disk.encrypted is encrypted
    assert disk.kms_key_id == (names.kms_key if keyed else "")


def test_tags(storage: Storage) -> None:
    """Tags are texts of a form that the cloud takes."""
    tags = {"team": "data", "cost": 123, "live": True, "none": None, "acs:x": "http://a/b"}
    disk = storage.found(storage.make(properties={"tags": tags}))
    assert disk.tags == {
        "team": "data",
        "cost": "123",
        "live": "true",
        "none": "",
        "_acs:x": "http:a/b",
        **MARK,
    }


def test_too_many_tags(storage: Storage) -> None:
    """A disk has at most 20 tags, 8 of them the Director's: the rest is dropped."""
    tags = {f"tag-{number:02}": "x" for number in range(25)}
    disk = storage.found(storage.make(properties={"tags": tags}))
    assert sorted(disk.tags) == [*MARK, *(f"tag-{number:02}" for number in range(11))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data-1", "data-1"),
        ("dynamic disk/7", "dynamic.disk.7"),
        ("1", "disk-1"),
        ("", ""),
        ("x" * 200, "x" * 128),
    ],
)
def test_name(storage: Storage, name: str, expected: str) -> None:
    """A name is given to the disk, in the form that the cloud takes."""
    assert storage.found(storage.make(properties={"name": name})).name == expected


def test_persistent_disks_are_marked(cpi: Cpi, storage: Storage) -> None:
    """The description says what the disk is, so that get_disks and delete_vm know it."""
    vm = storage.vm()
    disk_cid = cpi.ok("create_disk", 51200, {}, vm)
    assert storage.found(disk_cid).description == "BOSH persistent disk"
    cpi.ok("attach_disk", vm, disk_cid)
    assert cpi.ok("get_disks", vm) == [disk_cid]


def test_unknown_properties_are_named_once(cpi: Cpi, storage: Storage) -> None:
    """A key that nobody knows never fails; the log names it once."""
    answer = cpi.call("create_disk", 51200, {**HERE, "colour": "red"}, None)
    assert answer.error is None
    assert answer.stderr.count("colour") == 1
    assert len(storage.disks()) == 1


def test_waits_while_creating(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """The call returns when the disk is Available, however long the cloud takes."""
    sim.set_pace(disk__create=120)
    before = sim.world.clock.now()
    assert storage.found(storage.make()).status == "Available"
    assert 120 <= sim.world.clock.now() - before < 160
    assert cpi.ok("has_disk", storage.disks()[0].id) is True
