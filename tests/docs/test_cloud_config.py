"""The examples of docs/cloud-config.md have the effect that their text describes.

Each is a lifecycle: what it created is rebooted, snapshotted, detached and deleted, and nothing is
left of it.
"""

from __future__ import annotations

import json
from base64 import b64decode
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.deployment_sets import DeploymentSet
from alicloud_sim.ecs.enis.record import of_instance
from alicloud_sim.ecs.images.record import Image
from alicloud_sim.ecs.security_groups import SecurityGroup
from alicloud_sim.ecs.snapshots.policies import AutoSnapshotPolicy
from alicloud_sim.vpc.networks import VSwitch
from docs.directing import Deployed, Director
from docs.documents import headings, pages
from support.connections import Connections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.world import Names

PAGE = "docs/cloud-config.md"
VSWITCH_3 = "vsw-2zesimswitchdata00001"
HOST = "dh-2zesimhost00000000001"
POOL = "crp-2zesimpool0000000001"
BASE = "A complete small cloud-config"
SECTIONS = [text for level, text in headings(PAGE) if level == 2]


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the simulator's clock run, because processes wait in real time."""
    sim.resume()
    sim.set_pace("instant", grace=0.05)


@pytest.fixture
def connections(sim: Simulator) -> Connections:
    """Return the load balancers and the elastic IP address of the seed."""
    return Connections(sim)


@pytest.fixture
def director(cpi: Cpi, names: Names, connections: Connections) -> Iterator[Director]:
    """Return a Director with the page's first cloud-config and its variables."""
    cpi.api_version = 3
    constants = cpi.sim.world.constants
    director = Director(
        cpi,
        {
            "zone_1": "cn-beijing-h",
            "zone_2": "cn-beijing-g",
            "vpc": constants["cn-beijing.vpc"],
            "vswitch_1": names.vswitch,
            "vswitch_2": names.other_vswitch,
            "vswitch_3": VSWITCH_3,
            "vswitch_south": constants["cn-hangzhou.vswitch.cn-hangzhou-i"],
            "security_group": names.groups[0],
            "other_security_group": names.groups[1],
            "security_group_south": constants["cn-hangzhou.security_group.default"],
            "load_balancer": connections.balancer,
            "vserver_group": connections.vserver_group,
            "nlb_group": connections.nlb_groups[0],
            "alb_group": connections.alb_group,
            "eip": connections.ip,
            "kms_key": names.kms_key,
            "snapshot_policy": cpi.sim.seed({"auto_snapshot_policy": [{}]})["auto_snapshot_policy"][
                0
            ],
            "ram_role": constants["ram_role"],
            "key_pair": names.key_pair,
            "dedicated_host": HOST,
            "resource_group": constants["resource_group"],
            "private_pool": POOL,
        },
    )
    director.update(yaml_of(BASE)[0])
    yield director
    director.delete()


def yaml_of(section: str) -> list[str]:
    """List the YAML of one section."""
    text = pages()[PAGE].split(f"\n## {section}\n")[1].split("\n## ")[0]
    return [part.split("```")[0] for part in text.split("```yaml\n")[1:]]


def deploy(director: Director, section: str) -> list[Deployed]:
    """Add a section's configuration to the first one and deploy its only instance group."""
    *configs, manifest = yaml_of(section)
    for config in configs if section != BASE else ():
        director.update(config)
    (instances,) = director.deploy(manifest).values()
    assert {instance.vm.status for instance in instances} == {"Running"}
    return instances


def disk(instance: Deployed, kind: str) -> tuple[str, int]:
    """Return category and GiB of one of an instance's disks."""
    found = getattr(instance, kind)
    return found.category, found.size_gib


def test_every_section_has_a_test() -> None:
    """Each section is named in a test below."""
    text = Path(__file__).read_text("utf-8")
    assert [name for name in SECTIONS if name != BASE and f'"{name}"' not in text] == []


def test_the_first_cloud_config(director: Director) -> None:
    """One instance per zone, with its address and three disks."""
    first, second = deploy(director, BASE)
    assert (first.vm.zone_id, first.vm.private_ip) == ("cn-beijing-h", "10.0.1.10")
    assert (second.vm.zone_id, second.vm.private_ip) == ("cn-beijing-g", "10.0.2.10")
    for instance in (first, second):
        assert disk(instance, "system") == ("cloud_essd", 40)
        assert disk(instance, "ephemeral") == ("cloud_essd", 50)
        assert disk(instance, "persistent") == ("cloud_essd", 60)
        assert instance.persistent is not None
        assert instance.persistent.performance_level == "PL1"
        assert not instance.persistent.delete_with_instance
        assert instance.vm.tags["deployment"] == "docs"


def test_load_balancers(director: Director, connections: Connections) -> None:
    """One VM behind all four kinds."""
    (instance,) = deploy(director, "Load balancers")
    assert connections.backends() == [(instance.vm.id, 50)]
    assert connections.vserver_members() == [(instance.vm.id, 443, 100)]
    assert sorted(connections.nlb_members()) == [
        (connections.nlb_groups[0], instance.vm.id, 80, 100),
        (connections.nlb_groups[0], instance.vm.id, 443, 50),
    ]
    assert connections.alb_members() == [(connections.alb_group, instance.vm.id, 8080, 100)]


def test_elastic_ip_addresses(director: Director, connections: Connections) -> None:
    """The address is bound to the VM."""
    (instance,) = deploy(director, "Elastic IP addresses")
    assert connections.eip() == ("InUse", instance.vm.id)


def test_spot(director: Director) -> None:
    """Strategy and limit are those of the VM in the cloud."""
    (instance,) = deploy(director, "Spot VMs")
    assert (instance.vm.spot_strategy, instance.vm.spot_price_limit) == ("SpotWithPriceLimit", 0.9)


def test_several_instance_types(director: Director, sim: Simulator) -> None:
    """Where nobody can bid, the VM has the first type that the zone sells, without a bid."""
    sold_out = [{"zone": "cn-beijing-h", "type": "ecs.g7.large", "left": 0}]
    sim.seed({"stock": sold_out, "settings": {"spot.sold_out": True}})
    (instance,) = deploy(director, "Several instance types")
    assert (instance.vm.instance_type, instance.vm.spot_strategy) == ("ecs.g6.large", "NoSpot")


def test_several_networks(director: Director, sim: Simulator, names: Names) -> None:
    """The VM has an interface in each, the default gateway's first."""
    first = sim.world.get(VSwitch, names.vswitch)
    assert first is not None
    row = {"vpc_id": first.vpc_id, "zone_id": first.zone_id, "cidr_block": "10.0.9.0/24"}
    sim.seed({"vswitch": [{**row, "id": VSWITCH_3}]})
    (instance,) = deploy(director, "Several networks")
    primary, other = of_instance(sim.world, instance.vm.id)
    assert (primary.vswitch_id, other.private_ip) == (names.vswitch, "10.0.9.10")
    assert other.security_group_ids == names.groups[1:2]


def test_ipv6(director: Director, sim: Simulator, names: Names) -> None:
    """One interface has the addresses of both networks."""
    vswitch = sim.world.get(VSwitch, names.vswitch)
    assert vswitch is not None
    vswitch.ipv6_cidr_block = "2001:db8:0:100::/64"
    (instance,) = deploy(director, "IPv6")
    (primary,) = of_instance(sim.world, instance.vm.id)
    assert (primary.private_ip, primary.ipv6_addresses) == ("10.0.1.12", ["2001:db8:0:100::12"])
    settings = json.loads(b64decode(instance.vm.user_data))
    assert settings["networks"]["default-v6"]["ip"] == "2001:db8:0:100::12"
    assert settings["env"]["bosh"]["ipv6"] == {"enable": True}


def test_several_vswitches(director: Director, sim: Simulator, names: Names) -> None:
    """Each VM is in a vSwitch of its zone; the first in the list is full."""
    full = {"id": VSWITCH_3, "vpc_id": sim.world.constants["cn-beijing.vpc"]}
    sim.seed({"vswitch": [{**full, "zone_id": "cn-beijing-h", "cidr_block": "10.0.8.0/29"}]})
    taken = [{"vswitch_id": VSWITCH_3, "address": f"10.0.8.{n}"} for n in (1, 2, 3, 4)]
    sim.seed({"held_address": taken})
    found = [instance.vm.vswitch_id for instance in deploy(director, "Several vSwitches")]
    assert found == [names.vswitch, names.other_vswitch]


def test_prefixes(director: Director, sim: Simulator, names: Names) -> None:
    """The interface of the address has the block after that of the gateway."""
    vswitch = sim.world.get(VSwitch, names.vswitch)
    assert vswitch is not None
    vswitch.reserved_blocks = ["10.0.1.64/26"]
    (instance,) = deploy(director, "Prefixes")
    (primary,) = of_instance(sim.world, instance.vm.id)
    assert (primary.private_ip, primary.ipv4_prefixes) == ("10.0.1.10", ["10.0.1.80/28"])


def test_deployment_sets(director: Director, sim: Simulator) -> None:
    """Both VMs are in the set that was created."""
    first, second = deploy(director, "Deployment sets")
    (found,) = sim.world.all(DeploymentSet)
    assert (found.name, found.strategy) == ("database", "Availability")
    assert first.vm.deployment_set_id == second.vm.deployment_set_id == found.id


def test_a_deployment_set_of_each_instance_group(director: Director, cpi: Cpi) -> None:
    """Of the job's property: both VMs of the group are in one that nobody named."""
    cpi.configure(anti_affinity="instance_group")
    first, second = deploy(director, BASE)
    assert first.vm.deployment_set_id == second.vm.deployment_set_id != ""


def test_dedicated_hosts(director: Director, sim: Simulator) -> None:
    """The VM is on the host and stays there."""
    row = {"id": HOST, "zone_id": "cn-beijing-h", "families": ["ecs.g6"]}
    sim.seed({"dedicated_host": [row]})
    (instance,) = deploy(director, "Dedicated hosts")
    assert (instance.vm.dedicated_host_id, instance.vm.affinity) == (HOST, "host")


def test_reserved_capacity(director: Director, sim: Simulator) -> None:
    """The VM takes it, where the zone is sold out."""
    place = {"zone": "cn-beijing-h", "type": "ecs.g6.large"}
    pool = {"id": POOL, "zone_id": place["zone"], "instance_type": place["type"]}
    sim.seed({"private_pool": [pool], "stock": [{**place, "left": 0}]})
    (instance,) = deploy(director, "Reserved capacity")
    assert instance.vm.private_pool_id == POOL


def test_instance_metadata(director: Director) -> None:
    """The metadata service answers requests with a token and without."""
    (instance,) = deploy(director, "Instance metadata")
    assert (instance.vm.http_tokens, instance.vm.http_endpoint) == ("optional", "enabled")


def test_resource_groups(director: Director, sim: Simulator) -> None:
    """The VM and its disks are in the group."""
    (instance,) = deploy(director, "Resource groups")
    found = (instance.vm, instance.system, instance.ephemeral, instance.persistent)
    groups = {one.resource_group_id for one in found if one is not None}
    assert groups == {sim.world.constants["resource_group"]}


def test_deletion_protection(director: Director) -> None:
    """The VM is protected, and BOSH deletes it nevertheless."""
    (instance,) = deploy(director, "Deletion protection and host names")
    assert instance.vm.deletion_protection
    assert instance.vm.host_name == "vault"
    director.delete()


def test_subscriptions(director: Director, cpi: Cpi) -> None:
    """The VM is a subscription, which the cloud does not delete before its end."""
    (instance,) = deploy(director, "Subscriptions")
    assert instance.vm.charge_type == "PrePaid"
    answer = cpi.call("delete_vm", instance.vm.id)
    assert "it can be deleted when its period is over" in answer.message
    instance.vm.charge_type = "PostPaid"


def test_managed_networks(director: Director, sim: Simulator) -> None:
    """One vSwitch per subnet, which is gone when its VM and the network are deleted."""
    first, second = deploy(director, "Managed networks")
    switches = {one.id: one for one in sim.world.all(VSwitch)}
    for instance, zone, size in ((first, "cn-beijing-h", 256), (second, "cn-beijing-g", 64)):
        vswitch = switches[instance.vm.vswitch_id]
        network = IPv4Network(vswitch.cidr_block)
        assert (vswitch.zone_id, network.num_addresses) == (zone, size)
        assert IPv4Address(instance.vm.private_ip) in network
    assert switches[first.vm.vswitch_id].cidr_block == "10.0.9.0/24"
    assert switches[second.vm.vswitch_id].tags["team"] == "platform"
    (own,) = second.vm.security_group_ids
    director.delete()
    assert sim.world.get(SecurityGroup, own) is None
    assert {first.vm.vswitch_id, second.vm.vswitch_id}.isdisjoint(
        one.id for one in sim.world.all(VSwitch)
    )


def test_encryption(director: Director, names: Names) -> None:
    """Both data disks are encrypted, the persistent one with the given key."""
    (instance,) = deploy(director, "Encryption")
    assert instance.ephemeral is not None
    assert instance.persistent is not None
    assert instance.ephemeral.encrypted
    assert (instance.persistent.encrypted, instance.persistent.kms_key_id) == (True, names.kms_key)


def test_fast_disks(director: Director, cpi: Cpi) -> None:
    """The persistent disk has its IOPS, and may burst; both are changed in place."""
    (instance,) = deploy(director, "Fast disks")
    disk = instance.persistent
    assert disk is not None
    assert (disk.provisioned_iops, disk.bursting) == (20_000, True)
    slower = {"category": "cloud_auto", "provisioned_iops": 10_000, "bursting_enabled": False}
    cpi.ok("update_disk", disk.id, 102_400, slower)
    assert (disk.provisioned_iops, disk.bursting) == (10_000, False)


def test_entry_disks(director: Director) -> None:
    """All three disks are ESSD Entry."""
    (instance,) = deploy(director, "Entry disks")
    kinds = [disk(instance, kind)[0] for kind in ("system", "ephemeral", "persistent")]
    assert kinds == ["cloud_essd_entry"] * 3


def test_automatic_snapshots(director: Director, sim: Simulator) -> None:
    """The persistent disk has the policy."""
    (instance,) = deploy(director, "Automatic snapshots")
    assert instance.persistent is not None
    policy = sim.world.get(AutoSnapshotPolicy, instance.persistent.auto_snapshot_policy_id)
    assert policy is not None


def test_local_disks(director: Director, cpi: Cpi) -> None:
    """The agent is given both disks of the host."""
    (instance,) = deploy(director, "Local disks")
    disks = json.loads(b64decode(instance.vm.user_data))["disks"]
    assert disks["raw_ephemeral"] == [{"path": "/dev/nvme0n1"}, {"path": "/dev/nvme1n1"}]
    assert cpi.ok("get_disks", instance.vm.id) == []


def test_roles_and_others(director: Director, names: Names) -> None:
    """The VM has the role, the key pair, the tags and both security groups."""
    (instance,) = deploy(director, "Roles, key pairs, tags, more security groups")
    assert (instance.vm.ram_role_name, instance.vm.key_pair_name) == (
        "bosh-instance",
        names.key_pair,
    )
    assert instance.vm.security_group_ids == names.groups[:2]
    assert (instance.vm.tags["team"], instance.vm.tags["cost-center"]) == ("platform", "4711")


def test_sizes_instead_of_types(director: Director) -> None:
    """The type and the ephemeral disk are large enough."""
    (instance,) = deploy(director, "Sizes instead of types")
    assert instance.vm.instance_type == "ecs.g6.large"
    assert disk(instance, "ephemeral")[1] == 20


def test_dynamic_networks(director: Director) -> None:
    """The address is in the vSwitch's range."""
    (instance,) = deploy(director, "Dynamic networks")
    assert instance.vm.private_ip.startswith("10.0.1.")


def test_stemcells_in_several_regions(director: Director, cpi: Cpi) -> None:
    """The VM is created from a copy of the shared image, which is the third image then."""
    cpi.configure(cross_regions=["cn-hangzhou"], copy_stemcells=True)
    (instance,) = deploy(director, "Stemcells in several regions")
    image = cpi.sim.world.get(Image, instance.vm.image_id)
    assert image is not None
    assert (image.origin, image.region, instance.vm.region) == (
        "copy",
        "cn-hangzhou",
        "cn-hangzhou",
    )


def test_several_regions(director: Director) -> None:
    """Each VM and its disk are in the region of the AZ's cpi-config entry."""
    north, south = deploy(director, "Several regions")
    assert (north.vm.region, south.vm.region) == ("cn-beijing", "cn-hangzhou")
    assert south.persistent is not None
    assert (south.vm.zone_id, south.persistent.region) == ("cn-hangzhou-i", "cn-hangzhou")
