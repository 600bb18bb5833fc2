"""Reading a VM type with a configuration, without a cloud."""

from __future__ import annotations

from typing import Any

from alicloud_cpi.cloud_properties.vm import VmProperties
from alicloud_cpi.config import Config, parse_config


def configured(**changes: Any) -> Config:
    """Make a configuration."""
    properties = {
        "region": "cn-beijing",
        "access_key_id": "id",
        "access_key_secret": "secret",
        **changes,
    }
    return parse_config({"cloud": {"properties": {"alicloud": properties}}}, {})


def parsed(configuration: dict[str, Any] | None = None, **properties: Any) -> VmProperties:
    """Read a VM type."""
    document = {"instance_type": "ecs.g6.large", "availability_zone": "cn-beijing-h", **properties}
    return VmProperties.parse(document, configured(**(configuration or {})))
