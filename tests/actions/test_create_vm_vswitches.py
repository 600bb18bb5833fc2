"""create_vm with lists of vSwitches: the one in the VM's zone that has room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.enis.record import Eni, of_instance
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.vpc.networks import VSwitch
from support.forger import Forger

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.vms import Vms

SECOND, SMALL = "vsw-2zesimsecond0000000001", "vsw-2zesimsmall00000000001"
FULL = "InvalidVSwitchId.IpNotEnough"


@pytest.fixture(autouse=True)
def more_vswitches(sim: Simulator, vms: Vms) -> None:
    """Add a vSwitch to the VM's zone, and one with a single free address."""
    first = sim.world.get(VSwitch, vms.names.vswitch)
    assert first is not None
    row = {"vpc_id": first.vpc_id, "zone_id": first.zone_id}
    sim.seed(
        {
            "vswitch": [
                {**row, "id": SECOND, "cidr_block": "10.0.9.0/24"},
                {**row, "id": SMALL, "cidr_block": "10.0.8.0/29"},
            ],
            "eni": [
                {"vswitch_id": SMALL, "private_ip": f"10.0.8.{n}", "status": "Available"}
                for n in (1, 2, 3)
            ],
        }
    )


def fill(sim: Simulator) -> None:
    """Take the last address of the small vSwitch."""
    row = {"vswitch_id": SMALL, "private_ip": "10.0.8.4", "status": "Available"}
    sim.seed({"eni": [row]})


def network(vms: Vms, *vswitches: str, ip: str = "", **changes: Any) -> dict[str, Any]:
    """Return a network with a list of vSwitches."""
    made = vms.names.networks(ip=ip or None, vswitch_id=None)["private"]
    properties = {**made["cloud_properties"], "vswitch_ids": list(vswitches)}
    return {**made, "cloud_properties": properties, **changes}


def orders(sim: Simulator, action: str = "CreateInstance") -> list[tuple[str, str]]:
    """Return vSwitch and error code of each request."""
    return [(call["params"]["VSwitchId"], call.get("code", "")) for call in sim.calls(action)]


def test_the_first_in_the_zone(vms: Vms, sim: Simulator) -> None:
    """Those of other zones are left out; log and answer say which was taken."""
    listed = network(vms, vms.names.other_vswitch, SECOND, vms.names.vswitch)
    answer = vms.create(networks={"private": listed})
    cid, networks = answer.result
    assert vms.vm(cid).vswitch_id == SECOND
    assert networks["private"]["cloud_properties"]["vswitch_id"] == SECOND
    assert "vswitch_ids" not in networks["private"]["cloud_properties"]
    assert f"VM '{cid}': ecs.g6.large PostPaid in {SECOND}" in answer.stderr
    assert len(sim.calls("DescribeVSwitches")) == 1


def test_a_cloud_that_finds_one_id_at_a_time(vms: Vms, sim: Simulator) -> None:
    """That VSwitchId takes several ids is not documented: each that is missing is looked up."""
    none = b'{"RequestId": "r-1", "TotalCount": 0, "VSwitches": {"VSwitch": []}}'
    Forger.at(sim).forge("vpc", "DescribeVSwitches", 1, lambda _: none, 1)
    listed = network(vms, vms.names.other_vswitch, SECOND)
    assert vms.vm(vms.make(networks={"private": listed})).vswitch_id == SECOND
    asked = [call["params"]["VSwitchId"] for call in sim.calls("DescribeVSwitches")]
    assert asked == [f"{vms.names.other_vswitch},{SECOND}", vms.names.other_vswitch, SECOND]


def test_the_one_with_a_free_address(vms: Vms, sim: Simulator) -> None:
    """A full one is passed over, without a request that would fail."""
    fill(sim)
    cid = vms.make(networks={"private": network(vms, SMALL, SECOND)})
    assert vms.vm(cid).vswitch_id == SECOND
    assert orders(sim) == [(SECOND, "")]


def test_one_that_fills_up_meanwhile(vms: Vms, sim: Simulator) -> None:
    """The next one is tried, with another ClientToken."""
    sim.add_fault(kind="error", action="CreateInstance", code=FULL, status=403)
    cid = vms.make(networks={"private": network(vms, SMALL, SECOND)})
    assert vms.vm(cid).vswitch_id == SECOND
    assert orders(sim) == [(SMALL, FULL), (SECOND, "")]
    tokens = {call["params"]["ClientToken"] for call in sim.calls("CreateInstance")}
    assert len(tokens) == 2


def test_all_are_full(vms: Vms, sim: Simulator) -> None:
    """The error lists each with its code; nothing is left."""
    sim.add_fault(kind="error", action="CreateInstance", code=FULL, status=403, count=0)
    answer = vms.create(networks={"private": network(vms, SMALL, SECOND)})
    assert f"Tried in this order: {SMALL} ({FULL}), {SECOND} ({FULL})" in answer.message
    assert vms.ids(Instance) == []


def test_beside_instance_types(vms: Vms, sim: Simulator) -> None:
    """A type without stock is not tried in the other vSwitch: it is in the same zone."""
    sim.seed({"stock": [{"zone": "cn-beijing-h", "type": "ecs.g6.large", "left": 0}]})
    sim.add_fault(kind="error", action="CreateInstance", code=FULL, status=403, nth=2)
    types = ["ecs.g6.large", "ecs.c6.large"]
    wanted: dict[str, Any] = {"instance_type": None, "instance_types": types}
    vm = vms.vm(vms.make(networks={"private": network(vms, SMALL, SECOND)}, **wanted))
    assert (vm.instance_type, vm.vswitch_id) == ("ecs.c6.large", SECOND)
    assert [one for one, _ in orders(sim)] == [SMALL, SMALL, SECOND]


def test_a_killed_call_finds_what_it_made(vms: Vms, sim: Simulator) -> None:
    """Also where the VM took the last address of its vSwitch, so that another one is preferred."""
    networks = {"private": network(vms, SMALL, SECOND)}
    sim.add_fault(kind="lost", action="StartInstance", effect=False, count=0)
    sim.add_fault(kind="lost", action="DeleteInstance", effect=False, count=0)
    assert vms.create(networks=networks).type == "VMCreationFailed"
    (made,) = vms.ids(Instance)
    assert vms.vm(made).vswitch_id == SMALL
    sim.clear_faults()
    assert vms.make(networks=networks) == made
    assert vms.ids(Instance) == [made]


def test_a_static_address(vms: Vms, sim: Simulator) -> None:
    """The vSwitch whose range has it."""
    listed = network(vms, vms.names.vswitch, SMALL, SECOND, ip="10.0.9.40")
    vm = vms.vm(vms.make(networks={"private": listed}))
    assert (vm.vswitch_id, vm.private_ip) == (SECOND, "10.0.9.40")
    assert orders(sim) == [(SECOND, "")]


def test_a_further_interface(vms: Vms, sim: Simulator) -> None:
    """It is created in the first with a free address, and found there again."""
    networks = {
        "a": vms.names.networks(ip="10.0.1.31")["private"],
        "b": network(vms, SMALL, SECOND, default=[]),
    }
    sim.add_fault(kind="error", action="CreateNetworkInterface", code=FULL, status=403)
    sim.add_fault(kind="lost", action="StartInstance", effect=False, count=0)
    sim.add_fault(kind="lost", action="DeleteInstance", effect=False, count=0)
    assert vms.create(networks=networks).type == "VMCreationFailed"
    sim.clear_faults()
    before = len(vms.ids(Eni))
    answer = vms.create(networks=networks)
    cid, answered = answer.result
    _, other = of_instance(sim.world, cid)
    assert other.vswitch_id == SECOND
    assert answered["b"]["cloud_properties"]["vswitch_id"] == SECOND
    assert len(vms.ids(Eni)) == before
    assert orders(sim, "CreateNetworkInterface")[:2] == [(SMALL, FULL), (SECOND, "")]


def test_no_vswitch_has_room_for_a_further_interface(vms: Vms, sim: Simulator) -> None:
    """The error lists each with its code."""
    networks = {
        "a": vms.names.networks(ip="10.0.1.31")["private"],
        "b": network(vms, SMALL, SECOND, default=[]),
    }
    sim.add_fault(kind="error", action="CreateNetworkInterface", code=FULL, status=403, count=0)
    answer = vms.create(networks=networks)
    assert f"Tried in this order: {SMALL} ({FULL}), {SECOND} ({FULL})" in answer.message
    assert vms.ids(Instance) == []


def test_a_list_of_one(vms: Vms, sim: Simulator) -> None:
    """It is the same as vswitch_id: nothing is looked up."""
    cid = vms.make(networks={"private": network(vms, SECOND)})
    assert vms.vm(cid).vswitch_id == SECOND
    assert sim.calls("DescribeVSwitches") == []


def test_what_is_refused(vms: Vms, sim: Simulator) -> None:
    """The property and each vSwitch are named before anything is made."""
    path = "networks.private.cloud_properties.vswitch_ids"
    elsewhere, first = vms.names.other_vswitch, vms.names.vswitch
    (farther,) = sim.seed({"vpc": [{}], "vswitch": [{"cidr_block": "10.0.7.0/24"}]})["vswitch"]
    cases = {
        (elsewhere, farther): f"{path} must be in one VPC: {elsewhere} is in vpc-",
        (first, "vsw-gone"): f"{path} must be vSwitches of region cn-beijing: there is no vsw-gone",
    }
    for listed, words in cases.items():
        assert words in vms.create(networks={"private": network(vms, *listed)}).message
    both = network(vms, SECOND)
    both["cloud_properties"]["vswitch_id"] = first
    answer = vms.create(networks={"private": both})
    assert "vswitch_id and networks.private.cloud_properties.vswitch_ids exclude" in answer.message
    answer = vms.create(networks={"private": network(vms, first, SECOND, ip="10.0.5.1")})
    assert (
        f"{path} must have a vSwitch in zone cn-beijing-h whose ranges have 10.0.5.1: "
        f"{first} has 10.0.1.0/24, {SECOND} has 10.0.9.0/24"
    ) in answer.message
    assert sim.calls("CreateInstance") == []


def test_none_is_in_the_zone(vms: Vms, sim: Simulator) -> None:
    """Each vSwitch is named with its zone, and the zone that was expected."""
    first = vms.names.vswitch
    networks = {"private": network(vms, first, SECOND)}
    answer = vms.create(networks=networks, availability_zone="cn-beijing-g")
    assert (
        "networks.private.cloud_properties.vswitch_ids must have a vSwitch in zone cn-beijing-g, "
        f"as the VM is: {first} is in cn-beijing-h, {SECOND} is in cn-beijing-h"
    ) in answer.message
    assert sim.calls("CreateInstance") == []
