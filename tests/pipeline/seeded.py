"""The simulator's seed as an environment that terraform might have built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.seed import ACCESS_KEY_ID, ACCESS_KEY_SECRET

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.world import Names

REGION = "cn-beijing"


def keys(sim: Simulator) -> dict[str, str]:
    """Return what lets ci/lib/cloud.py use the simulator with keys."""
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ACCESS_KEY_SECRET,
        "ECS_ENDPOINT": sim.plain_url,
    }


def metadata(names: Names, sim: Simulator) -> dict[str, str]:
    """Word the simulator's seed as metadata."""
    seeded = sim.world.constants
    return {
        "region": REGION,
        "availability_zone": f"{REGION}-h",
        "second_availability_zone": f"{REGION}-g",
        "vpc_id": seeded[f"{REGION}.vpc"],
        "vswitch_id": names.vswitch,
        "vswitch_cidr": "10.0.1.0/24",
        "vswitch_gateway": "10.0.1.253",
        "vswitch_reserved": "10.0.1.4-10.0.1.9",
        "vswitch_static": "10.0.1.10-10.0.1.60",
        "second_vswitch_id": names.other_vswitch,
        "second_vswitch_cidr": "10.0.2.0/24",
        "second_vswitch_gateway": "10.0.2.253",
        "security_group_id": names.groups[0],
        "second_security_group_id": names.groups[1],
        "director_eip": seeded[f"{REGION}.eip.1.address"],
        "test_eip": seeded[f"{REGION}.eip.2.address"],
        "slb_id": seeded[f"{REGION}.load_balancer"],
        "slb_server_group_id": seeded[f"{REGION}.vserver_group"],
        "nlb_server_group_id": seeded[f"{REGION}.nlb_server_group.1"],
        "oss_bucket": "tests",
        "oss_endpoint": sim.url,
        "instance_ram_role": "bosh-instance",
        "director_ram_role": "bosh-instance",
        "key_pair_name": names.key_pair,
    }
