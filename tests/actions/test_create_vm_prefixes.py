"""create_vm with prefixes that are delegated to network interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.enis.record import Eni, of_instance
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.vpc.networks import VSwitch

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

V4, V6 = "10.0.1.64/28", "2408:4005:3c5:6e00:101::/80"
IPV6 = "2408:4005:3c5:6e00::10"


@pytest.fixture
def vswitch(sim: Simulator, vms: Vms) -> VSwitch:
    """Return the usual vSwitch, with IPv6 turned on and a reserved block of either version."""
    found = sim.world.get(VSwitch, vms.names.vswitch)
    assert found is not None
    found.ipv6_cidr_block = "2408:4005:3c5:6e00::/64"
    found.reserved_blocks = ["10.0.1.64/26", "2408:4005:3c5:6e00:100::/72"]
    return found


def prefix(vms: Vms, text: str, group: Any = "0", **changes: Any) -> dict[str, Any]:
    """Return a network with a prefix, as the Director words it."""
    ip, _, length = text.partition("/")
    made = vms.names.networks(ip=ip)["private"]
    return {**made, "prefix": length, "nic_group": group, "default": [], **changes}


def group_of(vms: Vms, ip: str, *prefixes: str, group: str = "0", **changes: Any) -> dict[str, Any]:
    """Return an address and prefixes of one interface."""
    first = {**vms.names.networks(ip=ip)["private"], "prefix": "32", "nic_group": group, **changes}
    others = {f"p{number}-{group}": prefix(vms, one, group) for number, one in enumerate(prefixes)}
    return {**others, f"v4-{group}": first}


def prefixes_of(eni: Eni) -> list[str]:
    """Return the prefixes of an interface."""
    return [*eni.ipv4_prefixes, *eni.ipv6_prefixes]


def test_the_primary_interface(vms: Vms, cpi: Cpi, sim: Simulator, vswitch: VSwitch) -> None:
    """Prefixes are assigned while the VM is down, and vanish with it.

    The agent configures the address only: a prefix is not an address of the interface.
    """
    assert vswitch.reserved_blocks
    cid = vms.make(networks=group_of(vms, "10.0.1.31", V4, V6))
    (primary,) = of_instance(sim.world, cid)
    assert (primary.private_ip, prefixes_of(primary)) == ("10.0.1.31", [V4, V6])
    assert primary.ipv6_addresses == []
    told = vms.settings(cid)["networks"]
    assert {name: (one["prefix"], one.get("mac")) for name, one in told.items()} == {
        "v4-0": ("32", primary.mac),
        "p0-0": ("28", None),
        "p1-0": ("80", None),
    }
    assert told["p0-0"]["ip"] == "10.0.1.64"
    cpi.ok("delete_vm", cid)
    assert vms.left() == {}


def test_a_further_interface(vms: Vms, cpi: Cpi, sim: Simulator, vswitch: VSwitch) -> None:
    """It is created with them."""
    assert vswitch.reserved_blocks
    networks = {
        **group_of(vms, "10.0.1.31"),
        **group_of(vms, "10.0.1.32", V4, V6, "10.0.1.80/28", group="1", default=[]),
    }
    networks["p1-1"]["prefix"] = 80
    cid = vms.make(networks=networks)
    primary, other = of_instance(sim.world, cid)
    assert (prefixes_of(primary), prefixes_of(other)) == ([], [V4, "10.0.1.80/28", V6])
    assert len(sim.calls("AssignPrivateIpAddresses")) == 0
    cpi.ok("delete_vm", cid)
    assert vms.left() == {}


def test_with_an_ipv6_address(vms: Vms, sim: Simulator, vswitch: VSwitch) -> None:
    """Address and prefix; both networks with an address are configured by DHCP."""
    assert vswitch.reserved_blocks
    networks = group_of(vms, "10.0.1.31", V6)
    networks["v6"] = prefix(vms, f"{IPV6}/128")
    cid = vms.make(networks=networks)
    (primary,) = of_instance(sim.world, cid)
    assert (primary.ipv6_addresses, primary.ipv6_prefixes) == ([IPV6], [V6])
    told = vms.settings(cid)["networks"]
    assert {name for name in told if told[name].get("use_dhcp")} == {"v4-0", "v6"}


@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize("action", ["AssignPrivateIpAddresses", "AssignIpv6Addresses"])
def test_a_lost_response(
    vms: Vms, sim: Simulator, vswitch: VSwitch, action: str, *, effect: bool
) -> None:
    """A prefix is assigned once."""
    assert vswitch.reserved_blocks
    sim.add_fault(kind="lost", action=action, effect=effect)
    cid = vms.make(networks=group_of(vms, "10.0.1.31", V4, V6))
    (primary,) = of_instance(sim.world, cid)
    assert prefixes_of(primary) == [V4, V6]


def test_the_same_call_again(vms: Vms, sim: Simulator, vswitch: VSwitch) -> None:
    """A call that was cut off after the prefix was assigned is completed."""
    assert vswitch.reserved_blocks
    sim.add_fault(kind="lost", action="StartInstance", effect=False, count=0)
    sim.add_fault(kind="lost", action="DeleteInstance", effect=False, count=0)
    wanted = group_of(vms, "10.0.1.31", V4)
    assert vms.create(networks=wanted).type == "VMCreationFailed"
    sim.clear_faults()
    (primary,) = of_instance(sim.world, vms.make(networks=wanted))
    assert primary.ipv4_prefixes == [V4]


def test_a_vswitch_without_a_reserved_block(vms: Vms, vswitch: VSwitch) -> None:
    """The cloud's refusal gets a remedy; nothing is left."""
    vswitch.reserved_blocks = []
    answer = vms.create(networks=group_of(vms, "10.0.1.31", V4))
    assert "A prefix must be in a reserved CIDR block of the vSwitch" in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"ip": "10.0.1.64", "prefix": "27"},
            "networks.p.prefix must be 32, for a single address, or 28, the only",
        ),
        (
            {"ip": "2408:4005:3c5:6e00:100::", "prefix": 64},
            "networks.p.prefix must be 128, for a single address, or 80, the only",
        ),
        (
            {"ip": "10.0.1.70"},
            "networks.p.ip must be the first address of a /28 prefix, such as 10.0.1.64, not",
        ),
        ({"nic_group": "1"}, "networks.p.prefix needs a network with a single IPv4 address"),
        ({"nic_group": None}, "networks.p.prefix needs a network with a single IPv4 address"),
        ({"prefix": "wide"}, "networks.p.prefix must be the length of a prefix"),
        (
            {"ip": "10.0.9.64"},
            "vswitch_id must have a range with 10.0.9.64/28: {vswitch} has 10.0.1.0/24",
        ),
        (
            {"ip": "2001:db8::", "prefix": "80"},
            "vswitch_id must have an IPv6 range with 2001:db8::/80: {vswitch} has 2408:",
        ),
    ],
)
def test_what_is_refused(
    vms: Vms, sim: Simulator, vswitch: VSwitch, changes: dict[str, Any], message: str
) -> None:
    """The property is named before anything is made."""
    networks = group_of(vms, "10.0.1.31")
    networks["p"] = prefix(vms, V4, **{"netmask": "255.255.255.0", **changes})
    answer = vms.create(networks=networks)
    assert message.format(vswitch=vswitch.id) in answer.message
    assert sim.calls("CreateInstance") == sim.calls("CreateNetworkInterface") == []


def test_a_prefix_that_repeats_the_netmask(vms: Vms, sim: Simulator) -> None:
    """Directors without nic_group send the length of the subnet: the network is an address."""
    networks = vms.names.networks(ip="10.0.1.64")
    networks["private"] |= {"prefix": "28", "netmask": "255.255.255.240"}
    (primary,) = of_instance(sim.world, vms.make(networks=networks))
    assert (primary.private_ip, primary.ipv4_prefixes) == ("10.0.1.64", [])


def test_a_type_with_too_few_addresses(vms: Vms, sim: Simulator, vswitch: VSwitch) -> None:
    """A prefix counts as an address; the limit is named before anything is made."""
    assert vswitch.reserved_blocks
    kind = sim.world.get(InstanceType, "ecs.g6.large")
    assert kind is not None
    kind.addresses_per_eni = 2
    networks = group_of(vms, "10.0.1.31", V4, "10.0.1.80/28")
    answer = vms.create(networks=networks)
    assert (
        "networks p0-0, p1-0, v4-0 need 3 IPv4 addresses and prefixes on one interface, instance "
        "type ecs.g6.large has at most 2"
    ) in answer.message
    kind.ipv6_per_eni = 0
    answer = vms.create(networks=group_of(vms, "10.0.1.31", V6))
    assert "IPv6 addresses, which instance type ecs.g6.large does not support" in answer.message
    assert sim.calls("CreateInstance") == []


@pytest.mark.parametrize("action", ["AssignPrivateIpAddresses", "AssignIpv6Addresses"])
def test_an_identical_call_is_first(
    vms: Vms, sim: Simulator, vswitch: VSwitch, action: str
) -> None:
    """A refusal is no failure where the interface has the prefix, and nothing is waited for."""
    assert vswitch.reserved_blocks
    refusal = {"code": "InvalidIp.IpPrefixNotAvailable", "status": 403, "effect": True}
    sim.add_fault(kind="error", action=action, **refusal)
    cid = vms.make(networks=group_of(vms, "10.0.1.31", V4, V6))
    (primary,) = of_instance(sim.world, cid)
    assert prefixes_of(primary) == [V4, V6]
    assert len(sim.calls(action)) == 1
