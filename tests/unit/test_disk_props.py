"""Disk properties: what operators write becomes what a disk is to be, or names what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from alicloud_cpi import config
from alicloud_cpi.props.disk import DiskProps, persistent_disk
from alicloud_cpi.props.schema import InvalidProperty


def parsed(
    properties: dict[str, Any] | None,
    size_mib: int = 51200,
    current: str | None = None,
    **configuration: Any,
) -> DiskProps:
    """Read a disk type, for a new disk or for one of a category."""
    alicloud = {
        "region": "cn-beijing",
        "access_key_id": "id",
        "access_key_secret": "secret",
        **configuration,
    }
    merged = config.for_call({"cloud": {"properties": {"alicloud": alicloud}}}, {})
    if current is None:
        return persistent_disk(size_mib, properties, merged)
    return persistent_disk(size_mib, properties, merged, current_category=current)


@pytest.mark.parametrize(
    "properties", [None, {}, {"category": None, "encrypted": "", "tags": None, "name": ""}]
)
def test_least(properties: dict[str, Any] | None) -> None:
    """Nothing has to be given; what YAML leaves empty is not given."""
    assert parsed(properties) == DiskProps(
        size_gib=50,
        category="",
        performance_level="",
        encrypted=False,
        kms_key_id="",
        delete_with_instance=True,
        tags={},
        name="",
        zone="",
    )
    assert parsed(properties).category_or_default == "cloud_efficiency"


@pytest.mark.parametrize(
    ("properties", "current", "size_mib", "size_gib"),
    [
        ({}, None, 1, 20),
        ({"category": "cloud_auto"}, None, 1, 40),
        ({"type": "cloud_auto"}, None, 1, 40),
        ({"category": "cloud"}, None, 1, 5),
        ({"category": "cloud"}, None, 6144, 6),
        ({}, "cloud_auto", 1, 40),
        ({"category": "cloud_ssd"}, "cloud_auto", 1, 20),
        ({}, "cloud_essd_entry", 1, 20),
    ],
)
def test_size(
    properties: dict[str, Any], current: str | None, size_mib: int, size_gib: int
) -> None:
    """The size is rounded for the category that is named, else for the one that the disk has."""
    assert parsed(properties, size_mib, current).size_gib == size_gib


@pytest.mark.parametrize(
    "category",
    ["cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "ephemeral_ssd"],
)
@pytest.mark.parametrize("key", ["category", "type"])
def test_category(key: str, category: str) -> None:
    """Each category that disks may have can be named, under both keys."""
    assert parsed({key: category}).category == category


@pytest.mark.parametrize("value", ["gp2", 5, ["cloud_ssd"]])
def test_a_type_that_is_no_category(value: Any) -> None:
    """Manifests for the Go CPI may say anything under this key: it never had an effect there."""
    assert parsed({"type": value}).category == ""


@pytest.mark.parametrize("level", ["PL0", "PL1", "PL2", "PL3"])
def test_performance_level(level: str) -> None:
    """ESSDs have performance levels, also where only the disk itself says that it is one."""
    properties = {"performance_level": level}
    assert parsed({"category": "cloud_essd", **properties}).performance_level == level
    assert parsed(properties, current="cloud_essd").performance_level == level


@pytest.mark.parametrize(
    ("properties", "current"),
    [
        ({"performance_level": "PL1"}, None),
        ({"performance_level": "PL1"}, "cloud_ssd"),
        ({"performance_level": "PL1", "category": "cloud_auto"}, "cloud_essd"),
    ],
)
def test_level_without_essd(properties: dict[str, Any], current: str | None) -> None:
    """A performance level for another category is refused, not ignored."""
    with pytest.raises(InvalidProperty, match="performance_level is for category cloud_essd"):
        parsed(properties, current=current)


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
    assert (props.zone, props.name, props.tags) == ("cn-beijing-h", "data", tags)
