"""Disk properties: of persistent disks, and of a VM's system and ephemeral disk."""

from __future__ import annotations

from alicloud_cpi import log
from alicloud_cpi.props import values
from alicloud_cpi.props.schema import InvalidProperty, checked
from alicloud_cpi.records import Record
from alicloud_cpi.units import disk_gib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from alicloud_cpi.config import Config

DEFAULT_CATEGORY = "cloud_efficiency"
CATEGORIES = (
    "cloud",
    "cloud_efficiency",
    "cloud_ssd",
    "cloud_essd",
    "cloud_auto",
    "ephemeral_ssd",
)


class DiskProps(Record):
    """What a disk is to be like; ``size_gib`` is 0 where none was asked for.

    ``category`` is empty where the operator named none (see ``category_or_default``).
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

    @property
    def category_or_default(self) -> str:
        """The category to make a disk with."""
        return self.category or DEFAULT_CATEGORY


def persistent_disk(
    size_mib: int,
    cloud_properties: Mapping[str, Any] | None,
    config: Config,
    *,
    current_category: str = DEFAULT_CATEGORY,
) -> DiskProps:
    """Read a disk type's cloud_properties.

    :param current_category: what a disk has that is there already, and keeps if none is named
    :raises InvalidProperty: naming the property
    """
    document = checked("disk", cloud_properties, "cloud_properties")
    return parse(
        document,
        "cloud_properties",
        config,
        size_mib=size_mib,
        default_category=current_category,
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


def parse(
    document: Mapping[str, Any],
    where: str,
    config: Config,
    *,
    size_mib: int,
    default_category: str = DEFAULT_CATEGORY,
) -> DiskProps:
    """Read a document that fits its schema; ``size_mib`` 0 means that no size was given.

    :raises InvalidProperty: properties that do not go together
    """
    category = values.text(document, "category") or _alias(document, where)
    level = values.text(document, "performance_level")
    if level and (category or default_category) != "cloud_essd":
        raise InvalidProperty(
            f"{where}.performance_level is for category cloud_essd only, "
            f"not {category or default_category}"
        )
    encrypted = values.boolean(document, "encrypted", config.encrypted)
    kms_key_id = values.text(document, "kms_key_id")
    if kms_key_id and not encrypted:
        raise InvalidProperty(f"{where}.kms_key_id needs encrypted: true")
    return DiskProps(
        size_gib=disk_gib(size_mib, category or default_category) if size_mib else 0,
        category=category,
        performance_level=level,
        encrypted=encrypted,
        kms_key_id=(kms_key_id or config.kms_key_id) if encrypted else "",
        delete_with_instance=values.boolean(document, "delete_with_instance", default=True),
        tags=dict(document.get("tags") or {}),
        name=values.text(document, "name"),
        zone=values.text(document, "availability_zone"),
    )
