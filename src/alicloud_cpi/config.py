"""The configuration of one call: cpi.json, with the properties of the call's context over it.

A cpi-config entry's properties arrive flat in the context of each call and override the same key
of cpi.json, for that call alone (multi-CPI). Nothing is read from the environment but the proxy
variables that bin/cpi exports (``aliyun.proxies``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alicloud_cpi.config_file import dig
from alicloud_cpi.endpoint import Endpoint, parse_endpoint
from alicloud_cpi.errors import CpiError

logger = logging.getLogger(__name__)

STATIC = "static"
ECS_RAM_ROLE = "ecs_ram_role"

DISK_CATEGORIES = (
    "cloud",
    "cloud_efficiency",
    "cloud_ssd",
    "cloud_essd",
    "cloud_auto",
    "cloud_essd_entry",
    "ephemeral_ssd",
)
PERFORMANCE_LEVELS = ("PL0", "PL1", "PL2", "PL3")
ANTI_AFFINITY = ("instance_group", "none")

# Services whose endpoint can be configured. ``metadata_endpoint`` replaces the metadata service
# in tests; it is plain http, so it can only be a loopback address.
SERVICES = ("ecs", "slb", "nlb", "alb", "vpc", "oss", "sts", "location", "metadata")

# The keys of one credential. A call that names one of them takes none of the others from cpi.json,
# so that the credentials of two sources are never mixed.
_STATIC_KEYS = ("access_key_id", "access_key_secret", "security_token")
_CREDENTIAL_KEYS = (*_STATIC_KEYS, "ram_role_name")

# Every key of the alicloud section, and of a cpi-config entry.
_KEYS = {
    *("region", "availability_zone", "cross_regions", "credential_source", "role_arn"),
    *(*_CREDENTIAL_KEYS, "encrypted", "kms_key_id", "ca_cert", "keep_failed_vms"),
    "copy_stemcells",
    *("default_key_name", "default_security_groups", "default_ram_role_name"),
    *("default_disk_category", "default_disk_performance_level", "snapshot_retention_days"),
    *("anti_affinity", "metadata_options", "resource_group_id", "tag_children"),
    *(f"{service}_endpoint" for service in SERVICES),
}
# Sections of cloud.properties with their keys; None: the section is not read here.
_SECTIONS = {
    "alicloud": _KEYS,
    "agent": {"mbus", "ntp", "blobstore"},
    "debug": None,
    "registry": None,  # written by older releases
}
# What the Director adds to the properties of a cpi-config entry.
_CONTEXT_KEYS = {"director_uuid", "request_id", "vm"}

_LONGEST_KEY = 64

# Of a snapshot (help page of CreateSnapshot).
_MOST_DAYS = 65536
_DAYS = re.compile("[0-9]{1,5}")

# The id of a region becomes part of a host name.
_REGION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
# Zones are named after their region: cn-beijing-h, ap-southeast-1a. No region ends like that.
_ZONE = re.compile(r".*[-0-9][a-z]")


@dataclass(frozen=True, slots=True)
class CredentialsConfig:
    """Where credentials come from: static keys or the instance's RAM role, and a role to assume."""

    source: str
    access_key_id: str
    access_key_secret: str
    security_token: str
    ram_role_name: str
    role_arn: str


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """What every VM's agent is given besides its own settings."""

    mbus: str
    ntp: list[str]
    blobstore: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Config:
    """The checked configuration of one call."""

    region: str
    availability_zone: str
    credentials: CredentialsConfig
    encrypted: bool
    keep_failed_vms: bool
    kms_key_id: str
    endpoints: dict[str, Endpoint]
    ca_cert: str
    default_key_name: str
    default_security_groups: list[str]
    default_ram_role_name: str
    default_disk_category: str
    default_disk_performance_level: str
    anti_affinity: str
    metadata_options: dict[str, Any]
    resource_group_id: str
    tag_children: bool
    cross_regions: list[str]
    snapshot_retention_days: int
    copy_stemcells: bool
    agent: AgentConfig

    @property
    def regions(self) -> list[str]:
        """The regions in which resources are looked for: the call's own first."""
        return [self.region, *self.cross_regions]


def parse_config(file: Mapping[str, Any], context: Mapping[str, Any]) -> Config:
    """Merge the context's properties over those of cpi.json, and check the result.

    :raises CpiError: naming the property and what was expected
    """
    properties = dig(file, "cloud", "properties")
    _warn_of_unknown("cpi.json", _unknown_properties(properties))
    _warn_of_unknown(
        "the call's context",
        (key[:_LONGEST_KEY] for key in context.keys() - _KEYS - _CONTEXT_KEYS),
    )
    merged = _merge(dig(properties, "alicloud"), context)
    region = _region(merged)
    category, performance_level = _default_disk(merged)
    return Config(
        region=region,
        availability_zone=_text(merged, "availability_zone"),
        credentials=_credentials(merged),
        encrypted=_boolean(merged, "encrypted"),
        keep_failed_vms=_boolean(merged, "keep_failed_vms"),
        kms_key_id=_text(merged, "kms_key_id"),
        endpoints=_endpoints(merged),
        ca_cert=_text(merged, "ca_cert"),
        default_key_name=_text(merged, "default_key_name"),
        default_security_groups=_texts(merged, "default_security_groups"),
        default_ram_role_name=_text(merged, "default_ram_role_name"),
        default_disk_category=category,
        default_disk_performance_level=performance_level,
        anti_affinity=_anti_affinity(merged),
        metadata_options=_object(merged, "metadata_options"),
        resource_group_id=_text(merged, "resource_group_id"),
        tag_children=_boolean(merged, "tag_children"),
        cross_regions=[name for name in _cross_regions(merged) if name != region],
        snapshot_retention_days=_retention_days(merged),
        copy_stemcells=_boolean(merged, "copy_stemcells"),
        agent=_agent(dig(properties, "agent")),
    )


def _unknown_properties(properties: Mapping[str, Any]) -> Iterator[str]:
    for section in properties:
        if section not in _SECTIONS:
            yield section[:_LONGEST_KEY]
        elif known := _SECTIONS[section]:
            unknown = dig(properties, section).keys() - known
            yield from (f"{section}.{key[:_LONGEST_KEY]}" for key in unknown)


def _warn_of_unknown(where: str, keys: Iterable[str]) -> None:
    if unknown := sorted(keys):
        logger.warning("%s: unknown properties are ignored: %s", where, ", ".join(unknown))


def _merge(alicloud: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in context.items() if value is not None}
    base = dict(alicloud)
    source = given.get("credential_source")
    other_source = source is not None and source != (base.get("credential_source") or STATIC)
    if other_source or any(given.get(key) for key in _CREDENTIAL_KEYS):
        for key in (*_CREDENTIAL_KEYS, "role_arn"):
            base.pop(key, None)
    if any(given.get(key) for key in _STATIC_KEYS):
        base.pop("credential_source", None)
    return {**base, **given}


def _region(merged: Mapping[str, Any]) -> str:
    region = _text(merged, "region")
    if not region:
        raise CpiError(
            "alicloud.region is required: set it in the job or in the call's cpi-config entry"
        )
    if not _REGION.fullmatch(region):
        raise CpiError("alicloud.region must be the id of a region, such as cn-beijing")
    if _ZONE.fullmatch(region):
        raise CpiError(
            "alicloud.region must be the id of a region, such as cn-beijing, not of a zone, which "
            "belongs into alicloud.availability_zone"
        )
    return region


def _cross_regions(merged: Mapping[str, Any]) -> list[str]:
    regions = _texts(merged, "cross_regions")
    if not all(_REGION.fullmatch(name) and not _ZONE.fullmatch(name) for name in regions):
        raise CpiError(
            "alicloud.cross_regions must be an array of region ids, such as [cn-hangzhou]"
        )
    return regions


def _retention_days(merged: Mapping[str, Any]) -> int:
    """Return after how many days the cloud deletes snapshots, 0 for never."""
    value = merged.get("snapshot_retention_days")
    if value in (None, ""):
        return 0
    days = int(value) if isinstance(value, str) and _DAYS.fullmatch(value) else value
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= _MOST_DAYS:
        raise CpiError(f"alicloud.snapshot_retention_days must be 1 to {_MOST_DAYS} days")
    return days


def _default_disk(merged: Mapping[str, Any]) -> tuple[str, str]:
    """Return category and performance level of persistent disks whose properties name none."""
    category = _text(merged, "default_disk_category")
    level = _text(merged, "default_disk_performance_level")
    if category not in ("", *DISK_CATEGORIES):
        raise CpiError(
            f"alicloud.default_disk_category must be one of {', '.join(DISK_CATEGORIES)}"
        )
    if level not in ("", *PERFORMANCE_LEVELS):
        raise CpiError(
            "alicloud.default_disk_performance_level must be one of "
            f"{', '.join(PERFORMANCE_LEVELS)}"
        )
    if level and category != "cloud_essd":
        raise CpiError(
            "alicloud.default_disk_performance_level needs alicloud.default_disk_category "
            "cloud_essd"
        )
    return category, level


def _anti_affinity(merged: Mapping[str, Any]) -> str:
    value = _text(merged, "anti_affinity")
    if value not in ("", *ANTI_AFFINITY):
        raise CpiError(f"alicloud.anti_affinity must be one of {', '.join(ANTI_AFFINITY)}")
    return value


def _credentials(merged: Mapping[str, Any]) -> CredentialsConfig:
    credentials = CredentialsConfig(
        source=_text(merged, "credential_source") or STATIC,
        access_key_id=_credential(merged, "access_key_id"),
        access_key_secret=_credential(merged, "access_key_secret"),
        security_token=_credential(merged, "security_token"),
        ram_role_name=_text(merged, "ram_role_name"),
        role_arn=_text(merged, "role_arn"),
    )
    if credentials.source == STATIC:
        for key in _STATIC_KEYS[:2]:
            if not getattr(credentials, key):
                raise CpiError(f"alicloud.{key} is required with credential_source 'static'")
    elif credentials.source == ECS_RAM_ROLE:
        for key in _STATIC_KEYS:
            if getattr(credentials, key):
                raise CpiError(
                    f"alicloud.{key} cannot be used with credential_source '{ECS_RAM_ROLE}'"
                )
    else:
        raise CpiError(f"alicloud.credential_source must be '{STATIC}' or '{ECS_RAM_ROLE}'")
    return credentials


def _credential(merged: Mapping[str, Any], key: str) -> str:
    """Return a part of a credential: it is sent in headers and URLs."""
    value = _text(merged, key)
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise CpiError(f"alicloud.{key} must be printable ASCII characters without spaces")
    return value


def _endpoints(merged: Mapping[str, Any]) -> dict[str, Endpoint]:
    given = {service: _text(merged, f"{service}_endpoint") for service in SERVICES}
    return {
        service: parse_endpoint(text, f"alicloud.{service}_endpoint")
        for service, text in given.items()
        if text
    }


def _agent(properties: Mapping[str, Any]) -> AgentConfig:
    ntp = properties.get("ntp") or []
    if not isinstance(ntp, list) or not all(isinstance(server, str) for server in ntp):
        raise CpiError("agent.ntp must be an array of strings")
    blobstore = dig(properties, "blobstore")
    return AgentConfig(
        mbus=_text(properties, "mbus", "agent"),
        ntp=ntp,
        blobstore={
            "provider": _text(blobstore, "provider", "agent.blobstore"),
            "options": dig(properties, "blobstore", "options"),
        },
    )


def _text(merged: Mapping[str, Any], key: str, section: str = "alicloud") -> str:
    value = merged.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CpiError(f"{section}.{key} must be a string")
    return value.strip()


def _texts(merged: Mapping[str, Any], key: str) -> list[str]:
    value = merged.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise CpiError(f"alicloud.{key} must be an array of non-empty strings")
    return list(value)


def _object(merged: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = merged.get(key) or {}
    if not isinstance(value, dict):
        raise CpiError(f"alicloud.{key} must be an object")
    return dict(value)


def _boolean(merged: Mapping[str, Any], key: str) -> bool:
    value = merged.get(key)
    if isinstance(value, str) and value.lower() in ("true", "false", ""):
        return value.lower() == "true"
    if value is None or isinstance(value, bool):
        return bool(value)
    raise CpiError(f"alicloud.{key} must be true or false")
