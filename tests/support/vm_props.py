"""Reading a VM type with a configuration, without a cloud."""

from __future__ import annotations

from typing import Any

from alicloud_cpi import config
from alicloud_cpi.props import vm


def configured(**changes: Any) -> config.Config:
    """Make a configuration."""
    properties = {
        "region": "cn-beijing",
        "access_key_id": "id",
        "access_key_secret": "secret",
        **changes,
    }
    return config.for_call({"cloud": {"properties": {"alicloud": properties}}}, {})


def parsed(configuration: dict[str, Any] | None = None, **properties: Any) -> vm.VmProps:
    """Read a VM type."""
    document = {"instance_type": "ecs.g6.large", "availability_zone": "cn-beijing-h", **properties}
    return vm.parse(document, configured(**(configuration or {})))
