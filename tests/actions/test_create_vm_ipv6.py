"""create_vm with IPv6 addresses beside the IPv4 ones of the same nic_group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.enis.record import of_instance
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.vpc.networks import VSwitch

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

RANGE = "2408:4005:3c5:6e00::/64"
FIRST, SECOND = "2408:4005:3c5:6e00::10", "2408:4005:3c5:6e00::11"


@pytest.fixture
def vswitch(sim: Simulator, vms: Vms) -> VSwitch:
    """Return the usual vSwitch, with IPv6 turned on."""
    found = sim.world.get(VSwitch, vms.names.vswitch)
    assert found is not None
    found.ipv6_cidr_block = RANGE
    return found


def dual(vms: Vms, ip: str, ipv6: str, group: str, **changes: Any) -> dict[str, Any]:
    """Return an IPv4 network and an IPv6 network that share an interface."""
    first = {**vms.names.networks(ip=ip)["private"], "nic_group": group, **changes}
    cloud = first["cloud_properties"]
    second = {"type": "manual", "ip": ipv6, "prefix": "128", "nic_group": group, "default": []}
    return {f"v4-{group}": first, f"v6-{group}": {**second, "cloud_properties": cloud}}


def test_the_primary_interface(vms: Vms, sim: Simulator, vswitch: VSwitch) -> None:
    """The address is assigned while the VM is down; the agent configures both by DHCP."""
    assert vswitch.ipv6_cidr_block
    cid = vms.make(networks=dual(vms, "10.0.1.31", FIRST, "0"))
    (primary,) = of_instance(sim.world, cid)
    assert (primary.private_ip, primary.ipv6_addresses) == ("10.0.1.31", [FIRST])
    told = vms.settings(cid)["networks"]
    assert told["v6-0"]["ip"] == FIRST
    assert {(one["mac"], one["use_dhcp"]) for one in told.values()} == {(primary.mac, True)}
    assert vms.vm(cid).status == "Running"


def test_a_further_interface(vms: Vms, cpi: Cpi, sim: Simulator, vswitch: VSwitch) -> None:
    """It is created with its address; both networks of a group have its MAC address."""
    assert vswitch.ipv6_cidr_block
    networks = {
        **dual(vms, "10.0.1.31", FIRST, "0"),
        **dual(vms, "10.0.1.32", SECOND, "1", default=[]),
    }
    cid = vms.make(networks=networks)
    primary, other = of_instance(sim.world, cid)
    assert (primary.ipv6_addresses, other.ipv6_addresses) == ([FIRST], [SECOND])
    macs = {name: told["mac"] for name, told in vms.settings(cid)["networks"].items()}
    assert macs == {"v4-0": primary.mac, "v6-0": primary.mac, "v4-1": other.mac, "v6-1": other.mac}
    cpi.ok("delete_vm", cid)
    assert vms.left() == {}


@pytest.mark.parametrize("effect", [True, False])
def test_a_lost_response(vms: Vms, sim: Simulator, vswitch: VSwitch, *, effect: bool) -> None:
    """The address is assigned once."""
    assert vswitch.ipv6_cidr_block
    sim.add_fault(kind="lost", action="AssignIpv6Addresses", effect=effect)
    cid = vms.make(networks=dual(vms, "10.0.1.31", FIRST, "0"))
    (primary,) = of_instance(sim.world, cid)
    assert primary.ipv6_addresses == [FIRST]


def test_a_refusal(vms: Vms, sim: Simulator, vswitch: VSwitch) -> None:
    """Nothing is left."""
    assert vswitch.ipv6_cidr_block
    sim.add_fault(kind="error", action="AssignIpv6Addresses", code="Forbidden.RAM", status=403)
    answer = vms.create(networks=dual(vms, "10.0.1.31", FIRST, "0"))
    assert answer.type == "VMCreationFailed"
    assert vms.left() == {}


def test_the_same_call_again(vms: Vms, sim: Simulator, vswitch: VSwitch) -> None:
    """A call that was cut off after the address was assigned is completed."""
    assert vswitch.ipv6_cidr_block
    sim.add_fault(kind="lost", action="StartInstance", effect=False, count=0)
    sim.add_fault(kind="lost", action="DeleteInstance", effect=False, count=0)
    wanted = dual(vms, "10.0.1.31", FIRST, "0")
    assert vms.create(networks=wanted).type == "VMCreationFailed"
    sim.clear_faults()
    cid = vms.make(networks=wanted)
    (primary,) = of_instance(sim.world, cid)
    assert primary.ipv6_addresses == [FIRST]


def test_a_vswitch_without_ipv6(vms: Vms, sim: Simulator) -> None:
    """It is named before anything is made."""
    answer = vms.create(networks=dual(vms, "10.0.1.31", FIRST, "0"))
    assert (
        f"networks.v4-0.cloud_properties.vswitch_id must have an IPv6 range with {FIRST}: "
        f"{vms.names.vswitch} has none"
    ) in answer.message
    assert sim.calls("CreateInstance") == []


def test_an_address_of_another_range(vms: Vms, vswitch: VSwitch) -> None:
    """The range that the vSwitch has is named."""
    assert vswitch.ipv6_cidr_block
    answer = vms.create(networks=dual(vms, "10.0.1.31", "2001:db8::1", "0"))
    assert f"{vswitch.id} has {RANGE}" in answer.message


def test_a_type_without_ipv6(vms: Vms, sim: Simulator, vswitch: VSwitch) -> None:
    """It is named before anything is made."""
    assert vswitch.ipv6_cidr_block
    kind = sim.world.get(InstanceType, "ecs.g6.large")
    assert kind is not None
    kind.ipv6_per_eni = 0
    answer = vms.create(networks=dual(vms, "10.0.1.31", FIRST, "0"))
    assert "IPv6 addresses, which instance type ecs.g6.large does not support" in answer.message
    assert sim.calls("CreateInstance") == []


def test_ipv6_alone(vms: Vms, vswitch: VSwitch) -> None:
    """Every interface of the cloud has an IPv4 address, too."""
    assert vswitch.ipv6_cidr_block
    (network,) = (dual(vms, "10.0.1.31", FIRST, "0")["v6-0"],)
    answer = vms.create(networks={"private": network})
    assert "networks private need an IPv4 network with the same nic_group" in answer.message
