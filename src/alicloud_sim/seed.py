"""What a fresh world has: two regions, two accounts, networks, types, a light stemcell.

Every id is fixed: tests and configurations may name it. The table of them is printed by
`serve` and is "constants" of /_sim/state.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .accounts import AccessKey
from .ecs.images import Image
from .ecs.key_pairs import KeyPair
from .ecs.kms_keys import KmsKey
from .ecs.ram_roles import RamRole
from .ecs.resource_groups import ResourceGroup
from .ecs.security_groups import SecurityGroup
from .seed_balancers import add_balancers
from .seed_types import add_types
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
        add_balancers(world, ACCOUNT, region_id, zones, partial(_fixed_in, infix))
    _account_extras(world)
    add_types(world)


def _fixed(prefix: str, infix: str, name: str, length: int = 20) -> str:
    """Make a fixed id of the cloud's form: the name padded with zeros, then a 1."""
    return f"{prefix}-{infix}{name.ljust(length - len(infix) - 1, '0')}1"


def _fixed_in(infix: str, prefix: str, name: str) -> str:
    """Make a fixed id of a region, for modules that do not know its part of ids."""
    return _fixed(prefix, infix, name)


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
    pair.fingerprint = "5d41402abc4b2a76b9719d911017c592"
    key = world.add(KmsKey(f"key-{infix}-simulator-0001", ACCOUNT, region, status="Enabled"))
    stemcell = Image(
        _fixed("m", infix, "simstemcell"),
        STEMCELL_ACCOUNT,
        region,
        name="bosh-stemcell-light",
        os_name="Ubuntu 22.04 64 bit",
        nvme_supported=True,
        imds_version="v2",
        shared_with=[ACCOUNT],
    )
    public = Image(
        _fixed("m", infix, "simpublic"),
        STEMCELL_ACCOUNT,
        region,
        name="ubuntu-public",
        os_name="Ubuntu 22.04 64 bit",
        imds_version="v2",
        is_public=True,
        owner_alias="system",
    )
    world.constants |= {
        f"{region}.key_pair": world.add(pair).name,
        f"{region}.kms_key": key.id,
        f"{region}.light_stemcell": world.add(stemcell).id,
        f"{region}.public_image": world.add(public).id,
    }


def _account_extras(world: World) -> None:
    """Make a RAM role for instances, one for AssumeRole, and a resource group, of all regions."""
    role = world.add(RamRole("role-siminstance1", ACCOUNT, "", name="bosh-instance"))
    trusted = f"acs:ram::{ACCOUNT}:root"
    cpi = RamRole("role-simassumable1", ACCOUNT, "", name="bosh-cpi", trusted_service=trusted)
    group = world.add(ResourceGroup("rg-simbosh0000001", ACCOUNT, "", name="bosh"))
    world.constants |= {
        "ram_role": role.name,
        "assumable_role_arn": f"acs:ram::{ACCOUNT}:role/{world.add(cpi).name}",
        "resource_group": group.id,
    }
