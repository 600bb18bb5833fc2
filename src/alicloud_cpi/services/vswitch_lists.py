"""Which vSwitches of a network's list a new VM can have.

A zone is never chosen by it: the VM's zone is decided first, and the vSwitches in it are tried in
the order of the list, those without a free address last. All of them stay candidates in every call
for the same VM, so that a repeated call finds what an earlier one created in any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud_properties.network import InterfaceProperties, NetworkProperties
from alicloud_cpi.cloud_properties.schema import InvalidProperty

if TYPE_CHECKING:
    from alicloud_cpi.cloud_properties.vm import VmProperties
    from alicloud_cpi.services import Services
    from alicloud_cpi.services.vswitches import VSwitch


def choose_vswitches(
    services: Services, properties: VmProperties, networks: NetworkProperties
) -> NetworkProperties:
    """Return the networks, each with the vSwitches that it may be in, the preferred one first.

    Without a list nothing is looked up.

    :raises InvalidProperty: none of a list is possible; naming the property and each vSwitch
    """
    if not any(interface.has_list for interface in networks.interfaces):
        return networks
    chosen = [
        _chosen(services, properties, interface) if interface.has_list else interface
        for interface in networks.interfaces
    ]
    return replace(networks, interfaces=chosen)


def with_taken(
    networks: Mapping[str, Any], interfaces: list[InterfaceProperties], taken: list[str]
) -> dict[str, Any]:
    """Return the networks of a request, those with a list with the vSwitch that was taken."""
    answer = dict(networks)
    for interface, vswitch_id in zip(interfaces, taken, strict=True):
        for name in interface.networks:
            given = dict(networks[name]["cloud_properties"])
            if given.pop("vswitch_ids", None):
                properties = {**given, "vswitch_id": vswitch_id}
                answer[name] = {**networks[name], "cloud_properties": properties}
    return answer


def contains(outer: str, wanted: str) -> bool:
    """Whether a range has an address or a prefix of its version."""
    if not outer:
        return False
    network, inner = ip_network(outer), ip_network(wanted)
    return inner.network_address in network and inner.broadcast_address in network


def _chosen(
    services: Services, properties: VmProperties, interface: InterfaceProperties
) -> InterfaceProperties:
    path = f"networks.{interface.networks[0]}.cloud_properties.vswitch_ids"
    found = _found(services, properties.region, interface.vswitch_ids, path)
    zone = properties.availability_zone
    in_zone = [one for one in found if one.zone == zone]
    if not in_zone:
        zones = ", ".join(f"{one.id} is in {one.zone}" for one in found)
        raise InvalidProperty(f"{path} must have a vSwitch in zone {zone}, as the VM is: {zones}")
    fitting = [one for one in in_zone if _has_room(one, interface)]
    if not fitting:
        wanted = ", ".join(interface.fixed)
        ranges = ", ".join(f"{one.id} has {one.range} {one.ipv6_range}".strip() for one in in_zone)
        raise InvalidProperty(
            f"{path} must have a vSwitch in zone {zone} whose ranges have {wanted}: {ranges}"
        )
    ordered = sorted(fitting, key=lambda one: not one.free_addresses)
    # Only one vSwitch of a VPC has an address that is given.
    ids = [one.id for one in (fitting[:1] if interface.ip else ordered)]
    return replace(interface, vswitch_id=ids[0], vswitch_ids=ids)


def _found(services: Services, region: str, vswitch_ids: list[str], path: str) -> list[VSwitch]:
    """Return the vSwitches of these ids, in this order."""
    by_id = services.vswitches.find_all(region, vswitch_ids)
    for one in vswitch_ids:
        if one not in by_id:
            raise InvalidProperty(f"{path} must be vSwitches of region {region}: there is no {one}")
    found = [by_id[one] for one in vswitch_ids]
    vpcs = {one.vpc_id for one in found}
    if len(vpcs) > 1:
        named = ", ".join(f"{one.id} is in {one.vpc_id}" for one in found)
        raise InvalidProperty(f"{path} must be in one VPC: {named}")
    return found


def _has_room(vswitch: VSwitch, interface: InterfaceProperties) -> bool:
    """Whether the ranges of a vSwitch have all addresses and prefixes that are given."""
    return all(
        contains(vswitch.range, wanted) or contains(vswitch.ipv6_range, wanted)
        for wanted in interface.fixed
    )
