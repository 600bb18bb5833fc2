"""What VMs of random calls have beyond the plain ones: properties of create_vm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faults.matrix_scenarios import Bench

TYPES: dict[str, Any] = {
    "instance_type": None,
    "instance_types": ["ecs.g6.large", "ecs.g7.large"],
}
PROTECTED: dict[str, Any] = {"deletion_protection": True}
SPOT: dict[str, Any] = {"spot_strategy": "SpotAsPriceGo", "spot_ondemand_fallback": True}


def interfaces(bench: Bench, networks: dict[str, Any], address: str) -> dict[str, Any]:
    """Return a second interface for these networks, in the first vSwitch of a list."""
    (first,) = networks.values()
    groups = first["cloud_properties"]["security_group_ids"]
    place = {"vswitch_ids": [bench.names.vswitch], "security_group_ids": groups}
    further = {**first, "ip": address, "default": [], "cloud_properties": place}
    return {"networks": {**networks, "further": further}}


def placed_behind_alb(bench: Bench, name: str) -> dict[str, Any]:
    """Return a port behind an application load balancer, and a deployment set by name."""
    return {
        "alb_server_groups": [{"server_group_id": bench.connections.alb_group, "port": 8080}],
        "deployment_set": {"name": name, "strategy": "Availability"},
    }
