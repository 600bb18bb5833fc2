"""create_vm with several networks: network interfaces, nic_groups and vips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.enis.record import Eni, of_instance
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.vpc.networks import VSwitch
from support.connections import Connections

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

# It takes three interfaces; ecs.g6.large takes two.
TYPE = "ecs.g6.xlarge"


@pytest.fixture
def second(sim: Simulator, vms: Vms) -> str:
    """Return another vSwitch of the VM's zone."""
    first = sim.world.get(VSwitch, vms.names.vswitch)
    assert first is not None
    row = {"vpc_id": first.vpc_id, "zone_id": first.zone_id, "cidr_block": "10.0.9.0/24"}
    return sim.seed({"vswitch": [row]})["vswitch"][0]


def network(vms: Vms, ip: str, vswitch: str = "", **changes: Any) -> dict[str, Any]:
    """Return a manual network without a default."""
    properties = {"vswitch_id": vswitch} if vswitch else {}
    made = vms.names.networks(ip=ip, **properties)["private"]
    return {**made, "default": [], **changes}


def three(vms: Vms, second: str) -> dict[str, Any]:
    """Return three networks, the default gateway in the second one."""
    return {
        "a": network(vms, "10.0.1.31"),
        "b": network(vms, "10.0.9.32", second, default=["dns", "gateway"]),
        "c": network(vms, "10.0.9.33", second),
    }


def addresses(sim: Simulator, cid: str) -> list[str]:
    """Return the private addresses of a VM's interfaces, the primary one first."""
    return [eni.private_ip for eni in of_instance(sim.world, cid)]


def test_an_interface_for_each_network(vms: Vms, sim: Simulator, second: str) -> None:
    """The one with the default gateway is the primary one; the agent gets each MAC address."""
    cid = vms.make(instance_type=TYPE, networks=three(vms, second))
    enis = {eni.private_ip: eni for eni in of_instance(sim.world, cid)}
    assert set(enis) == {"10.0.9.32", "10.0.1.31", "10.0.9.33"}
    assert enis["10.0.9.32"].type == "Primary"
    assert {eni.status for eni in enis.values()} == {"InUse"}
    assert all(eni.delete_on_release for eni in enis.values())
    told = vms.settings(cid)["networks"]
    assert {told[name]["ip"]: told[name]["mac"] for name in told} == {
        ip: eni.mac for ip, eni in enis.items()
    }
    assert vms.vm(cid).status == "Running"


def test_one_network_is_as_before(vms: Vms, sim: Simulator) -> None:
    """A single interface needs no further request, and the agent no MAC address."""
    cid = vms.make()
    actions = {call["action"] for call in sim.calls()}
    assert not {action for action in actions if "NetworkInterface" in action}
    assert "DescribeVSwitches" not in actions
    assert "mac" not in vms.settings(cid)["networks"]["private"]


def test_networks_of_a_nic_group_share_an_interface(vms: Vms, sim: Simulator, second: str) -> None:
    """Their security groups are merged; a group of one network is an interface of its own."""
    groups = vms.names.groups
    networks = {
        "a": network(vms, "10.0.1.31", nic_group="0", default=["gateway", "dns"]),
        "b": network(vms, "10.0.9.32", second, nic_group="1"),
    }
    networks["a"]["cloud_properties"]["security_group_ids"] = groups[:1]
    networks["b"]["cloud_properties"]["security_group_ids"] = groups[:2]
    cid = vms.make(networks=networks)
    primary, other = of_instance(sim.world, cid)
    assert primary.security_group_ids == groups[:1]
    assert other.security_group_ids == groups[:2]


def test_delete_vm_deletes_all_interfaces(vms: Vms, cpi: Cpi, sim: Simulator, second: str) -> None:
    """Nothing is left, also where a release leaves secondary interfaces behind."""
    sim.seed({"settings": {"instance.leaves_secondary_enis": True}})
    cid = vms.make(instance_type=TYPE, networks=three(vms, second))
    cpi.ok("delete_vm", cid)
    assert vms.ids(Eni) == []
    again = vms.make(agent="agent-2", instance_type=TYPE, networks=three(vms, second))
    assert sorted(addresses(sim, again)) == ["10.0.1.31", "10.0.9.32", "10.0.9.33"]


def test_a_dynamic_network_beside_a_manual_one(vms: Vms, sim: Simulator, second: str) -> None:
    """The cloud chooses the address of its interface."""
    networks = {
        "a": network(vms, "10.0.1.31", default=["gateway"]),
        "b": {"type": "dynamic", "cloud_properties": {"vswitch_id": second}},
    }
    networks["b"]["cloud_properties"]["security_group_ids"] = vms.names.groups[:1]
    first, other = addresses(sim, vms.make(networks=networks))
    assert first == "10.0.1.31"
    assert other.startswith("10.0.9.")


@pytest.mark.parametrize(("group", "kind"), [("0", "EcsInstance"), ("1", "NetworkInterface")])
def test_vip_with_a_nic_group(
    vms: Vms, cpi: Cpi, sim: Simulator, second: str, group: str, kind: str
) -> None:
    """The elastic IP address is bound to the interface of its nic_group, and released with it."""
    there = Connections(sim)
    networks = {
        "a": network(vms, "10.0.1.31", nic_group="0", default=["gateway"]),
        "b": network(vms, "10.0.9.32", second, nic_group="1"),
        "public": {"type": "vip", "ip": there.ip, "nic_group": group},
    }
    cid = vms.make(networks=networks)
    _, other = of_instance(sim.world, cid)
    holder = cid if kind == "EcsInstance" else other.id
    assert there.eip() == ("InUse", holder)
    cpi.ok("delete_vm", cid)
    assert there.eip() == ("Available", "")


@pytest.mark.parametrize(
    "action", ["CreateNetworkInterface", "AttachNetworkInterface", "CreateInstance"]
)
@pytest.mark.parametrize("kind", ["lost", "refused"])
def test_trouble_with_an_interface(
    vms: Vms, sim: Simulator, second: str, action: str, kind: str
) -> None:
    """A lost response is found again; after a refusal nothing is left."""
    if kind == "lost":
        sim.add_fault(kind="lost", action=action)
        cid = vms.make(instance_type=TYPE, networks=three(vms, second))
        assert len(of_instance(sim.world, cid)) == len(vms.ids(Eni)) == 3
        return
    sim.add_fault(kind="error", action=action, code="Forbidden.RAM", status=403)
    answer = vms.create(instance_type=TYPE, networks=three(vms, second))
    assert answer.type == "VMCreationFailed"
    assert vms.left() == {}
    assert vms.ids(Eni) == []


@pytest.mark.parametrize("nth", [1, 2])
def test_the_same_call_again(vms: Vms, sim: Simulator, second: str, nth: int) -> None:
    """A call that was cut off is completed by the same call; a failed one leaves spent tokens."""
    wanted: dict[str, Any] = {"instance_type": TYPE, "networks": three(vms, second)}
    if nth == 1:
        sim.add_fault(kind="lost", action="StartInstance", effect=False, count=0)
        sim.add_fault(kind="lost", action="DeleteInstance", effect=False, count=0)
    else:
        sim.add_fault(kind="error", action="StartInstance", code="Forbidden.RAM", status=403)
    assert vms.create(**wanted).type == "VMCreationFailed"
    before = vms.ids(Instance)
    sim.clear_faults()
    cid = vms.make(**wanted)
    assert vms.ids(Instance) == [cid]
    assert before in ([], [cid])
    assert len(of_instance(sim.world, cid)) == len(vms.ids(Eni)) == 3


def test_more_interfaces_than_the_type_takes(vms: Vms, sim: Simulator, second: str) -> None:
    """It is refused before anything is made."""
    answer = vms.create(instance_type="ecs.g6.large", networks=three(vms, second))
    assert "networks need 3 network interfaces, instance type ecs.g6.large has at most 2" in (
        answer.message
    )
    assert sim.calls("CreateInstance") == sim.calls("CreateNetworkInterface") == []


def test_a_vswitch_of_another_zone(vms: Vms, sim: Simulator) -> None:
    """It is named with its zone and the VM's."""
    networks = {
        "a": network(vms, "10.0.1.31", default=["gateway"]),
        "b": network(vms, "10.0.2.32", vms.names.other_vswitch),
    }
    answer = vms.create(networks=networks)
    assert "networks.b.cloud_properties.vswitch_id must be in zone cn-beijing-h" in answer.message
    assert sim.calls("CreateNetworkInterface") == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nic_group": ["x"]}, "networks.b.nic_group must be a string or an integer"),
        ({"nic_group": "0"}, "networks a, b have one interface, which takes one IPv4 address"),
        (
            {"nic_group": "0", "vswitch": "vsw-2zeother000000000001"},
            "networks.b.cloud_properties.vswitch_id must be",
        ),
    ],
)
def test_bad_networks(vms: Vms, sim: Simulator, changes: dict[str, Any], words: str) -> None:
    """They are named before anything is asked of the cloud."""
    networks = {
        "a": network(vms, "10.0.1.31", nic_group="0", default=["gateway"]),
        "b": network(vms, "10.0.1.32", changes.pop("vswitch", "") or "", **changes),
    }
    assert words in vms.create(networks=networks).message
    assert sim.calls("CreateNetworkInterface") == []


def test_a_vip_of_an_unknown_nic_group(vms: Vms) -> None:
    """It is named."""
    networks = {**vms.names.networks(), "public": {"type": "vip", "ip": "47.1.1.1", "nic_group": 9}}
    assert "networks.public.nic_group must be one that" in vms.create(networks=networks).message
