"""Where one new VM runs: checks its placement, and finds or creates its deployment set.

A deployment set by name is created when a VM needs it first, and is kept: the next VM of the same
name uses it, and a call that failed must not delete what another one is using.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud_properties.placement import PlacementProperties
from alicloud_cpi.cloud_properties.schema import InvalidProperty

if TYPE_CHECKING:
    from alicloud_cpi.cloud_properties.vm import VmProperties
    from alicloud_cpi.rollback import Rollback
    from alicloud_cpi.services import Services
    from alicloud_cpi.services.deployment_sets import DeploymentSet

_GROUPS = "AvailabilityGroup"
_MAX_NAME = 128

# The Director gives each of its compilation VMs an instance group of its own.
_COMPILATION = re.compile(r"(^|-)compilation-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def check_placement(
    services: Services, properties: VmProperties, env: Mapping[str, Any]
) -> VmProperties:
    """Compare the placement with what the region has; returns it with what was found.

    Without one nothing is looked up.

    :raises InvalidProperty: naming the property and what was expected
    """
    placement = _with_anti_affinity(properties.placement, env)
    if placement.dedicated_host_id:
        _check_host(services, properties)
    if placement.deployment_set_id:
        _check_set(services, properties)
    elif placement.deployment_set_name:
        placement = _found(services, properties.region, placement)
    return replace(properties, placement=placement)


def place(services: Services, properties: VmProperties, rollback: Rollback) -> VmProperties:
    """Return the VM with the id of its deployment set, which is created if there is none."""
    placement = properties.placement
    if placement.deployment_set_id or not placement.deployment_set_name:
        return properties
    set_id = services.deployment_sets.create(
        properties.region,
        placement.deployment_set_name,
        placement.deployment_set_strategy,
        rollback,
    )
    return replace(properties, placement=replace(placement, deployment_set_id=set_id))


def _with_anti_affinity(
    placement: PlacementProperties, env: Mapping[str, Any]
) -> PlacementProperties:
    """Return a placement in the set of the instance group, where nothing else is named."""
    bosh = env.get("bosh")
    group = bosh.get("group") if isinstance(bosh, dict) else None
    is_named = placement.has_set or placement.is_on_host
    if placement.anti_affinity != "instance_group" or is_named or not isinstance(group, str):
        return placement
    if not group or _COMPILATION.search(group):
        return placement
    return replace(
        placement,
        deployment_set_name=set_name(group),
        deployment_set_strategy="Availability",
    )


def set_name(group: str) -> str:
    """Return the name of an instance group's set: env.bosh.group, as far as a name can have it."""
    name = "bosh-" + re.sub(r"[^A-Za-z0-9:_-]", "-", group)
    if len(name) <= _MAX_NAME and name == f"bosh-{group}":
        return name
    digest = hashlib.sha256(group.encode()).hexdigest()[:12]
    return f"{name[: _MAX_NAME - 13]}-{digest}"


def _check_host(services: Services, properties: VmProperties) -> None:
    host_id = properties.placement.dedicated_host_id
    host = services.dedicated_hosts.find(properties.region, host_id)
    if host is None:
        raise InvalidProperty(
            "cloud_properties.dedicated_host_id must be a dedicated host of region "
            f"{properties.region}: there is no {host_id}"
        )
    if host.zone != properties.availability_zone:
        raise InvalidProperty(
            f"cloud_properties.dedicated_host_id must be in zone {properties.availability_zone}, "
            f"as the VM is: {host_id} is in {host.zone}"
        )
    if host.status != "Available":
        raise InvalidProperty(
            "cloud_properties.dedicated_host_id must be a host that is Available: "
            f"{host_id} is {host.status}"
        )


def _check_set(services: Services, properties: VmProperties) -> None:
    placement = properties.placement
    found = services.deployment_sets.find(properties.region, placement.deployment_set_id)
    if found is None:
        raise InvalidProperty(
            "cloud_properties.deployment_set_id must be a deployment set of region "
            f"{properties.region}: there is no {placement.deployment_set_id}"
        )
    if placement.deployment_set_group_no is not None and found.strategy not in ("", _GROUPS):
        raise InvalidProperty(
            "cloud_properties.deployment_set_group_no needs a deployment set of the strategy "
            f"{_GROUPS}: {found.id} has {found.strategy}"
        )


def _found(services: Services, region: str, placement: PlacementProperties) -> PlacementProperties:
    """Return the placement with the id of its set, if there is one by this name."""
    found = services.deployment_sets.find_named(region, placement.deployment_set_name)
    if found is None:
        return placement
    _check_strategy(found, placement)
    return replace(placement, deployment_set_id=found.id)


def _check_strategy(found: DeploymentSet, placement: PlacementProperties) -> None:
    if found.strategy not in ("", placement.deployment_set_strategy):
        raise InvalidProperty(
            f"cloud_properties.deployment_set.strategy must be {found.strategy}, which deployment "
            f"set '{found.name}' ({found.id}) has: a strategy cannot be changed"
        )
