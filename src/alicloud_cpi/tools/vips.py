"""Checks of the static addresses of vip networks: elastic IP addresses (EIPs) of the account."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import islice

from alicloud_cpi.context import CallContext
from alicloud_cpi.services.eips import Eip
from alicloud_cpi.tools.cloud_config import CloudConfig, as_objects
from alicloud_cpi.tools.findings import ERROR, NOTE, WARNING, Finding
from alicloud_cpi.tools.subnets import address_ranges

# Each address takes a request.
_MOST = 100


def check(ctx: CallContext, cloud: CloudConfig) -> Iterator[Finding]:
    """Yield addresses that the region does not have, or that something else holds."""
    region = ctx.config.region
    seen: set[str] = set()
    for where, ip in _static_ips(cloud):
        if ip in seen:
            continue
        if len(seen) == _MOST:
            yield Finding(NOTE, where, f"only {_MOST} elastic IP addresses are checked")
            return
        seen.add(ip)
        eip = ctx.services.eips.find(region, ip)
        if eip is None:
            yield Finding(ERROR, where, f"elastic IP address '{ip}' not found in region {region}")
        elif eip.status != "Available":
            yield _held(ctx, where, eip)


def _held(ctx: CallContext, where: str, eip: Eip) -> Finding:
    """Report what has an address; a VM of this CPI may be the one that it is for."""
    holder = eip.instance_id
    if not holder:
        return Finding(WARNING, where, f"elastic IP address '{eip.ip}' is {eip.status}")
    vm = ctx.services.instances.find_in(ctx.config.region, holder)
    if vm is not None and vm.is_ours:
        message = f"elastic IP address '{eip.ip}' is bound to VM '{holder}' of this CPI"
        return Finding(NOTE, where, message)
    message = f"elastic IP address '{eip.ip}' is bound to '{holder}', which is no VM of this CPI"
    return Finding(ERROR, where, message)


def _static_ips(cloud: CloudConfig) -> Iterator[tuple[str, str]]:
    """Yield the addresses that vip networks, and instance groups in them, name."""
    vips = [one for one in cloud.section("networks") if one.content.get("type") == "vip"]
    for network in vips:
        for number, subnet in enumerate(as_objects(network.content.get("subnets"))):
            where = f"{network.where}.subnets[{number}].static"
            yield from ((where, ip) for ip in _addresses(subnet.get("static")))
    names = [network.name for network in vips]
    for group in cloud.section("instance_groups"):
        for number, used in enumerate(as_objects(group.content.get("networks"))):
            if used.get("name") in names:
                where = f"{group.where}.networks[{number}].static_ips"
                yield from ((where, ip) for ip in _addresses(used.get("static_ips")))


def _addresses(value: object) -> Iterator[str]:
    for first, last in address_ranges(value):
        every = (str(IPv4Address(number)) for number in range(int(first), int(last) + 1))
        yield from islice(every, _MOST + 1)
