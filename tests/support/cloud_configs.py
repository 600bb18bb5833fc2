"""A cloud-config and an instance group for it, and how tests change them."""

from __future__ import annotations

import copy
from typing import Any

from support.world import OTHER_ZONE, ZONE

CLOUD_CONFIG: dict[str, Any] = {
    "azs": [
        {"name": "z1", "cloud_properties": {"availability_zone": ZONE}},
        {"name": "z2", "cloud_properties": {"availability_zone": OTHER_ZONE}},
    ],
    "vm_types": [
        {
            "name": "default",
            "cloud_properties": {
                "instance_type": "ecs.g6.large",
                "ephemeral_disk": {"size": 20480, "category": "cloud_essd"},
            },
        }
    ],
    "vm_extensions": [{"name": "spot", "cloud_properties": {"spot_strategy": "SpotAsPriceGo"}}],
    "disk_types": [{"name": "small", "disk_size": 20480}],
    "networks": [
        {
            "name": "default",
            "type": "manual",
            "subnets": [
                {
                    "az": "z1",
                    "range": "10.0.1.0/24",
                    "gateway": "10.0.1.253",
                    "reserved": ["10.0.1.250-10.0.1.254"],
                    "cloud_properties": {
                        "vswitch_id": "vsw-1",
                        "security_group_ids": ["sg-1"],
                    },
                }
            ],
        },
        {"name": "public", "type": "vip"},
    ],
    "compilation": {"az": "z1", "vm_type": "default", "network": "default", "workers": 1},
}
GROUP: dict[str, Any] = {
    "name": "web",
    "instances": 1,
    "azs": ["z1"],
    "vm_type": "default",
    "vm_extensions": ["spot"],
    "persistent_disk_type": "small",
    "networks": [{"name": "default"}],
}


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy with another value at a path such as ``vm_types.0.name``; None removes it."""
    found = copy.deepcopy(document)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    target: Any = found
    for step in steps:
        target = target[step] if isinstance(step, int) else target.setdefault(step, {})
    if value is None:
        del target[last]
    else:
        target[last] = value
    return found
