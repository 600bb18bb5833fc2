"""Names in the simulator's seed, and requests built of them."""

from __future__ import annotations

from typing import Any

REGION = "cn-beijing"
ZONE = "cn-beijing-h"
# The tag on all that the CPI makes.
MARK = {"bosh-cpi": "alicloud"}
OTHER_ZONE = "cn-beijing-g"


class Names:
    """The ids of a fresh simulated account."""

    def __init__(self, constants: dict[str, Any]) -> None:
        self.vswitch = constants[f"{REGION}.vswitch.{ZONE}"]
        self.other_vswitch = constants[f"{REGION}.vswitch.{OTHER_ZONE}"]
        self.groups = [
            constants[f"{REGION}.security_group.{name}"] for name in ("default", "extra", "third")
        ]
        self.key_pair = constants[f"{REGION}.key_pair"]
        self.kms_key = constants[f"{REGION}.kms_key"]
        self.image = constants[f"{REGION}.light_stemcell"]

    def networks(self, ip: str | None = "10.0.1.10", **changes: Any) -> dict[str, Any]:
        """Word a create_vm request's networks: manual with an ip, dynamic without one."""
        network: dict[str, Any] = {
            "type": "manual" if ip else "dynamic",
            "netmask": "255.255.255.0",
            "prefix": "32",
            "gateway": "10.0.1.253",
            "dns": ["10.0.0.2"],
            "default": ["dns", "gateway"],
            "cloud_properties": {
                "vswitch_id": self.vswitch,
                "security_group_ids": self.groups[:1],
                **changes,
            },
        }
        if ip:
            network["ip"] = ip
        return {"private": network}


def vm_type(**changes: Any) -> dict[str, Any]:
    """Word a VM's cloud_properties; None removes a property."""
    properties = {"instance_type": "ecs.g6.large", "availability_zone": ZONE, **changes}
    return {key: value for key, value in properties.items() if value is not None}
