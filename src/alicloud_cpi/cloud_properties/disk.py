"""Disk properties: of persistent disks, and of a VM's system and ephemeral disks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from alicloud_cpi.cloud_properties.disk_sizing import MIB_PER_GIB, data_disk_gib
from alicloud_cpi.cloud_properties.schema import InvalidProperty, Properties, validate
from alicloud_cpi.config import DISK_CATEGORIES, Config

logger = logging.getLogger(__name__)

DEFAULT_CATEGORY = "cloud_efficiency"


@dataclass(frozen=True, slots=True)
class DiskDefaults:
    """What a disk is where its properties do not say: as configured, or as it is already."""

    category: str = ""
    performance_level: str = ""
    current_gib: int = 0


@dataclass(frozen=True, slots=True)
class DiskProperties:
    """What a disk is to be like.

    ``size_mib`` and ``size_gib`` are 0 where no size was given, ``performance_level`` is empty
    where any will do. ``category_is_named`` is false where neither the manifest nor the
    configuration has a category.
    """

    size_mib: int
    size_gib: int
    category: str
    category_is_named: bool
    performance_level: str
    encrypted: bool
    kms_key_id: str
    delete_with_instance: bool
    tags: dict[str, Any]
    name: str
    availability_zone: str
    resource_group_id: str

    @classmethod
    def parse(
        cls,
        cloud_properties: Mapping[str, Any] | None,
        *,
        size_mib: int,
        config: Config,
        current: DiskDefaults | None = None,
    ) -> DiskProperties:
        """Read the cloud_properties of a persistent disk.

        :param current: the disk as it is, which keeps what is not named; a new disk gets what is
            configured
        :raises InvalidProperty: naming the property
        """
        configured = DiskDefaults(
            config.default_disk_category, config.default_disk_performance_level
        )
        properties = validate("disk", cloud_properties, "cloud_properties")
        disk = parse_disk(
            properties,
            size_mib=size_mib,
            encrypted=config.encrypted,
            kms_key_id=config.kms_key_id,
            defaults=current or configured,
        )
        return replace(disk, resource_group_id=disk.resource_group_id or config.resource_group_id)

    def with_category(self, category: str) -> DiskProperties:
        """Return the same disk in another category, of any performance level."""
        if category == self.category:
            return self
        size_gib = data_disk_gib(self.size_mib, category, "") if self.size_mib else 0
        return replace(self, category=category, performance_level="", size_gib=size_gib)


def parse_disk(
    properties: Properties,
    *,
    size_mib: int,
    encrypted: bool,
    kms_key_id: str,
    defaults: DiskDefaults,
) -> DiskProperties:
    """Read a valid document.

    :param size_mib: 0 where no size was given
    :param encrypted: whether a disk is encrypted where its properties do not say
    :param kms_key_id: the key of an encrypted disk where its properties name none
    :raises InvalidProperty: properties that exclude each other
    """
    if 0 < size_mib < MIB_PER_GIB and "size" in properties:
        # The Go release accepts it, too.
        logger.warning(
            "%s.size is %d MiB, less than 1 GiB: was GiB meant?", properties.path, size_mib
        )
    named, level = _category_and_level(properties, defaults)
    category = named or DEFAULT_CATEGORY
    encrypted = properties.flag("encrypted", default=encrypted)
    own_key = properties.text("kms_key_id")
    if own_key and not encrypted:
        raise InvalidProperty(f"{properties.path}.kms_key_id needs encrypted: true")
    size_gib = 0
    if size_mib:
        size_gib = data_disk_gib(size_mib, category, level, current_gib=defaults.current_gib)
    return DiskProperties(
        size_mib=size_mib,
        size_gib=size_gib,
        category=category,
        category_is_named=bool(named),
        performance_level=level,
        encrypted=encrypted,
        kms_key_id=(own_key or kms_key_id) if encrypted else "",
        delete_with_instance=properties.flag("delete_with_instance", default=True),
        tags=properties.mapping("tags"),
        name=properties.text("name"),
        availability_zone=properties.text("availability_zone"),
        resource_group_id=properties.text("resource_group_id"),
    )


def _category_and_level(properties: Properties, defaults: DiskDefaults) -> tuple[str, str]:
    """Return category and performance level; the category is empty where none is named.

    A default level belongs to its category: it is not taken over to a category that is named,
    except for the one that a disk has already.
    """
    named = properties.text("category") or _category_of_type(properties)
    category = named or defaults.category
    level = properties.text("performance_level")
    if level and category != "cloud_essd":
        raise InvalidProperty(
            f"{properties.path}.performance_level is for category cloud_essd only, not "
            f"{category or DEFAULT_CATEGORY}"
        )
    stays = defaults.current_gib and category == defaults.category
    return category, level or (defaults.performance_level if stays or not named else "")


def _category_of_type(properties: Properties) -> str:
    """Return the category that ``type`` names; other values never had an effect."""
    named = properties.text("type")
    if named in DISK_CATEGORIES or not named:
        return named
    logger.warning("%s.type is not a disk category and is ignored", properties.path)
    return ""
