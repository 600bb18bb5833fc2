"""create_network and delete_network: the vSwitch of a managed network's subnet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.enis.addresses import HeldAddress
from alicloud_sim.ecs.security_groups import SecurityGroup
from alicloud_sim.vpc.networks import Vpc, VSwitch
from support.world import MARK, REGION, ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names

RANGE = "10.0.9.0/24"


def subnet(cpi: Cpi, **changes: Any) -> dict[str, Any]:
    """Word a subnet as the Director does; None removes a key, also of cloud_properties."""
    properties = {
        "vpc_id": cpi.sim.world.constants[f"{REGION}.vpc"],
        "availability_zone": ZONE,
        **changes.pop("cloud_properties", {}),
    }
    found = {
        "type": "manual",
        "range": RANGE,
        "gateway": "",
        "cloud_properties": {key: one for key, one in properties.items() if one is not None},
        **changes,
    }
    return {key: value for key, value in found.items() if value is not None}


def vswitches(sim: Simulator) -> dict[str, VSwitch]:
    """Return the vSwitches that are not the seed's, by range."""
    return {
        one.cidr_block: one
        for one in sim.world.all(VSwitch)
        if one.region == REGION and one.cidr_block not in ("10.0.1.0/24", "10.0.2.0/24")
    }


def test_a_vswitch_with_the_range(cpi: Cpi, sim: Simulator) -> None:
    """It is Available when the call returns, marked, and in the zone of the AZ."""
    cid, addresses, properties = cpi.ok("create_network", subnet(cpi))
    (found,) = vswitches(sim).values()
    assert (found.id, found.status, found.zone_id) == (cid, "Available", ZONE)
    assert (found.cidr_block, found.name) == (RANGE, "bosh-10.0.9.0.24")
    assert found.tags == {**MARK, "director": "d-1"}
    assert addresses == {
        "range": RANGE,
        "gateway": "10.0.9.253",
        "reserved": ["10.0.9.0", "10.0.9.253-10.0.9.255"],
    }
    assert properties == {"vswitch_id": cid}


def test_a_vm_in_a_managed_network(cpi: Cpi, vms: Vms, names: Names) -> None:
    """The properties that create_network returns are those of a VM's network."""
    wanted = {"security_group_ids": names.groups[:1]}
    cid, addresses, properties = cpi.ok("create_network", subnet(cpi, cloud_properties=wanted))
    network = {"type": "manual", "ip": "10.0.9.10", "netmask": "255.255.255.0", "default": []}
    network |= {"gateway": addresses["gateway"], "cloud_properties": properties}
    vm = vms.make(networks={"managed": network})
    assert vms.vm(vm).vswitch_id == cid
    assert vms.vm(vm).private_ip == "10.0.9.10"

    cpi.ok("delete_vm", vm)
    cpi.ok("delete_network", cid)
    assert vswitches(cpi.sim) == {}


def test_a_security_group_of_its_own(cpi: Cpi, sim: Simulator, vms: Vms, names: Names) -> None:
    """It is created, used beside those that are named, and deleted with the network."""
    wanted = {"create_security_group": True, "security_group_ids": names.groups[:1]}
    cid, addresses, properties = cpi.ok(
        "create_network", subnet(cpi, cloud_properties={**wanted, "tags": {"team": "web"}})
    )
    named, own = properties["security_group_ids"]
    assert named == names.groups[0]
    group = sim.world.get(SecurityGroup, own)
    assert group is not None
    assert (group.name, group.tags) == ("bosh-10.0.9.0.24", {**MARK, "team": "web"})

    network = {"type": "manual", "ip": "10.0.9.10", "netmask": "255.255.255.0", "default": []}
    network |= {"gateway": addresses["gateway"], "cloud_properties": properties}
    cpi.ok("delete_vm", vms.make(networks={"managed": network}))
    cpi.ok("delete_network", cid)
    assert vswitches(sim) == {}
    assert sim.world.get(SecurityGroup, own) is None


@pytest.mark.parametrize("action", ["CreateVSwitch", "DescribeVSwitches"])
def test_no_group_is_left_of_a_failed_call(cpi: Cpi, sim: Simulator, action: str) -> None:
    """Vswitch and group are deleted, the newest first."""
    before = len(sim.world.all(SecurityGroup))
    sim.add_fault(kind="error", action=action, code="Forbidden.RAM", status=403)
    wanted = {"create_security_group": True}
    answer = cpi.call("create_network", subnet(cpi, cloud_properties=wanted))
    assert "Cleaned up: " in answer.message
    assert vswitches(sim) == {}
    assert len(sim.world.all(SecurityGroup)) == before


def test_a_repeat_takes_the_group_of_a_killed_call(cpi: Cpi, sim: Simulator) -> None:
    """The vSwitch that is found has its group; no second one stays."""
    wanted = subnet(cpi, cloud_properties={"create_security_group": "true"})
    first = cpi.ok("create_network", wanted)
    count = len(sim.world.all(SecurityGroup))
    assert cpi.ok("create_network", wanted) == first
    assert len(sim.world.all(SecurityGroup)) == count


def test_a_group_with_members_keeps_the_network(cpi: Cpi, sim: Simulator, vms: Vms) -> None:
    """Nothing is deleted while a VM uses the group; a repeat deletes both."""
    wanted = {"create_security_group": True}
    cid, addresses, properties = cpi.ok("create_network", subnet(cpi, cloud_properties=wanted))
    network = {"type": "manual", "ip": "10.0.9.10", "netmask": "255.255.255.0", "default": []}
    network |= {"gateway": addresses["gateway"], "cloud_properties": properties}
    vm = vms.make(networks={"managed": network})
    answer = cpi.call("delete_network", cid)
    assert "security group" in answer.message
    assert "DependencyViolation" in answer.message
    assert list(vswitches(sim)) == [RANGE]
    cpi.ok("delete_vm", vm)
    cpi.ok("delete_network", cid)
    assert vswitches(sim) == {}


def test_name_and_tags(cpi: Cpi, sim: Simulator) -> None:
    """Both are the vSwitch's own; a deny-untagged policy is satisfied at creation."""
    wanted = {"name": "web-tier", "tags": {"team": "web", "cost": 7}}
    cpi.ok("create_network", subnet(cpi, cloud_properties=wanted))
    (found,) = vswitches(sim).values()
    assert found.name == "web-tier"
    assert found.tags == {**MARK, "director": "d-1", "team": "web", "cost": "7"}


def test_the_configured_zone(cpi: Cpi, sim: Simulator) -> None:
    """A subnet without an AZ is in alicloud.availability_zone."""
    cpi.ok("create_network", subnet(cpi, cloud_properties={"availability_zone": None}))
    (found,) = vswitches(sim).values()
    assert found.zone_id == ZONE


def test_any_free_range(cpi: Cpi, sim: Simulator) -> None:
    """``netmask_bits`` without a range gives the first free one, each time another."""
    wanted = subnet(cpi, range=None, netmask_bits=24)
    ranges = [cpi.ok("create_network", wanted)[1]["range"] for _ in range(2)]
    assert ranges == ["10.0.0.0/24", "10.0.3.0/24"]
    assert list(vswitches(sim)) == ranges


def test_a_range_that_another_call_takes_first(cpi: Cpi, sim: Simulator) -> None:
    """The next free one is used, and nothing is left of the attempt."""
    sim.add_fault(kind="error", action="CreateVSwitch", code="InvalidCidrBlock.Overlapped")
    wanted = subnet(cpi, range=None, netmask_bits=24)
    assert cpi.ok("create_network", wanted)[1]["range"] == "10.0.3.0/24"
    assert list(vswitches(sim)) == ["10.0.3.0/24"]


def test_more_vswitches_than_a_page_has(cpi: Cpi, sim: Simulator) -> None:
    """All of a VPC's vSwitches count when a free range is looked for."""
    vpc_id = sim.world.constants[f"{REGION}.vpc"]
    taken = [number for number in range(70) if number not in (1, 2)]
    rows = [{"vpc_id": vpc_id, "zone_id": ZONE, "cidr_block": f"10.0.{n}.0/24"} for n in taken]
    sim.seed({"vswitch": rows})
    wanted = subnet(cpi, range=None, netmask_bits=24)
    assert cpi.ok("create_network", wanted)[1]["range"] == "10.0.70.0/24"


def test_no_free_range(cpi: Cpi, sim: Simulator) -> None:
    """A VPC that is full is named, and nothing is requested in it."""
    answer = cpi.call("create_network", subnet(cpi, range=None, netmask_bits=16))
    assert answer.type == "CloudError"
    assert "no free range with a mask of 16 bits" in answer.message
    assert sim.calls("CreateVSwitch") == []


def test_no_such_vpc(cpi: Cpi, sim: Simulator) -> None:
    """It is named, with a range and without one."""
    unknown = {"vpc_id": "vpc-unknown"}
    for changes in ({}, {"range": None, "netmask_bits": 24}):
        answer = cpi.call("create_network", subnet(cpi, cloud_properties=unknown, **changes))
        assert answer.type == "CloudError"
        assert "vpc-unknown" in answer.message
    assert vswitches(sim) == {}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"type": "dynamic"}, "subnet.type"),
        ({"range": None}, "subnet.range is required"),
        ({"range": "10.0.9.0"}, "subnet.range must be an IPv4 network"),
        ({"range": "10.0.9.1/24"}, "subnet.range must be an IPv4 network"),
        ({"range": "fd00::/64"}, "subnet.range must be an IPv4 network"),
        ({"range": "10.0.0.0/8"}, "16 to 29"),
        ({"range": "10.0.9.0/30"}, "16 to 29"),
        ({"range": 7}, "subnet.range must be an IPv4 network"),
        ({"range": None, "netmask_bits": 30}, "subnet.netmask_bits"),
        ({"range": None, "netmask_bits": "24"}, "subnet.netmask_bits"),
        ({"range": None, "netmask_bits": True}, "subnet.netmask_bits"),
        ({"gateway": "10.0.9.1"}, "subnet.gateway must be 10.0.9.253"),
        ({"range": None, "netmask_bits": 24, "gateway": "10.0.9.253"}, "subnet.range"),
        ({"cloud_properties": {"vpc_id": None}}, "cloud_properties.vpc_id is required"),
        ({"cloud_properties": {"vpc_id": 7}}, "cloud_properties.vpc_id"),
        ({"cloud_properties": {"name": "http://a"}}, "cloud_properties.name"),
        ({"cloud_properties": {"security_group_ids": "sg-1"}}, "security_group_ids"),
    ],
)
def test_a_wrong_subnet_is_refused_by_name(
    cpi: Cpi, sim: Simulator, changes: dict[str, Any], named: str
) -> None:
    """Before anything is sent."""
    answer = cpi.call("create_network", subnet(cpi, **changes))
    assert answer.type == "CloudError"
    assert named in answer.message
    assert sim.calls() == []


def test_cloud_properties_that_are_no_object(cpi: Cpi, sim: Simulator) -> None:
    """They are refused by name, too."""
    answer = cpi.call("create_network", {**subnet(cpi), "cloud_properties": []})
    assert "subnet.cloud_properties must be an object" in answer.message
    assert sim.calls() == []


def test_no_zone(cpi: Cpi, sim: Simulator) -> None:
    """Without any zone nothing is requested."""
    cpi.configure(availability_zone=None)
    wanted = subnet(cpi, cloud_properties={"availability_zone": None})
    answer = cpi.call("create_network", wanted)
    assert "cloud_properties.availability_zone is required" in answer.message
    assert sim.calls() == []


def test_the_gateway_of_the_cloud(cpi: Cpi) -> None:
    """A gateway is accepted where it is the one that the vSwitch has."""
    addresses = cpi.ok("create_network", subnet(cpi, gateway="10.0.9.253"))[1]
    assert addresses["gateway"] == "10.0.9.253"


@pytest.mark.parametrize("changes", [{}, {"range": None, "netmask_bits": 24}])
@pytest.mark.parametrize("kind", ["lost", "reset"])
def test_a_lost_answer_doubles_nothing(
    cpi: Cpi, sim: Simulator, kind: str, changes: dict[str, Any]
) -> None:
    """The ClientToken finds the vSwitch of the first request."""
    sim.add_fault(action="CreateVSwitch", kind=kind)
    cid = cpi.ok("create_network", subnet(cpi, **changes))[0]
    assert [one.id for one in vswitches(sim).values()] == [cid]


def test_a_repeat_finds_the_vswitch_of_a_killed_call(cpi: Cpi, sim: Simulator) -> None:
    """The Director of the first call gets it; another Director is told that it is taken."""
    cid = cpi.ok("create_network", subnet(cpi))[0]
    assert cpi.ok("create_network", subnet(cpi))[0] == cid

    answer = cpi.call("create_network", subnet(cpi), context={"director_uuid": "d-2"})
    assert answer.type == "CloudError"
    assert "InvalidCidrBlock.Overlapped" in answer.message
    assert RANGE in answer.message
    assert list(vswitches(sim)) == [RANGE]


def test_a_taken_range_is_an_error(cpi: Cpi, sim: Simulator) -> None:
    """A vSwitch that the CPI did not create is not taken over."""
    answer = cpi.call("create_network", subnet(cpi, range="10.0.1.0/24"))
    assert answer.type == "CloudError"
    assert "InvalidCidrBlock.Overlapped" in answer.message
    assert vswitches(sim) == {}


def test_one_vswitch_of_a_vpc_at_a_time(cpi: Cpi, sim: Simulator) -> None:
    """While another one is Pending, the call waits its turn."""
    sim.set_pace(vswitch__create=20)
    vpc = sim.world.get(Vpc, sim.world.constants[f"{REGION}.vpc"])
    assert vpc is not None
    sim.seed({"vswitch": [{"vpc_id": vpc.id, "zone_id": ZONE, "cidr_block": "10.0.20.0/24"}]})
    other = vswitches(sim)["10.0.20.0/24"]
    sim.world.later("vswitch.create", other, lambda: setattr(other, "status", "Available"))
    other.status = "Pending"
    cpi.ok("create_network", subnet(cpi))
    assert RANGE in vswitches(sim)


def test_a_vswitch_that_stays_pending_is_deleted(cpi: Cpi, sim: Simulator) -> None:
    """The wait has an end, and what was created is named or gone."""
    sim.set_pace(vswitch__create=400)
    answer = cpi.call("create_network", subnet(cpi))
    assert answer.type == "CloudError"
    assert "to be available" in answer.message
    assert "Cleaned up: vSwitch" in answer.message
    assert vswitches(sim) == {}


# delete_network


def test_deleting(cpi: Cpi, sim: Simulator) -> None:
    """The vSwitch is gone when the call returns; a repeat is a success."""
    cid = cpi.ok("create_network", subnet(cpi))[0]
    cpi.ok("delete_network", cid)
    assert vswitches(sim) == {}
    assert cpi.ok("delete_network", cid) is None


def test_an_interface_that_vanishes_late(cpi: Cpi, sim: Simulator) -> None:
    """While something is left in the vSwitch, the call tries again."""
    cid = cpi.ok("create_network", subnet(cpi))[0]
    sim.seed({"held_address": [{"vswitch_id": cid, "address": "10.0.9.7"}]})
    (record,) = sim.world.all(HeldAddress)
    sim.set_pace(test__vanishes=120)
    sim.world.later("test.vanishes", record, lambda: sim.world.remove(record))
    cpi.ok("delete_network", cid)
    assert vswitches(sim) == {}


def test_a_vswitch_in_use_is_kept(cpi: Cpi, sim: Simulator, vms: Vms, names: Names) -> None:
    """After five minutes the error says what keeps it; the VM in it is not touched."""
    vm = vms.make()
    answer = cpi.call("delete_network", names.vswitch)
    assert answer.type == "CloudError"
    assert names.vswitch in answer.message
    assert "DependencyViolation" in answer.message
    assert sum(cpi.clock.slept) >= 300
    assert vms.vm(vm).status == "Running"
    assert sim.world.get(VSwitch, names.vswitch) is not None


@pytest.mark.parametrize("kind", ["lost", "reset"])
def test_a_lost_answer_of_the_deletion(cpi: Cpi, sim: Simulator, kind: str) -> None:
    """The second request finds nothing, which is a success."""
    cid = cpi.ok("create_network", subnet(cpi))[0]
    sim.add_fault(action="DeleteVSwitch", kind=kind)
    cpi.ok("delete_network", cid)
    assert vswitches(sim) == {}
