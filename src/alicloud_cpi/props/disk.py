"""Disk properties: of persistent disks, and of a VM's system and ephemeral disk."""

from __future__ import annotations

from alicloud_cpi import log
from alicloud_cpi.props import values
from alicloud_cpi.props.schema import InvalidProperty, checked
from alicloud_cpi.records import Record
from alicloud_cpi.units import CATEGORIES, DEFAULT_CATEGORY, ESSD, disk_gib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from alicloud_cpi.config import Config


class Unnamed(Record):
    """What a disk is where its properties do not say: as configured, or as it is already."""

    category: str
    performance_level: str = ""
    present_gib: int = 0


# A VM's own disks: no configuration says anything of their kind.
_AS_EVER = Unnamed(DEFAULT_CATEGORY)


class DiskProps(Record):
    """What a disk is to be like; ``size_gib`` is 0 where none was asked for.

    ``performance_level`` is empty where any will do.
    """

    size_gib: int
    category: str
    performance_level: str
    encrypted: bool
    kms_key_id: str
    delete_with_instance: bool
    tags: dict[str, Any]
    name: str
    zone: str


def persistent_disk(
    size_mib: int,
    cloud_properties: Mapping[str, Any] | None,
    config: Config,
    *,
    present: Unnamed | None = None,
) -> DiskProps:
    """Read a disk type's cloud_properties.

    :param present: the disk that is there already, which keeps what is not named; a new disk
        gets what is configured
    :raises InvalidProperty: naming the property
    """
    document = checked("disk", cloud_properties, "cloud_properties")
    configured = Unnamed(config.default_disk_category, config.default_disk_performance_level)
    return parse(
        document, "cloud_properties", config, size_mib=size_mib, unnamed=present or configured
    )


def _alias(document: Mapping[str, Any], where: str) -> str:
    """Return the category that ``type`` names; other values never had an effect, nor have now."""
    named = document.get("type")
    if named is None:
        return ""
    if named in CATEGORIES:
        return str(named)
    log.warning("%s.type is no disk category and is ignored", where)
    return ""


def _kind(document: Mapping[str, Any], where: str, unnamed: Unnamed) -> tuple[str, str]:
    """Return category and performance level.

    A level belongs to its category: one that is not named comes with a category that is not
    named, and stays with the one that a disk has, but is not taken over to another.
    """
    named = values.text(document, "category") or _alias(document, where)
    category = named or unnamed.category
    level = values.text(document, "performance_level")
    if level and category != ESSD:
        raise InvalidProperty(
            f"{where}.performance_level is for category cloud_essd only, not {category}"
        )
    stays = unnamed.present_gib and category == unnamed.category
    return category, level or (unnamed.performance_level if stays or not named else "")


def parse(
    document: Mapping[str, Any],
    where: str,
    config: Config,
    *,
    size_mib: int,
    unnamed: Unnamed = _AS_EVER,
) -> DiskProps:
    """Read a document that fits its schema; ``size_mib`` 0 means that no size was given.

    :raises InvalidProperty: properties that do not go together
    """
    category, level = _kind(document, where, unnamed)
    size_gib = (
        disk_gib(size_mib, category, level, present_gib=unnamed.present_gib) if size_mib else 0
    )
    encrypted = values.boolean(document, "encrypted", config.encrypted)
    kms_key_id = values.text(document, "kms_key_id")
    if kms_key_id and not encrypted:
        raise InvalidProperty(f"{where}.kms_key_id needs encrypted: true")
    return DiskProps(
        size_gib=size_gib,
        category=category,
        performance_level=level,
        encrypted=encrypted,
        kms_key_id=(kms_key_id or config.kms_key_id) if encrypted else "",
        delete_with_instance=values.boolean(document, "delete_with_instance", default=True),
        tags=dict(document.get("tags") or {}),
        name=values.text(document, "name"),
        zone=values.text(document, "availability_zone"),
    )
