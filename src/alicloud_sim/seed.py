"""What a fresh world has: two regions, two accounts, networks, types, a light stemcell.

Every id is fixed: tests and configurations may name it. The table of them is printed by
`serve` and is "constants" of /_sim/state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .accounts import AccessKey
from .ecs.images import Image
from .ecs.instance_types import InstanceType
from .ecs.key_pairs import KeyPair
from .ecs.kms_keys import KmsKey
from .ecs.security_groups import SecurityGroup
from .records import EVERYONE
from .vpc.networks import Vpc, VSwitch
from .world import Region, Zone

if TYPE_CHECKING:
    from .world import World

ACCOUNT = "1100000000000001"
STEMCELL_ACCOUNT = "1200000000000002"
ACCESS_KEY_ID = "LTAI5tSimulatorOwnerKey1"
ACCESS_KEY_SECRET = "simulatorOwnerSecret0000000001"  # noqa: S105 - opens the simulator only
OTHER_KEY_ID = "LTAI5tSimulatorOtherKey1"
OTHER_KEY_SECRET = "simulatorOtherSecret0000000001"  # noqa: S105 - likewise

REGIONS = {
    "cn-beijing": ("华北2(北京)", "2ze", ("cn-beijing-h", "cn-beijing-g")),
    "cn-hangzhou": ("华东1(杭州)", "bp1", ("cn-hangzhou-h", "cn-hangzhou-i")),
}
DISK_CATEGORIES = (
    "cloud_efficiency",
    "cloud_ssd",
    "cloud_essd",
    "cloud_auto",
    "cloud_essd_entry",
    "elastic_ephemeral_disk_standard",
    "elastic_ephemeral_disk_premium",
)
ESSD_ONLY = ("cloud_essd", "cloud_auto", "cloud_essd_entry")
OLDER = ("cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry")

# family: (generation, NVMe, disk categories, {size: (vCPUs, GiB)}, sold in the first zone only)
FAMILIES = {
    "ecs.t5": (
        "ecs-5",
        "unsupported",
        OLDER,
        {"lc1m1.small": (1, 1), "lc1m2.large": (2, 4)},
        False,
    ),
    "ecs.g5": ("ecs-5", "unsupported", OLDER, {"large": (2, 8), "xlarge": (4, 16)}, False),
    "ecs.c6": ("ecs-6", "unsupported", OLDER, {"large": (2, 4), "xlarge": (4, 8)}, False),
    "ecs.g6": ("ecs-6", "unsupported", OLDER, {"large": (2, 8), "xlarge": (4, 16)}, False),
    "ecs.r6": ("ecs-6", "unsupported", OLDER, {"large": (2, 16), "xlarge": (4, 32)}, False),
    "ecs.c7": ("ecs-7", "unsupported", ESSD_ONLY, {"large": (2, 4), "xlarge": (4, 8)}, False),
    "ecs.g7": (
        "ecs-7",
        "unsupported",
        ESSD_ONLY,
        {"large": (2, 8), "xlarge": (4, 16), "2xlarge": (8, 32)},
        False,
    ),
    "ecs.g8i": ("ecs-8", "required", ESSD_ONLY, {"large": (2, 8), "xlarge": (4, 16)}, False),
    "ecs.c9i": ("ecs-9", "required", ESSD_ONLY, {"large": (2, 4), "xlarge": (4, 8)}, True),
}


def seed(world: World) -> None:
    """Fill an empty world."""
    world.account = ACCOUNT
    world.default_region = next(iter(REGIONS))
    for key in (
        AccessKey(ACCESS_KEY_ID, ACCESS_KEY_SECRET, ACCOUNT),
        AccessKey(OTHER_KEY_ID, OTHER_KEY_SECRET, STEMCELL_ACCOUNT),
    ):
        world.keys[key.id] = key
    world.constants |= {
        "account": ACCOUNT,
        "access_key_id": ACCESS_KEY_ID,
        "other_account": STEMCELL_ACCOUNT,
        "other_access_key_id": OTHER_KEY_ID,
    }
    for region_id, (local_name, infix, zones) in REGIONS.items():
        world.regions[region_id] = Region(
            region_id, local_name, {zone: Zone(zone, list(DISK_CATEGORIES)) for zone in zones}
        )
        _network(world, region_id, infix, zones)
        _region_extras(world, region_id, infix)
    _instance_types(world)


def _fixed(prefix: str, infix: str, name: str, length: int = 20) -> str:
    """Make a fixed id of the cloud's form: the name padded with zeros, then a 1."""
    return f"{prefix}-{infix}{name.ljust(length - len(infix) - 1, '0')}1"


def _network(world: World, region: str, infix: str, zones: tuple[str, ...]) -> None:
    """Make a VPC with a vSwitch in each zone (10.0.1.0/24, 10.0.2.0/24) and two groups."""
    vpc = Vpc(_fixed("vpc", infix, "simnetwork", 21), ACCOUNT, region, name="bosh")
    world.add(vpc)
    names = {"vpc": vpc.id}
    for number, zone in enumerate(zones, start=1):
        switch = VSwitch(
            _fixed("vsw", infix, f"simswitch{number}", 21),
            ACCOUNT,
            region,
            name=f"bosh-{number}",
            vpc_id=vpc.id,
            zone_id=zone,
            cidr_block=f"10.0.{number}.0/24",
        )
        names[f"vswitch.{zone}"] = world.add(switch).id
    for name in ("default", "extra", "third"):
        group = SecurityGroup(
            _fixed("sg", infix, f"simgroup{name}"),
            ACCOUNT,
            region,
            name=f"bosh-{name}",
            vpc_id=vpc.id,
        )
        names[f"security_group.{name}"] = world.add(group).id
    world.constants |= {f"{region}.{name}": found for name, found in names.items()}


def _region_extras(world: World, region: str, infix: str) -> None:
    """Make a key pair, a KMS key, and the light stemcells another account lends out."""
    pair = KeyPair(_fixed("ssh", infix, "simpair"), ACCOUNT, region, name="bosh")
    pair.public_key = "ssh-rsa AAAAB3NzaC1yc2E simulator"
    key = world.add(KmsKey(f"key-{infix}-simulator-0001", ACCOUNT, region, status="Enabled"))
    stemcell = Image(
        _fixed("m", infix, "simstemcell"),
        STEMCELL_ACCOUNT,
        region,
        name="bosh-stemcell-light",
        os_name="Ubuntu 22.04 64 bit",
        nvme_supported=True,
        shared_with=[ACCOUNT],
    )
    public = Image(
        _fixed("m", infix, "simpublic"),
        STEMCELL_ACCOUNT,
        region,
        name="ubuntu-public",
        os_name="Ubuntu 22.04 64 bit",
        is_public=True,
    )
    world.constants |= {
        f"{region}.key_pair": world.add(pair).name,
        f"{region}.kms_key": key.id,
        f"{region}.light_stemcell": world.add(stemcell).id,
        f"{region}.public_image": world.add(public).id,
    }


def _instance_types(world: World) -> None:
    """Make the types; they belong to every account and region, their zones tell where."""
    for family, (generation, nvme, categories, sizes, first_only) in FAMILIES.items():
        zones = [
            z
            for _, _, all_zones in REGIONS.values()
            for z in all_zones[: 1 if first_only else None]
        ]
        for size, (cpus, memory) in sizes.items():
            separator = "-" if size.startswith("lc1") else "."
            world.add(
                InstanceType(
                    f"{family}{separator}{size}",
                    EVERYONE,
                    "",
                    family=family,
                    cpus=cpus,
                    memory_gib=float(memory),
                    nvme_support=nvme,
                    generation=generation,
                    zones=list(zones),
                    disk_categories=list(categories),
                )
            )
