"""The instance types of a fresh world: families of several generations, and where they sell.

Zones are told by their place in the region's list. Families before the seventh generation
take the old categories, later ones refuse them; only "ecs.e" and "ecs.u1" take ESSD Entry.
The newest families are in one zone only, so that a type can be missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .ecs.instance_types import InstanceType
from .records import EVERYONE

if TYPE_CHECKING:
    from .world import World

ESSD_ONLY = ("cloud_essd", "cloud_auto")
ENTRY = (*ESSD_ONLY, "cloud_essd_entry")
NEWEST = (
    *ESSD_ONLY,
    "elastic_ephemeral_disk_standard",
    "elastic_ephemeral_disk_premium",
)
OLDER = ("cloud_efficiency", "cloud_ssd", *ESSD_ONLY)
FIRST_ZONE = (0,)
SECOND_ZONE = (1,)
ALL_ZONES = (0, 1)

Sizes = dict[str, tuple[int, float]]


@dataclass(frozen=True)
class Family:
    """A family: its generation, what its types can, and its sizes as (vCPUs, GiB).

    `local_disks` has the number of local NVMe SSDs and the GiB of each, by size of the type.
    """

    generation: str
    sizes: Sizes
    disk_categories: tuple[str, ...] = OLDER
    nvme: str = "unsupported"
    zones: tuple[int, ...] = ALL_ZONES
    architecture: str = "X86"
    local_disks: dict[str, tuple[int, int]] = field(default_factory=dict)


def _by(gib_per_cpu: int, most_cpus: int = 8) -> Sizes:
    """Make the usual sizes: large has 2 vCPUs, xlarge 4, 2xlarge 8 and so on."""
    cpus = [2**n for n in range(1, 10) if 2**n <= most_cpus]
    named = {2: "large", 4: "xlarge"}
    return {named.get(n, f"{n // 4}xlarge"): (n, n * gib_per_cpu) for n in cpus}


FAMILIES = {
    "ecs.t5": Family(
        "ecs-5",
        {
            "lc2m1.nano": (1, 0.5),
            "lc1m1.small": (1, 1),
            "lc1m2.small": (1, 2),
            "lc1m2.large": (2, 4),
        },
    ),
    "ecs.t6": Family("ecs-6", {"c1m1.large": (2, 2), "c1m2.large": (2, 4)}),
    "ecs.n4": Family(
        "ecs-3", {"small": (1, 2), "large": (2, 4), "xlarge": (4, 8)}, zones=SECOND_ZONE
    ),
    "ecs.e": Family("ecs-7", {"c1m1.large": (2, 2), "c1m2.large": (2, 4)}, ENTRY),
    "ecs.u1": Family("ecs-7", {"c1m2.large": (2, 4), "c1m4.large": (2, 8)}, ENTRY),
    "ecs.g5": Family("ecs-5", _by(4)),
    "ecs.i2": Family(
        "ecs-5",
        {"xlarge": (4, 32), "4xlarge": (16, 128)},
        local_disks={"xlarge": (1, 894), "4xlarge": (2, 1788)},
    ),
    "ecs.c6": Family("ecs-6", _by(2, 16)),
    "ecs.g6": Family("ecs-6", _by(4, 16)),
    "ecs.r6": Family("ecs-6", _by(8)),
    "ecs.c7": Family("ecs-7", _by(2), ESSD_ONLY),
    "ecs.g7": Family("ecs-7", _by(4, 64), ESSD_ONLY),
    "ecs.r7": Family("ecs-7", _by(8), ESSD_ONLY),
    "ecs.c8i": Family("ecs-8", _by(2), NEWEST, "required"),
    "ecs.g8i": Family("ecs-8", _by(4), NEWEST, "required"),
    "ecs.g8y": Family("ecs-8", _by(4), NEWEST, "required", FIRST_ZONE, "ARM"),
    "ecs.c9i": Family("ecs-9", _by(2), NEWEST, "required", FIRST_ZONE),
}
DASHED = ("lc", "c1m")
DISKS = 17
DISKS_ABOVE = {4: 21, 16: 25}
ENIS = {1: 2, 2: 2, 4: 3, 8: 4, 16: 8, 32: 8, 64: 12}
ADDRESSES = {1: 2, 2: 6, 4: 15, 8: 15}
MOST_ADDRESSES = 30


def add_types(world: World) -> None:
    """Make the types; they belong to every account and region, their zones tell where."""
    regions = [list(region.zones) for region in world.regions.values()]
    for name, family in FAMILIES.items():
        zones = [zone for ids in regions for zone in (ids[n] for n in family.zones)]
        for size, (cpus, memory) in family.sizes.items():
            local, local_gib = family.local_disks.get(size, (0, 0))
            separator = "-" if size.startswith(DASHED) else "."
            world.add(
                InstanceType(
                    f"{name}{separator}{size}",
                    EVERYONE,
                    "",
                    family=name,
                    cpus=cpus,
                    memory_gib=float(memory),
                    nvme_support=family.nvme,
                    architecture=family.architecture,
                    generation=family.generation,
                    most_disks=max([DISKS, *(n for c, n in DISKS_ABOVE.items() if cpus > c)]),
                    most_enis=ENIS[cpus],
                    addresses_per_eni=ADDRESSES.get(cpus, MOST_ADDRESSES),
                    local_disks=local,
                    local_disk_gib=local_gib,
                    local_category="local_ssd_pro" if local else "",
                    zones=list(zones),
                    disk_categories=list(family.disk_categories),
                    boot_modes=["UEFI"] if family.architecture == "ARM" else ["BIOS", "UEFI"],
                )
            )
