"""What operators configure: cpi.json, with the call's own properties over it.

A cpi-config entry's properties arrive flat in the context of each call and override the same key,
for that call alone (multi-CPI). Nothing is read from the environment but the proxy variables that
bin/cpi exports (see ``cloud.wire.proxies``).
"""

from __future__ import annotations

from alicloud_cpi.cpi_json import dig
from alicloud_cpi.errors import CpiError
from alicloud_cpi.records import Record
from alicloud_cpi.units import CATEGORIES, DEFAULT_CATEGORY, ESSD, PERFORMANCE_LEVELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from alicloud_cpi.endpoints import Endpoint

STATIC = "static"
ECS_RAM_ROLE = "ecs_ram_role"

# What belongs to one credential: a call that names other keys, or another source, takes none of
# these from the file, so that the credentials of two sources are never mixed.
_STATIC_KEYS = ("access_key_id", "access_key_secret", "security_token")
_CREDENTIAL_KEYS = (*_STATIC_KEYS, "ram_role_name")

# ``metadata_endpoint`` stands in for the metadata service where there is none; being plain http,
# it can only be a loopback address.
SERVICES = ("ecs", "slb", "nlb", "alb", "vpc", "oss", "sts", "location", "metadata")


class Credentials(Record):
    """Where keys come from: either static ones or the role of the instance we run on."""

    source: str
    access_key_id: str
    access_key_secret: str
    security_token: str
    ram_role_name: str
    role_arn: str


class Agent(Record):
    """What every VM's agent is told besides its own settings."""

    mbus: str
    ntp: list[str]
    blobstore: dict[str, Any]


class Config(Record):
    """The configuration of one call, checked."""

    region: str
    availability_zone: str
    credentials: Credentials
    encrypted: bool
    kms_key_id: str
    endpoints: dict[str, Endpoint]
    ca_cert: str
    default_key_name: str
    default_security_groups: list[str]
    default_ram_role_name: str
    default_disk_category: str
    default_disk_performance_level: str
    cross_regions: list[str]
    agent: Agent


def for_call(document: Mapping[str, Any], context: Mapping[str, Any]) -> Config:
    """Merge the context's properties over the file's and check the outcome.

    :raises CpiError: naming the property and what was expected
    """
    properties = dig(document, "cloud", "properties")
    merged = _merge(dig(properties, "alicloud"), context)
    region, *others = _regions(merged)
    category, performance_level = _default_disk(merged)
    return Config(
        region=region,
        availability_zone=_text(merged, "availability_zone"),
        credentials=_credentials(merged),
        encrypted=_boolean(merged, "encrypted"),
        kms_key_id=_text(merged, "kms_key_id"),
        endpoints=_endpoints(merged),
        ca_cert=_text(merged, "ca_cert"),
        default_key_name=_text(merged, "default_key_name"),
        default_security_groups=_texts(merged, "default_security_groups"),
        default_ram_role_name=_text(merged, "default_ram_role_name"),
        default_disk_category=category,
        default_disk_performance_level=performance_level,
        cross_regions=[name for name in others if name != region],
        agent=_agent(dig(properties, "agent")),
    )


def _merge(file: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in context.items() if value is not None}
    base = dict(file)
    source = given.get("credential_source")
    other_source = source is not None and source != (file.get("credential_source") or STATIC)
    if other_source or any(given.get(key) for key in _CREDENTIAL_KEYS):
        for key in (*_CREDENTIAL_KEYS, "role_arn"):
            base.pop(key, None)
    if any(given.get(key) for key in _STATIC_KEYS):
        base.pop("credential_source", None)
    return {**base, **given}


def _regions(merged: Mapping[str, Any]) -> list[str]:
    """Return the call's region, then the others in which it looks for resources."""
    from alicloud_cpi.endpoints import is_region

    region, others = _text(merged, "region"), _texts(merged, "cross_regions")
    if not region:
        raise CpiError(
            "alicloud.region is required: set it in the job or in the call's cpi-config entry"
        )
    if not is_region(region):
        raise CpiError("alicloud.region must be the id of a region, such as cn-beijing")
    if not all(is_region(name) for name in others):
        raise CpiError("alicloud.cross_regions must be an array of ids of regions")
    return [region, *others]


def _default_disk(merged: Mapping[str, Any]) -> tuple[str, str]:
    """Return category and performance level of persistent disks whose properties name none."""
    category = _text(merged, "default_disk_category")
    level = _text(merged, "default_disk_performance_level")
    if category not in ("", *CATEGORIES):
        raise CpiError(f"alicloud.default_disk_category must be one of {', '.join(CATEGORIES)}")
    if level not in ("", *PERFORMANCE_LEVELS):
        raise CpiError(
            "alicloud.default_disk_performance_level must be one of "
            f"{', '.join(PERFORMANCE_LEVELS)}"
        )
    if level and category != ESSD:
        raise CpiError(
            "alicloud.default_disk_performance_level needs alicloud.default_disk_category "
            "cloud_essd"
        )
    return category or DEFAULT_CATEGORY, level


def _credentials(merged: Mapping[str, Any]) -> Credentials:
    credentials = Credentials(
        source=_text(merged, "credential_source") or STATIC,
        access_key_id=_text(merged, "access_key_id"),
        access_key_secret=_text(merged, "access_key_secret"),
        security_token=_text(merged, "security_token"),
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


def _endpoints(merged: Mapping[str, Any]) -> dict[str, Endpoint]:
    from alicloud_cpi.endpoints import parse_endpoint

    given = {service: _text(merged, f"{service}_endpoint") for service in SERVICES}
    return {
        service: parse_endpoint(text, f"alicloud.{service}_endpoint")
        for service, text in given.items()
        if text
    }


def _agent(properties: Mapping[str, Any]) -> Agent:
    ntp = properties.get("ntp") or []
    if not isinstance(ntp, list) or not all(isinstance(server, str) for server in ntp):
        raise CpiError("agent.ntp must be an array of strings")
    blobstore = dig(properties, "blobstore")
    return Agent(
        mbus=_text(properties, "mbus", "agent"),
        ntp=ntp,
        blobstore={
            "provider": blobstore.get("provider") or "",
            "options": blobstore.get("options") or {},
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


def _boolean(merged: Mapping[str, Any], key: str) -> bool:
    value = merged.get(key)
    if isinstance(value, str) and value.lower() in ("true", "false", ""):
        return value.lower() == "true"
    if value is None or isinstance(value, bool):
        return bool(value)
    raise CpiError(f"alicloud.{key} must be true or false")
