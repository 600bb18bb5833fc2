"""create_network(subnet) -> [network_cid, {"range", "gateway", "reserved"}, cloud_properties]

Creates the vSwitch of a managed network's subnet; the cloud_properties are those of its VMs'
networks.
Spec: https://bosh.io/docs/cpi-api-v2-method/create-network/

The Director sends ``range``, or ``netmask_bits`` for any free range. A repeat of a call that was
killed finds its vSwitch by range, zone and the Director's id in a tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud_properties.managed_network import (
    ManagedNetworkProperties,
    gateway_of,
    reserved_of,
)
from alicloud_cpi.errors import CloudError
from alicloud_cpi.rollback import Rollback
from alicloud_cpi.services.vswitches import RangeTaken, VSwitchRequest, default_name

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, subnet: dict[str, Any]) -> list[Any]:
    """Create the vSwitch and return when VMs can use it.

    :raises CloudError: no free range, or the cloud refused
    """
    properties = ManagedNetworkProperties.parse(subnet, ctx.config)
    wanted = VSwitchRequest(
        region=ctx.config.region,
        zone=properties.availability_zone,
        vpc_id=properties.vpc_id,
        name=properties.name,
        tags=properties.tags,
        director=str(ctx.context.get("director_uuid") or ""),
    )
    with Rollback() as rollback:
        if properties.create_security_group:
            wanted = _with_security_group(ctx, properties, wanted, rollback)
        vswitch_id, network = _create(ctx, properties, wanted, rollback)
        vswitch = ctx.services.vswitches.wait_until_available(wanted.region, vswitch_id)
    addresses = {
        "range": str(network),
        "gateway": str(gateway_of(network)),
        "reserved": reserved_of(network),
    }
    cloud_properties: dict[str, Any] = {"vswitch_id": vswitch_id}
    created = [vswitch.security_group_id] if vswitch.security_group_id else []
    if groups := [*properties.security_group_ids, *created]:
        cloud_properties["security_group_ids"] = groups
    return [vswitch_id, addresses, cloud_properties]


def _with_security_group(
    ctx: CallContext,
    properties: ManagedNetworkProperties,
    wanted: VSwitchRequest,
    rollback: Rollback,
) -> VSwitchRequest:
    """Create the network's security group; the vSwitch says in a tag that it is its own."""
    groups, region = ctx.services.security_groups, wanted.region
    name = properties.name or (default_name(properties.range) if properties.range else "bosh-any")
    group_id = rollback.create(
        "security group",
        partial(groups.create, region, wanted.vpc_id, name, wanted.tags),
        delete=partial(groups.delete, region),
    )
    return replace(wanted, security_group_id=group_id)


def _create(
    ctx: CallContext,
    properties: ManagedNetworkProperties,
    wanted: VSwitchRequest,
    rollback: Rollback,
) -> tuple[str, IPv4Network]:
    """Create the vSwitch with the first range that is free; returns its id and range."""
    vswitches = ctx.services.vswitches
    delete = partial(vswitches.delete, wanted.region)
    for network in [properties.range] if properties.range else _free(ctx, properties, wanted):
        create = partial(vswitches.create, wanted, network)
        try:
            return rollback.create("vSwitch", create, delete=delete), network
        except RangeTaken:
            if properties.range:
                found = vswitches.find_own(wanted, network)
                if found is None:
                    raise
                if wanted.security_group_id:
                    # The vSwitch has that of the call that created it.
                    ctx.services.security_groups.delete(wanted.region, wanted.security_group_id)
                    rollback.dismiss()
                return found.id, network
    raise CloudError(
        f"VPC '{wanted.vpc_id}' has no free range with a mask of {properties.netmask_bits} bits"
    )


def _free(
    ctx: CallContext, properties: ManagedNetworkProperties, wanted: VSwitchRequest
) -> Iterator[IPv4Network]:
    """Yield the ranges of the VPC that no vSwitch has now; another call may take one first."""
    vswitches, bits = ctx.services.vswitches, properties.netmask_bits
    ranges = vswitches.vpc_ranges(wanted.region, wanted.vpc_id)
    if not ranges:
        raise CloudError(f"VPC '{wanted.vpc_id}' not found in region {wanted.region}")
    taken = [IPv4Network(one.range) for one in vswitches.of_vpc(wanted.region, wanted.vpc_id)]
    for block in ranges:
        for network in block.subnets(new_prefix=bits) if block.prefixlen <= bits else ():
            if not any(network.overlaps(other) for other in taken):
                yield network
