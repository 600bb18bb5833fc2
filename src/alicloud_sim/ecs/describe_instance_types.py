"""DescribeInstanceTypes and DescribeInstanceTypeFamilies: what instance types have.

Other fields than those of the record are the usual ones of the type's family (category,
speed, queues); they are made up but plausible. All types are listed unless MaxResults is
given, at most 1600 (not in the reference: the default).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.paging import page

from .instance_types import InstanceType
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST = 1600
CATEGORIES = {
    "c": "Compute-optimized",
    "g": "General-purpose",
    "r": "Memory-optimized",
    "t": "Shared",
    "e": "Shared",
    "n": "Shared",
    "u": "General-purpose",
    "i": "Local SSDs",
}
LEVELS = {"t": "CreditEntryLevel", "e": "EntryLevel", "n": "EntryLevel"}


@ecs.action(
    "DescribeInstanceTypes",
    params="InstanceTypeFamily InstanceTypeFamilies InstanceTypes MinimumCpuCoreCount"
    " MaximumCpuCoreCount MinimumMemorySize MaximumMemorySize InstanceCategory"
    " InstanceCategories InstanceFamilyLevel CpuArchitecture CpuArchitectures NvmeSupport"
    " MinimumDiskQuantity MinimumEniQuantity MinimumEniPrivateIpAddressQuantity"
    " MinimumGPUAmount MinimumLocalStorageAmount AdditionalAttributes MaxResults NextToken",
)
def describe_instance_types(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List types; all filters have to fit, unknown types are simply not listed."""
    rows = [kind for kind in ctx.visible(InstanceType) if _fits(kind, p)]
    shown = page(ctx, p, rows, MOST)
    return {"InstanceTypes": {"InstanceType": [_type(kind) for kind in shown.rows]}, **shown.fields}


def category(kind: InstanceType) -> str:
    """Tell the category of a type by the letter its family begins with."""
    return CATEGORIES.get(_letter(kind), CATEGORIES["g"])


def _letter(kind: InstanceType) -> str:
    return kind.family.removeprefix("ecs.")[:1]


def _level(kind: InstanceType) -> str:
    return LEVELS.get(_letter(kind), "EnterpriseLevel")


def _fits(kind: InstanceType, p: Params) -> bool:
    texts = {
        "InstanceTypeFamily": kind.family,
        "InstanceCategory": category(kind),
        "InstanceFamilyLevel": _level(kind),
        "CpuArchitecture": kind.architecture,
        "NvmeSupport": kind.nvme_support,
    }
    lists = {
        "InstanceTypes": kind.id,
        "InstanceTypeFamilies": kind.family,
        "InstanceCategories": category(kind),
        "CpuArchitectures": kind.architecture,
    }
    at_least = {
        "MinimumCpuCoreCount": kind.cpus,
        "MinimumMemorySize": kind.memory_gib,
        "MinimumDiskQuantity": kind.most_disks,
        "MinimumEniQuantity": kind.most_enis,
        "MinimumEniPrivateIpAddressQuantity": kind.addresses_per_eni,
        "MinimumGPUAmount": 0,
        "MinimumLocalStorageAmount": kind.local_disks,
    }
    return (
        all(p.text(name) in ("", held) for name, held in texts.items())
        and all(not p.texts(name) or held in p.texts(name) for name, held in lists.items())
        and all(held >= p.number(name, 0.0) for name, held in at_least.items())
        and kind.cpus <= p.number("MaximumCpuCoreCount", float("inf"))
        and kind.memory_gib <= p.number("MaximumMemorySize", float("inf"))
    )


def _type(kind: InstanceType) -> dict[str, Any]:
    return {
        "InstanceTypeId": kind.id,
        "InstanceTypeFamily": kind.family,
        "InstanceFamilyLevel": _level(kind),
        "InstanceCategory": category(kind),
        "CpuCoreCount": kind.cpus,
        "MemorySize": kind.memory_gib,
        "CpuArchitecture": kind.architecture,
        "CpuSpeedFrequency": 2.5,
        "NvmeSupport": kind.nvme_support,
        "DiskQuantity": kind.most_disks,
        "EniQuantity": kind.most_enis,
        "EniTotalQuantity": kind.most_enis,
        "EniPrivateIpAddressQuantity": kind.addresses_per_eni,
        "EniIpv6AddressQuantity": kind.ipv6_per_eni,
        "EniTrunkSupported": False,
        "GPUAmount": 0,
        "GPUSpec": "",
        "LocalStorageAmount": kind.local_disks,
        "LocalStorageCapacity": kind.local_disk_gib,
        "LocalStorageCategory": kind.local_category,
        "SupportedBootModes": {"SupportedBootMode": list(kind.boot_modes)},
        "JumboFrameSupport": False,
        "NetworkEncryptionSupport": False,
    }


@ecs.action("DescribeInstanceTypeFamilies", params="RegionId Generation")
def describe_instance_type_families(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the families that have a type in the region."""
    zones = ctx.world.regions[ctx.region].zones.keys()
    families = {
        kind.family: kind.generation
        for kind in ctx.visible(InstanceType)
        if zones & set(kind.zones) and p.text("Generation") in ("", kind.generation)
    }
    rows = [
        {"InstanceTypeFamilyId": family, "Generation": generation}
        for family, generation in families.items()
    ]
    return {"InstanceTypeFamilies": {"InstanceTypeFamily": rows}}
