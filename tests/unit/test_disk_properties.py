"""Disk properties: what operators write becomes what a disk is to be, or names what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alicloud_cpi.cloud_properties import disk_sizing
from alicloud_cpi.cloud_properties.disk import DiskDefaults, DiskProperties
from alicloud_cpi.cloud_properties.schema import InvalidProperty
from alicloud_cpi.config import DISK_CATEGORIES, PERFORMANCE_LEVELS, parse_config

SCHEMAS = Path(disk_sizing.__file__).parent / "schemas"
CONFIGURED = {"default_disk_category": "cloud_essd", "default_disk_performance_level": "PL0"}


def parsed(
    properties: dict[str, Any] | None,
    size_mib: int = 51200,
    present: DiskDefaults | None = None,
    **configuration: Any,
) -> DiskProperties:
    """Read a disk type, for a new disk or for one that is there."""
    alicloud = {
        "region": "cn-beijing",
        "access_key_id": "id",
        "access_key_secret": "secret",
        **configuration,
    }
    merged = parse_config({"cloud": {"properties": {"alicloud": alicloud}}}, {})
    return DiskProperties.parse(properties, size_mib=size_mib, config=merged, current=present)


def there(category: str, level: str = "", size_gib: int = 50) -> DiskDefaults:
    """Describe a disk that is there already."""
    return DiskDefaults(category, level, size_gib)


@pytest.mark.parametrize(
    "properties", [None, {}, {"category": None, "encrypted": "", "tags": None, "name": ""}]
)
def test_least(properties: dict[str, Any] | None) -> None:
    """Nothing has to be given; what YAML leaves empty is not given."""
    assert parsed(properties) == DiskProperties(
        size_mib=51200,
        size_gib=50,
        category="cloud_efficiency",
        category_is_named=False,
        performance_level="",
        encrypted=False,
        kms_key_id="",
        delete_with_instance=True,
        tags={},
        name="",
        availability_zone="",
        resource_group_id="",
    )


@pytest.mark.parametrize(
    ("properties", "present", "size_mib", "size_gib"),
    [
        ({}, None, 1, 20),
        ({"category": "cloud_auto"}, None, 1, 40),
        ({"type": "cloud_auto"}, None, 1, 40),
        ({"category": "cloud"}, None, 1, 5),
        ({"category": "cloud"}, None, 6144, 6),
        ({"category": "cloud_essd"}, None, 1, 20),
        ({"category": "cloud_essd", "performance_level": "PL0"}, None, 1, 1),
        ({"type": "cloud_essd", "performance_level": "PL0"}, None, 1, 1),
        ({}, there("cloud_auto"), 1, 40),
        ({"category": "cloud_ssd"}, there("cloud_auto"), 1, 20),
        ({}, there("cloud_essd_entry"), 1, 20),
        ({}, there("cloud_essd", "PL0"), 1, 1),
        ({"category": "cloud_essd"}, there("cloud_essd", "PL0"), 1, 1),
        ({"performance_level": "PL1"}, there("cloud_essd", "PL0"), 1, 20),
        ({"category": "cloud_ssd"}, there("cloud_essd", "PL0"), 1, 20),
        ({"performance_level": "PL0"}, there("cloud_essd", "PL0", 20), 1, 20),
    ],
)
def test_size(
    properties: dict[str, Any], present: DiskDefaults | None, size_mib: int, size_gib: int
) -> None:
    """The size is rounded for the kind that is named, else for the one that the disk has."""
    assert parsed(properties, size_mib, present).size_gib == size_gib


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ({}, ("cloud_essd", "PL0")),
        ({"type": "gp2"}, ("cloud_essd", "PL0")),
        ({"performance_level": "PL1"}, ("cloud_essd", "PL1")),
        ({"category": "cloud_essd"}, ("cloud_essd", "")),
        ({"type": "cloud_essd"}, ("cloud_essd", "")),
        ({"category": "cloud_ssd"}, ("cloud_ssd", "")),
    ],
)
def test_configured_kind(properties: dict[str, Any], kind: tuple[str, str]) -> None:
    """Where no category is named, the configured one counts, with its level."""
    props = parsed(properties, 51200, None, **CONFIGURED)
    assert (props.category, props.performance_level) == kind


@pytest.mark.parametrize(
    ("properties", "present", "kind"),
    [
        ({}, there("cloud_ssd"), ("cloud_ssd", "")),
        ({}, there("cloud_essd", "PL2"), ("cloud_essd", "PL2")),
        ({"category": "cloud_essd"}, there("cloud_essd", "PL2"), ("cloud_essd", "PL2")),
        ({"category": "cloud_essd"}, there("cloud_ssd"), ("cloud_essd", "")),
        ({"category": "cloud_ssd"}, there("cloud_essd", "PL2"), ("cloud_ssd", "")),
    ],
)
def test_kind_of_a_disk_that_is_there(
    properties: dict[str, Any], present: DiskDefaults, kind: tuple[str, str]
) -> None:
    """It keeps what is not named, whatever is configured; a level does not change category."""
    props = parsed(properties, 51200, present, **CONFIGURED)
    assert (props.category, props.performance_level) == kind


@pytest.mark.parametrize(
    "category",
    DISK_CATEGORIES,
)
@pytest.mark.parametrize("key", ["category", "type"])
def test_category(key: str, category: str) -> None:
    """Each category that disks may have can be named, under both keys."""
    assert parsed({key: category}).category == category


@pytest.mark.parametrize("value", ["gp2", 5, ["cloud_ssd"]])
def test_a_type_that_is_no_category(value: Any) -> None:
    """Manifests for the Go CPI may say anything under this key: it never had an effect there."""
    assert parsed({"type": value}).category == "cloud_efficiency"


@pytest.mark.parametrize("level", ["PL0", "PL1", "PL2", "PL3"])
def test_performance_level(level: str) -> None:
    """ESSDs have performance levels, also where only the disk itself says that it is one."""
    properties = {"performance_level": level}
    assert parsed({"category": "cloud_essd", **properties}).performance_level == level
    assert parsed(properties, present=there("cloud_essd")).performance_level == level


@pytest.mark.parametrize(
    ("properties", "present"),
    [
        ({"performance_level": "PL1"}, None),
        ({"performance_level": "PL1"}, there("cloud_ssd")),
        ({"performance_level": "PL1", "category": "cloud_auto"}, there("cloud_essd")),
    ],
)
def test_level_without_essd(properties: dict[str, Any], present: DiskDefaults | None) -> None:
    """A performance level for another category is refused, not ignored."""
    with pytest.raises(InvalidProperty, match="performance_level is for category cloud_essd"):
        parsed(properties, present=present)


def test_categories_and_levels_are_the_schemas() -> None:
    """cpi.json is checked without the schemas, against the same values; messages list them."""
    schema = json.loads((SCHEMAS / "disk.json").read_bytes())
    category = schema["properties"]["category"]
    assert category["enum"] == list(DISK_CATEGORIES)
    assert category["expected"] == f"one of {', '.join(DISK_CATEGORIES)}"
    vm = json.loads((SCHEMAS / "vm.json").read_bytes())["properties"]
    assert vm["ephemeral_disk"]["properties"]["category"]["enum"] == list(DISK_CATEGORIES)
    system = vm["system_disk"]["properties"]["category"]["enum"]
    assert system == [name for name in DISK_CATEGORIES if name not in ("cloud", "ephemeral_ssd")]
    assert schema["properties"]["performance_level"]["enum"] == list(PERFORMANCE_LEVELS)


@pytest.mark.parametrize(
    ("written", "expected"),
    [(True, True), (False, False), ("true", True), ("False", False), ("TRUE", True)],
)
def test_booleans(written: object, expected: bool) -> None:  # noqa: FBT001
    """Booleans are true or false, or these words in any case."""
    props = parsed({"encrypted": written, "delete_with_instance": written})
    assert (props.encrypted, props.delete_with_instance) == (expected, expected)


@pytest.mark.parametrize(
    ("configuration", "properties", "expected"),
    [
        ({}, {"encrypted": True}, (True, "")),
        ({"encrypted": True}, {}, (True, "")),
        ({"encrypted": True, "kms_key_id": "k-1"}, {}, (True, "k-1")),
        ({"encrypted": True, "kms_key_id": "k-1"}, {"kms_key_id": "k-2"}, (True, "k-2")),
        ({"encrypted": True, "kms_key_id": "k-1"}, {"encrypted": "false"}, (False, "")),
        ({"kms_key_id": "k-1"}, {}, (False, "")),
        ({"kms_key_id": "k-1"}, {"encrypted": True}, (True, "k-1")),
    ],
)
def test_encryption(
    configuration: dict[str, Any], properties: dict[str, Any], expected: tuple[bool, str]
) -> None:
    """The disk type says whether and with which key, else the configuration does."""
    props = parsed(properties, **configuration)
    assert (props.encrypted, props.kms_key_id) == expected


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"category": "gold"}, "cloud_properties.category must be one of cloud, "),
        ({"performance_level": "PL4"}, "cloud_properties.performance_level must be one of PL0"),
        ({"encrypted": "maybe"}, "cloud_properties.encrypted must be true or false"),
        ({"encrypted": 0}, "cloud_properties.encrypted must be true or false"),
        ({"kms_key_id": True}, "cloud_properties.kms_key_id must be the id of a KMS key"),
        ({"kms_key_id": "k-1"}, "cloud_properties.kms_key_id needs encrypted: true"),
        ({"tags": "a"}, "cloud_properties.tags must be an object of texts"),
        ({"tags": {"a": {}}}, "cloud_properties.tags.a must be a text"),
        ({"name": ["a"]}, "cloud_properties.name must be a string"),
        ({"availability_zone": 1}, "cloud_properties.availability_zone must be "),
        ({"delete_with_instance": "x"}, "delete_with_instance must be true or false"),
    ],
)
def test_refusals(properties: dict[str, Any], told: str) -> None:
    """The message names the property and what was expected, never what was written."""
    with pytest.raises(InvalidProperty) as refusal:
        parsed(properties)
    assert told in refusal.value.message
    assert "maybe" not in refusal.value.message


def test_texts() -> None:
    """Zone, name and tags are passed on, the tags as they were written."""
    tags = {"cost": 5, "none": None, "": "empty key"}
    props = parsed({"availability_zone": " cn-beijing-h ", "name": "data", "tags": tags})
    assert (props.availability_zone, props.name, props.tags) == ("cn-beijing-h", "data", tags)
