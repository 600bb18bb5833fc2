"""vServer groups of classic load balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.balancing import BALANCER, VGROUP, backends, client, instance

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Answer, Cloud

CHANGES = (
    "AddVServerGroupBackendServers",
    "RemoveVServerGroupBackendServers",
    "SetVServerGroupAttribute",
)


@pytest.fixture
def slb(sim: Simulator) -> Cloud:
    """Give a client of SLB; two instances run."""
    instance(sim, "one", 11)
    instance(sim, "two", 12)
    return client(sim, "slb", VServerGroupId=VGROUP)


def one(port: Any = 80, **fields: Any) -> dict[str, Any]:
    """Write an entry of the first instance."""
    return {"ServerId": "i-one", "Port": port, **fields}


def add(slb: Cloud, *rows: dict[str, Any]) -> Answer:
    """Add to the seeded group."""
    return slb.call("AddVServerGroupBackendServers", BackendServers=backends(*rows))


def members(slb: Cloud) -> list[tuple[str, int, int]]:
    """Describe the seeded group's servers: id, port, weight."""
    rows = slb.ok("DescribeVServerGroupAttribute")["BackendServers"]["BackendServer"]
    return [(row["ServerId"], row["Port"], row["Weight"]) for row in rows]


def test_add_and_describe(slb: Cloud) -> None:
    """Entries are per server and port; weights are numbers in every answer."""
    answer = add(slb, one(), one("8080", Weight=5, Description="web/1"), one(80, Weight=1))
    rows = answer.json["BackendServers"]["BackendServer"]
    assert rows[1] == {
        "ServerId": "i-one",
        "Type": "ecs",
        "Port": 8080,
        "Weight": 5,
        "Description": "web/1",
    }
    assert members(slb) == [("i-one", 80, 100), ("i-one", 8080, 5)]
    shown = slb.ok("DescribeVServerGroupAttribute")
    assert shown["LoadBalancerId"] == BALANCER
    assert shown["BackendServers"]["BackendServer"][0]["ServerIp"] == "10.0.1.11"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"ServerId": "i-one"}, "InvalidParameter"),
        (one(0), "InvalidParameter"),
        (one(65536), "InvalidParameter"),
        (one("http"), "InvalidParameter"),
        (one(Type="vm"), "BackendServer.InvalidType"),
        (one(ServerId="i-lost"), "InvalidServerId.NotExist"),
        (one(ServerId="i-stopped"), "ObtainIpFail"),
        (one(ServerId="i-abroad"), "InvalidParameter"),
        (one(VpcId="vpc-x"), "SimulatorUnsupported.BackendServers.VpcId"),
        (one(81), "InvalidParameter"),
    ],
)
def test_add_refusals(slb: Cloud, sim: Simulator, row: dict[str, Any], code: str) -> None:
    """Ports are 1-65535; servers exist, run, are of the VPC and are not in the group yet."""
    instance(sim, "stopped", 13, status="Stopped")
    instance(sim, "abroad", 14, vpc_id="vpc-other")
    add(slb, one(81))
    assert add(slb, row).code == code


@pytest.mark.parametrize("action", [*CHANGES, "DescribeVServerGroupAttribute"])
def test_unknown_group(slb: Cloud, action: str) -> None:
    """An unknown group is InvalidParameter with a text of its own."""
    given = {} if action.startswith("Describe") else {"BackendServers": backends(one())}
    refused = slb.call(action, VServerGroupId="rsp-lost", **given)
    message = "The specified VServerGroupId does not exist."
    assert (refused.code, refused.json["Message"]) == ("InvalidParameter", message)


@pytest.mark.parametrize("action", CHANGES)
def test_region_is_required(slb: Cloud, action: str) -> None:
    """Calls about vServer groups need a RegionId."""
    refused = slb.call(action, RegionId=None, BackendServers=backends(one()))
    assert refused.code == "MissingParameter"


def test_remove(slb: Cloud) -> None:
    """A removal means server and port; absent ones are ignored."""
    add(slb, one(80), one(81))
    rows = backends(one(81), one(82), one(80, ServerId="i-two"))
    answer = slb.ok("RemoveVServerGroupBackendServers", BackendServers=rows)
    assert [row["Port"] for row in answer["BackendServers"]["BackendServer"]] == [80]
    assert members(slb) == [("i-one", 80, 100)]


def test_replace(slb: Cloud) -> None:
    """Old servers, which have to be there, make room for new ones; none may be named twice."""

    def modify(old: Any, new: Any) -> Answer:
        return slb.call(
            "ModifyVServerGroupBackendServers", OldBackendServers=old, NewBackendServers=new
        )

    add(slb, one(80), one(81))
    two = {"ServerId": "i-two", "Port": 80}
    assert modify(backends(one(80)), backends(two, two)).code == "InvalidParameter"
    assert modify(backends(one(99)), backends(two)).code == "InvalidParameter"
    assert modify(backends(one(80)), None).code == "MissingParameter"
    assert modify(backends(one(80)), backends(one(81))).code == "InvalidParameter"
    assert modify(backends(one(80)), backends(two)).status == 200
    assert members(slb) == [("i-one", 81, 100), ("i-two", 80, 100)]


def test_attributes(slb: Cloud) -> None:
    """Name and weights can be set, one of them at least; absent servers are ignored."""
    add(slb, one(80))
    assert slb.call("SetVServerGroupAttribute").code == "MissingParameter"
    rows = backends(one(80, Weight=0), one(81, Weight=9))
    answer = slb.ok("SetVServerGroupAttribute", VServerGroupName="web", BackendServers=rows)
    assert answer["VServerGroupName"] == "web"
    assert members(slb) == [("i-one", 80, 0)]


def test_busy(slb: Cloud, sim: Simulator) -> None:
    """A change occupies the whole load balancer: its group, other groups, the default group."""
    sim.set_pace(slb__change=2)
    sim.seed({"vserver_group": [{"id": "rsp-other", "load_balancer_id": BALANCER}]})
    assert add(slb, one()).status == 200
    rows = backends(one(81))
    for action in CHANGES:
        assert slb.call(action, BackendServers=rows).code == "VServerGroupProcessing"
    replaced = slb.call(
        "ModifyVServerGroupBackendServers", OldBackendServers=rows, NewBackendServers=rows
    )
    assert replaced.code == "VServerGroupProcessing"
    other = {"VServerGroupId": "rsp-other", "BackendServers": rows}
    assert slb.call("AddVServerGroupBackendServers", **other).code == "OperationBusy"
    removed = slb.call("RemoveVServerGroupBackendServers", **other)
    assert removed.code == "BackendServer.configuring"
    default = client(sim, "slb").call(
        "AddBackendServers", LoadBalancerId=BALANCER, BackendServers='[{"ServerId": "i-two"}]'
    )
    assert default.code == "BackendServer.configuring"
    sim.advance(2)
    slb.ok("AddVServerGroupBackendServers", **other)
    assert add(slb, one(81)).code == "OperationBusy"


def test_locked(slb: Cloud, sim: Simulator) -> None:
    """Groups of a locked load balancer cannot be changed."""
    sim.seed({"load_balancer": [{"id": "lb-locked", "status": "locked"}]})
    sim.seed({"vserver_group": [{"id": "rsp-locked", "load_balancer_id": "lb-locked"}]})
    codes = [
        slb.call(action, VServerGroupId="rsp-locked", BackendServers=backends(one())).code
        for action in CHANGES
    ]
    assert codes == ["ActionNotAllowed", "LbStatusNotSupport", "ActionNotAllowed"]


def test_listing(slb: Cloud, sim: Simulator) -> None:
    """Groups are listed by load balancer, with their listeners if wanted."""
    add(slb, one())
    sim.seed(
        {
            "vserver_group": [
                {"id": "rsp-b", "name": "b", "load_balancer_id": BALANCER, "tags": {"k": "v"}}
            ]
        }
    )

    def ids(**params: Any) -> list[str]:
        groups = balancers.ok("DescribeVServerGroups", LoadBalancerId=BALANCER, **params)
        return [group["VServerGroupId"] for group in groups["VServerGroups"]["VServerGroup"]]

    balancers = client(sim, "slb")
    assert ids() == [VGROUP, "rsp-b"]
    assert ids(Description="b") == ids(Tag__1__Key="k") == ["rsp-b"]
    shown = balancers.ok(
        "DescribeVServerGroups",
        LoadBalancerId=BALANCER,
        IncludeListener="true",
        IncludeRule="true",
    )["VServerGroups"]["VServerGroup"][0]
    assert shown["ServerCount"] == 1
    assert shown["AssociatedObjects"] == {
        "Listeners": {"Listener": [{"Port": 443, "Protocol": "tcp"}]},
        "Rules": {"Rule": []},
    }
    unknown = balancers.call("DescribeVServerGroups", LoadBalancerId="lb-lost")
    assert unknown.code == "InvalidLoadBalancerId.NotFound"
    keyless = balancers.call("DescribeVServerGroups", LoadBalancerId=BALANCER, Tag__1__Value="v")
    assert keyless.code == "MissingParam.TagKey"
