"""The examples of docs/cloud-config.md do what their text says, in the simulated cloud."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs.directing import Director, Made
from docs.documents import headings, pages
from support.connections import Connections

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.world import Names

PAGE = "docs/cloud-config.md"
BASE = "The whole of a small one"
SECTIONS = [text for level, text in headings(PAGE) if level == 2]


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the simulator's clock run: processes wait in real time."""
    sim.resume()
    sim.set_pace("instant", grace=0.05)


@pytest.fixture
def there(sim: Simulator) -> Connections:
    """Give the load balancers and the elastic IP address of the seed."""
    return Connections(sim)


@pytest.fixture
def director(cpi: Cpi, names: Names, there: Connections) -> Director:
    """Give a Director with the page's first cloud-config, its variables set."""
    cpi.api_version = 3
    constants = cpi.sim.world.constants
    director = Director(
        cpi,
        {
            "zone_1": "cn-beijing-h",
            "zone_2": "cn-beijing-g",
            "vswitch_1": names.vswitch,
            "vswitch_2": names.other_vswitch,
            "vswitch_south": constants["cn-hangzhou.vswitch.cn-hangzhou-i"],
            "security_group": names.groups[0],
            "other_security_group": names.groups[1],
            "security_group_south": constants["cn-hangzhou.security_group.default"],
            "load_balancer": there.balancer,
            "vserver_group": there.vserver_group,
            "nlb_group": there.nlb_groups[0],
            "eip": there.ip,
            "kms_key": names.kms_key,
            "ram_role": constants["ram_role"],
            "key_pair": names.key_pair,
        },
    )
    director.update(yaml_of(BASE)[0])
    return director


def yaml_of(section: str) -> list[str]:
    """List the YAML of one section."""
    text = pages()[PAGE].split(f"\n## {section}\n")[1].split("\n## ")[0]
    return [part.split("```")[0] for part in text.split("```yaml\n")[1:]]


def play(director: Director, section: str) -> list[Made]:
    """Add a section's configuration to the first one and make its only instance group."""
    *configs, manifest = yaml_of(section)
    for config in configs if section != BASE else ():
        director.update(config)
    (made,) = director.deploy(manifest).values()
    assert {one.vm.status for one in made} == {"Running"}
    return made


def disk(made: Made, kind: str) -> tuple[str, int]:
    """Return category and GiB of one of an instance's disks."""
    found = getattr(made, kind)
    return found.category, found.size_gib


def test_every_section_is_played() -> None:
    """None is there for show: each has a test below that names it."""
    text = Path(__file__).read_text("utf-8")
    assert [name for name in SECTIONS if name != BASE and f'"{name}"' not in text] == []


def test_the_small_one(director: Director) -> None:
    """An instance per zone, with its address and three disks."""
    first, second = play(director, BASE)
    assert (first.vm.zone_id, first.vm.private_ip) == ("cn-beijing-h", "10.0.1.10")
    assert (second.vm.zone_id, second.vm.private_ip) == ("cn-beijing-g", "10.0.2.10")
    for made in (first, second):
        assert disk(made, "system") == ("cloud_essd", 40)
        assert disk(made, "ephemeral") == ("cloud_essd", 50)
        assert disk(made, "persistent") == ("cloud_essd", 60)
        assert made.persistent is not None
        assert made.persistent.performance_level == "PL1"
        assert not made.persistent.delete_with_instance
        assert made.vm.tags["deployment"] == "docs"


def test_load_balancers(director: Director, there: Connections) -> None:
    """One VM behind all three kinds."""
    (made,) = play(director, "Load balancers")
    assert there.backends() == [(made.vm.id, 50)]
    assert there.vserver_members() == [(made.vm.id, 443, 100)]
    assert sorted(there.nlb_members()) == [
        (there.nlb_groups[0], made.vm.id, 80, 100),
        (there.nlb_groups[0], made.vm.id, 443, 50),
    ]


def test_elastic_ip_addresses(director: Director, there: Connections) -> None:
    """The address is bound to the VM."""
    (made,) = play(director, "Elastic IP addresses")
    assert there.eip() == ("InUse", made.vm.id)


def test_spot(director: Director) -> None:
    """Strategy and limit reach the cloud."""
    (made,) = play(director, "Spot VMs")
    assert (made.vm.spot_strategy, made.vm.spot_price_limit) == ("SpotWithPriceLimit", 0.9)


def test_subscriptions(director: Director) -> None:
    """The VM is a subscription."""
    (made,) = play(director, "Subscriptions")
    assert made.vm.charge_type == "PrePaid"


def test_encryption(director: Director, names: Names) -> None:
    """Both data disks are encrypted, the persistent one with the key that was named."""
    (made,) = play(director, "Encryption")
    assert made.ephemeral is not None
    assert made.persistent is not None
    assert made.ephemeral.encrypted
    assert (made.persistent.encrypted, made.persistent.kms_key_id) == (True, names.kms_key)


def test_roles_and_others(director: Director, names: Names) -> None:
    """Role, key pair, tags and both security groups."""
    (made,) = play(director, "Roles, key pairs, tags, more security groups")
    assert (made.vm.ram_role_name, made.vm.key_pair_name) == ("bosh-instance", names.key_pair)
    assert made.vm.security_group_ids == names.groups[:2]
    assert (made.vm.tags["team"], made.vm.tags["cost-center"]) == ("platform", "4711")


def test_sizes_instead_of_types(director: Director) -> None:
    """The type has what was asked for, and the ephemeral disk its size."""
    (made,) = play(director, "Sizes instead of types")
    assert made.vm.instance_type == "ecs.g6.large"
    assert disk(made, "ephemeral")[1] == 20


def test_dynamic_networks(director: Director) -> None:
    """The address is one of the vSwitch's."""
    (made,) = play(director, "Dynamic networks")
    assert made.vm.private_ip.startswith("10.0.1.")


def test_several_regions(director: Director) -> None:
    """Each VM and its disk are in the region of its AZ's CPI."""
    north, south = play(director, "Several regions")
    assert (north.vm.region, south.vm.region) == ("cn-beijing", "cn-hangzhou")
    assert south.persistent is not None
    assert (south.vm.zone_id, south.persistent.region) == ("cn-hangzhou-i", "cn-hangzhou")
