"""create_vm and delete_vm: elastic IP addresses and load balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.connections import Connections

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.vms import Vms


@pytest.fixture
def connections(sim: Simulator) -> Connections:
    """Give a look at who is behind what."""
    return Connections(sim)


def with_vip(vms: Vms, ip: str) -> dict[str, Any]:
    """Word networks with an elastic IP address."""
    return {**vms.names.networks(), "public": {"type": "vip", "ip": ip, "cloud_properties": {}}}


def test_a_vip_is_bound_and_free_again_after_delete_vm(vms: Vms, connections: Connections) -> None:
    """The VM has its elastic IP address when create_vm returns; delete_vm frees it."""
    cid = vms.make(networks=with_vip(vms, connections.ip))
    assert connections.eip() == ("InUse", cid)

    vms.cpi.ok("delete_vm", cid)
    assert connections.eip() == ("Available", "")


def test_a_recreated_vm_waits_for_its_address_to_be_released(
    vms: Vms, connections: Connections
) -> None:
    """An address that is still Unassociating from the old VM is waited for."""
    old = vms.make(networks=with_vip(vms, connections.ip))
    vms.sim.set_pace(eip__unassociate=20)
    connections.start_unbinding(old)

    networks = {**vms.names.networks(ip="10.0.1.11")}
    networks["public"] = {"type": "vip", "ip": connections.ip}
    new = vms.make(agent="agent-2", networks=networks)
    assert connections.eip() == ("InUse", new)


def test_an_address_bound_elsewhere_is_an_error_and_nothing_is_left(
    vms: Vms, connections: Connections
) -> None:
    """An address that another VM has is not taken from it; the new VM is deleted."""
    other = vms.make(networks=with_vip(vms, connections.ip))
    networks = {**vms.names.networks(ip="10.0.1.11")}
    networks["public"] = {"type": "vip", "ip": connections.ip}

    answer = vms.create(agent="agent-2", networks=networks)
    assert answer.type == "VMCreationFailed"
    assert connections.ip in answer.message
    assert other in answer.message
    assert connections.eip() == ("InUse", other)
    assert vms.left()["instance"] == [other]


@pytest.mark.parametrize(
    "code", ["InvalidStatus.InstanceHasBandWidth", "Forbidden.InstanceBandwidthNotZero"]
)
def test_an_instance_with_a_public_address_of_its_own_is_named(
    vms: Vms, connections: Connections, sim: Simulator, code: str
) -> None:
    """It stays as it is however often it is asked, so the call ends at once; nothing is left."""
    sim.add_fault(kind="error", action="AssociateEipAddress", code=code, status=400, count=0)
    networks = {**vms.names.networks(), "public": {"type": "vip", "ip": connections.ip}}
    answer = vms.create(networks=networks)
    assert "has a public IP address or public bandwidth of its own" in answer.message
    assert len(sim.calls("AssociateEipAddress")) == 1
    assert vms.left() == {}


def test_an_unknown_address_is_refused_before_anything_is_made(vms: Vms) -> None:
    """A vip that the account does not have is named, and no VM is made for it."""
    answer = vms.create(networks=with_vip(vms, "198.51.100.200"))
    assert answer.type == "VMCreationFailed"
    assert "198.51.100.200" in answer.message
    assert not answer.ok_to_retry
    assert vms.sim.calls("CreateInstance") == []


def test_a_vm_joins_classic_load_balancers_and_vserver_groups(
    vms: Vms, connections: Connections
) -> None:
    """Weights and ports are as written; the defaults are weight 100 and port 33333."""
    cid = vms.make(slbs=[connections.balancer], slb_server_group=[connections.vserver_group])
    assert connections.backends() == [(cid, 100)]
    assert connections.vserver_members() == [(cid, 33333, 100)]

    vms.cpi.ok("delete_vm", cid)
    assert connections.backends() == []
    assert connections.vserver_members() == []


def test_weight_zero_is_a_weight(vms: Vms, connections: Connections) -> None:
    """``slb_weight: 0`` makes a server that takes no traffic."""
    cid = vms.make(slbs=[connections.balancer], slb_weight=0)
    assert connections.backends() == [(cid, 0)]


def test_a_vm_joins_one_nlb_group_with_several_ports(vms: Vms, connections: Connections) -> None:
    """Every port is in its group with its weight, 100 by default; delete_vm removes them all."""
    first, second = connections.nlb_groups
    groups = [
        {"server_group_id": first, "port": 80},
        {"server_group_id": first, "port": "443", "weight": 10},
        {"server_group_id": second, "port": 8080, "weight": 0},
    ]
    cid = vms.make(nlb_server_groups=groups)
    assert connections.nlb_members() == [
        (first, cid, 80, 100),
        (first, cid, 443, 10),
        (second, cid, 8080, 0),
    ]

    vms.cpi.ok("delete_vm", cid)
    assert connections.nlb_members() == []
    assert vms.sim.calls("RemoveServersFromServerGroup") != []


def test_the_deprecated_nlb_form_works_and_gives_way(vms: Vms, connections: Connections) -> None:
    """nlb_server_group_ids is read with its port and weight, unless nlb_server_groups is there."""
    first, second = connections.nlb_groups
    old: dict[str, Any] = {"nlb_server_group_ids": [first], "nlb_server_group_port": "80"}
    cid = vms.make(**old)
    assert connections.nlb_members() == [(first, cid, 80, 100)]
    vms.cpi.ok("delete_vm", cid)

    cid = vms.make(
        agent="agent-2", nlb_server_groups=[{"server_group_id": second, "port": 81}], **old
    )
    assert connections.nlb_members() == [(second, cid, 81, 100)]


def test_a_vm_joins_an_alb_group_with_several_ports(vms: Vms, connections: Connections) -> None:
    """Every port is in its group with its weight, 100 by default; delete_vm removes them all."""
    group = connections.alb_group
    groups = [
        {"server_group_id": group, "port": 80},
        {"server_group_id": group, "port": "8443", "weight": 10},
        {"server_group_id": group, "port": 8080, "weight": 0},
    ]
    cid = vms.make(alb_server_groups=groups)
    assert connections.alb_members() == [
        (group, cid, 80, 100),
        (group, cid, 8443, 10),
        (group, cid, 8080, 0),
    ]
    assert {call["service"] for call in vms.sim.calls("AddServersToServerGroup")} == {"alb"}

    vms.cpi.ok("delete_vm", cid)
    assert connections.alb_members() == []
    assert vms.sim.calls("RemoveServersFromServerGroup") != []


def test_a_port_is_described(vms: Vms, connections: Connections) -> None:
    """Both kinds of groups show the description; without one none is sent."""
    (nlb, _), alb = connections.nlb_groups, connections.alb_group
    vms.make(
        nlb_server_groups=[{"server_group_id": nlb, "port": 80, "description": "web,api@1.2"}],
        alb_server_groups=[
            {"server_group_id": alb, "port": 80, "description": "前端_a-b/c;d"},
            {"server_group_id": alb, "port": 81},
        ],
    )
    records = vms.sim.state()["records"]
    assert [row["description"] for row in records["nlb_server"].values()] == ["web,api@1.2"]
    assert [row["description"] for row in records["alb_server"].values()] == ["前端_a-b/c;d", ""]


def test_a_vm_behind_nlb_and_alb(vms: Vms, connections: Connections) -> None:
    """Both kinds at once; delete_vm leaves both before the VM is deleted."""
    first, _ = connections.nlb_groups
    cid = vms.make(
        nlb_server_groups=[{"server_group_id": first, "port": 80}],
        alb_server_groups=[{"server_group_id": connections.alb_group, "port": 80}],
    )
    assert connections.nlb_members() == [(first, cid, 80, 100)]
    assert connections.alb_members() == [(connections.alb_group, cid, 80, 100)]

    vms.cpi.ok("delete_vm", cid)
    assert (connections.nlb_members(), connections.alb_members()) == ([], [])
    actions = [call["action"] for call in vms.sim.calls()]
    removals = [n for n, name in enumerate(actions) if name == "RemoveServersFromServerGroup"]
    assert len(removals) == 2
    assert max(removals) < actions.index("DeleteInstance")


def test_jobs_of_both_kinds_run_at_the_same_time(vms: Vms, connections: Connections) -> None:
    """Two balancers whose changes take half a minute each take half a minute together."""
    vms.sim.set_pace(nlb__change=30, alb__change=30)
    began = vms.sim.world.clock.now()
    first, _ = connections.nlb_groups
    vms.make(
        nlb_server_groups=[{"server_group_id": first, "port": 80}],
        alb_server_groups=[{"server_group_id": connections.alb_group, "port": 80}],
    )
    assert 30 <= vms.sim.world.clock.now() - began < 50


def test_a_vm_without_alb_groups_makes_no_request_to_alb(vms: Vms) -> None:
    """Neither does one of another CPI, which knows no ALB."""
    cid = vms.make()
    vms.vm(cid).description = "somebody else's"
    vms.cpi.ok("delete_vm", cid)
    assert [call["action"] for call in vms.sim.calls() if call["service"] == "alb"] == []


def test_an_alb_job_that_fails(vms: Vms, connections: Connections) -> None:
    """A VM whose registration fails is deleted, and the error names group and VM."""
    vms.sim.seed({"settings": {"alb.job_fails": True}})
    answer = vms.create(alb_server_groups=[{"server_group_id": connections.alb_group, "port": 80}])
    assert answer.type == "VMCreationFailed"
    assert connections.alb_group in answer.message
    assert "failed (job" in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"alb_server_groups": [{"port": 80}]}, "alb_server_groups[0].server_group_id"),
        ({"alb_server_groups": [{"server_group_id": "sgp-1"}]}, "alb_server_groups[0].port"),
        (
            {"alb_server_groups": [{"server_group_id": "sgp-1", "port": 80, "weight": 101}]},
            "alb_server_groups[0].weight",
        ),
        (
            {"alb_server_groups": [{"server_group_id": "s", "port": 1, "description": "a b"}]},
            "alb_server_groups[0].description must be 2 to 256 letters, digits and",
        ),
        (
            {"alb_server_groups": [{"server_group_id": "sgp-1", "port": 80}] * 2},
            "alb_server_groups",
        ),
        ({"nlb_server_groups": [{"port": 80}]}, "nlb_server_groups[0].server_group_id"),
        ({"nlb_server_groups": [{"server_group_id": "sgp-1"}]}, "nlb_server_groups[0].port"),
        (
            {"nlb_server_groups": [{"server_group_id": "sgp-1", "port": 80}] * 2},
            "nlb_server_groups",
        ),
        ({"nlb_server_group_ids": ["sgp-1"]}, "nlb_server_group_port"),
        ({"slbs": ["lb-1"], "slb_weight": 101}, "slb_weight"),
        ({"slb_server_group": "rsp-1"}, "slb_server_group"),
        ({"slb_server_group_port": 0}, "slb_server_group_port"),
    ],
)
def test_wrong_load_balancer_properties_are_refused_by_name(
    vms: Vms, properties: dict[str, Any], named: str
) -> None:
    """A load balancer entry that cannot work is named before anything is made."""
    answer = vms.create(**properties)
    assert answer.type == "VMCreationFailed"
    assert named in answer.message
    assert vms.sim.calls() == []


@pytest.mark.parametrize(
    "properties",
    [
        {"slbs": ["lb-gone"]},
        {"slb_server_group": ["rsp-gone"]},
        {"nlb_server_groups": [{"server_group_id": "sgp-gone", "port": 80}]},
        {"alb_server_groups": [{"server_group_id": "sgp-gone", "port": 80}]},
    ],
)
def test_a_missing_load_balancer_leaves_nothing_behind(
    vms: Vms, properties: dict[str, Any]
) -> None:
    """A VM whose load balancer does not exist is deleted again, and the error names it."""
    answer = vms.create(**properties)
    assert answer.type == "VMCreationFailed"
    assert "gone" in answer.message
    assert vms.left() == {}


def test_lock_conflicts_of_load_balancers_are_waited_for(
    vms: Vms, connections: Connections
) -> None:
    """While another change of the same group goes on, the VM waits its turn."""
    vms.sim.set_pace(slb__change=5, nlb__change=5, nlb__lock=5, alb__change=5, alb__lock=5)
    first, _ = connections.nlb_groups
    properties: dict[str, Any] = {
        "slbs": [connections.balancer],
        "slb_server_group": [connections.vserver_group],
        "nlb_server_groups": [{"server_group_id": first, "port": 80}],
        "alb_server_groups": [{"server_group_id": connections.alb_group, "port": 80}],
    }
    one = vms.make(**properties)
    networks = vms.names.networks(ip="10.0.1.11")
    two = vms.make(agent="agent-2", networks=networks, **properties)
    assert [member[1] for member in connections.nlb_members()] == [one, two]
    assert [member[1] for member in connections.alb_members()] == [one, two]
    assert [backend[0] for backend in connections.backends()] == [one, two]


@pytest.mark.parametrize(
    "action",
    [
        "AssociateEipAddress",
        "AddBackendServers",
        "AddVServerGroupBackendServers",
        "AddServersToServerGroup",
    ],
)
@pytest.mark.parametrize("kind", ["lost", "reset"])
def test_a_lost_answer_doubles_nothing(
    vms: Vms, connections: Connections, action: str, kind: str
) -> None:
    """A connection that breaks before or after the effect ends in one membership."""
    vms.sim.add_fault(action=action, kind=kind, count=1)
    first, _ = connections.nlb_groups
    cid = vms.make(
        networks=with_vip(vms, connections.ip),
        slbs=[connections.balancer],
        slb_server_group=[connections.vserver_group],
        nlb_server_groups=[{"server_group_id": first, "port": 80}],
        alb_server_groups=[{"server_group_id": connections.alb_group, "port": 80}],
    )
    assert connections.eip() == ("InUse", cid)
    assert connections.backends() == [(cid, 100)]
    assert connections.vserver_members() == [(cid, 33333, 100)]
    assert connections.nlb_members() == [(first, cid, 80, 100)]
    assert connections.alb_members() == [(connections.alb_group, cid, 80, 100)]


def test_delete_vm_asks_nlb_only_where_the_vm_may_be_in_a_group(vms: Vms) -> None:
    """A VM that was made without NLB groups is deleted without a request to NLB."""
    vms.cpi.ok("delete_vm", vms.make())
    assert vms.sim.calls("ListServerGroupServers") == []


def test_a_vm_of_another_cpi_is_looked_for_in_nlb_groups(
    vms: Vms, connections: Connections
) -> None:
    """A VM without our description leaves its groups too; a refusal to look is only a warning."""
    first, _ = connections.nlb_groups
    cid = vms.make(nlb_server_groups=[{"server_group_id": first, "port": 80}])
    vms.vm(cid).description = ""
    vms.cpi.ok("delete_vm", cid)
    assert vms.sim.calls("RemoveServersFromServerGroup") != []

    cid = vms.make(agent="agent-2", networks=vms.names.networks(ip="10.0.1.11"))
    vms.vm(cid).description = ""
    vms.sim.change_key(connections.key_id, denied=["ListServerGroupServers"])
    answer = vms.cpi.call("delete_vm", cid)
    assert answer.error is None
    assert "WARNING" in answer.stderr


def test_what_need_not_wait_for_each_other_goes_on_at_once(
    vms: Vms, connections: Connections
) -> None:
    """The address is bound while the VM starts; all groups are joined, and left, together."""
    vms.sim.set_pace(instance__start=30, nlb__change=20, eip__associate=20, eip__unassociate=20)
    groups = [{"server_group_id": group, "port": 80} for group in connections.nlb_groups]
    begin = vms.sim.world.clock.now()
    cid = vms.make(networks=with_vip(vms, connections.ip), nlb_server_groups=groups)
    assert vms.sim.world.clock.now() - begin < 30 + 20 + 10
    assert connections.eip() == ("InUse", cid)
    assert [member[0] for member in connections.nlb_members()] == connections.nlb_groups

    begin = vms.sim.world.clock.now()
    vms.cpi.ok("delete_vm", cid)
    assert vms.sim.world.clock.now() - begin < 20 + 10
    assert connections.eip() == ("Available", "")
    assert connections.nlb_members() == []


@pytest.mark.parametrize("failing", [0, 1])
def test_one_group_that_cannot_be_joined_takes_the_vm_back(
    vms: Vms, connections: Connections, failing: int
) -> None:
    """Whichever of the groups' jobs fails, it is named, and no group keeps the VM."""
    group = connections.nlb_groups[failing]
    vms.sim.seed({"settings": {"nlb.job_fails": [group]}})
    groups = [{"server_group_id": group, "port": 80} for group in connections.nlb_groups]
    answer = vms.create(networks=with_vip(vms, connections.ip), nlb_server_groups=groups)
    assert answer.type == "VMCreationFailed"
    assert f"in '{group}' failed" in answer.message
    assert "Cleaned up: VM 'i-" in answer.message
    assert vms.left() == {}
    assert connections.nlb_members() == []
    assert connections.eip() == ("Available", "")
