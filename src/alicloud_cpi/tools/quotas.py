"""Checks of the account's quotas, as far as DescribeAccountAttributes has them.

Its quotas of disks are deprecated; the dry run of CreateInstance checks all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from alicloud_cpi.cloud_properties.vm import VmProperties
from alicloud_cpi.context import CallContext
from alicloud_cpi.tools.cloud_config import CloudConfig
from alicloud_cpi.tools.findings import NOTE, WARNING, Finding
from alicloud_cpi.tools.offline import Vm

# How VMs are paid for, and what DescribeAccountAttributes calls their quota of vCPUs.
_ON_DEMAND, _SPOT = "pay-as-you-go", "spot"
_VCPUS = {
    kind: (f"max-{name}-instance-vcpu-count", f"used-{name}-instance-vcpu-count")
    for kind, name in ((_ON_DEMAND, "postpaid"), (_SPOT, "spot"))
}
_OTHERS = {
    "max-security-groups": "security groups",
    "max-elastic-network-interfaces": "network interfaces",
}
# DescribeInstanceTypes accepts at most this many.
_MOST_TYPES = 10

Parsed = tuple[Vm, VmProperties]


def check(ctx: CallContext, cloud: CloudConfig, vms: Sequence[Parsed]) -> Iterator[Finding]:
    """Yield the quotas, VMs that exceed one, and whether all VMs together do."""
    region = ctx.config.region
    names = [name for pair in _VCPUS.values() for name in pair]
    quotas = ctx.services.inventory.quotas(region, [*names, *_OTHERS])
    vms = [one for one in vms if one[1].region == region and _kind(one[1])]
    cpus = _cpus(ctx, region, {one.instance_type for _, one in vms})
    shown: list[str] = []
    for kind, (most, used) in _VCPUS.items():
        if most not in quotas:
            continue
        shown.append(f"{quotas.get(used, 0)} of {quotas[most]} vCPUs of {kind} VMs are used")
        left = max(0, quotas[most] - quotas.get(used, 0))
        of_kind = [one for one in vms if _kind(one[1]) == kind]
        yield from _exceeding(of_kind, cpus, left, kind)
        yield from _together(cloud, of_kind, cpus, left, kind)
    shown += [
        f"{title} at most {quotas[name]}" for name, title in _OTHERS.items() if name in quotas
    ]
    yield Finding(NOTE, "quotas", f"region {region}: {', '.join(shown) or 'none are listed'}")


def _exceeding(
    vms: Sequence[Parsed], cpus: dict[str, int], left: int, kind: str
) -> Iterator[Finding]:
    for vm, properties in vms:
        wanted = cpus.get(properties.instance_type, 0)
        if wanted > left:
            name = properties.instance_type
            message = f"{name} has {wanted} vCPUs, the quota of {kind} VMs has {left} left"
            yield Finding(WARNING, vm.where, message)


def _together(
    cloud: CloudConfig, vms: Sequence[Parsed], cpus: dict[str, int], left: int, kind: str
) -> Iterator[Finding]:
    """Yield a warning if the instances of all groups need more; running VMs count as used."""
    by_group = {vm.where: cpus.get(properties.instance_type, 0) for vm, properties in vms}
    groups = cloud.section("instance_groups")
    wanted = sum(by_group.get(group.where, 0) * _instances(group.content) for group in groups)
    if wanted > left:
        message = f"need {wanted} vCPUs of {kind} VMs, the quota has {left} left"
        yield Finding(WARNING, "instance_groups", message)


def _instances(content: Any) -> int:
    number = content.get("instances")
    return number if isinstance(number, int) else 0


def _kind(properties: VmProperties) -> str:
    """Return by which quota a VM counts; subscriptions count by none of these."""
    if properties.charge.type == "PrePaid":
        return ""
    return _SPOT if properties.charge.is_spot else _ON_DEMAND


def _cpus(ctx: CallContext, region: str, types: set[str]) -> dict[str, int]:
    names = sorted(types)
    parts = (names[start : start + _MOST_TYPES] for start in range(0, len(names), _MOST_TYPES))
    describe = ctx.services.instance_types.describe
    return {one.id: one.cpus for part in parts for one in describe(region, part)}
