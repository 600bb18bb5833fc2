"""Classic load balancers: the default group, and what makes them busy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.balancing import BALANCER, VGROUP, backends, client, instance, interface, release
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


@pytest.fixture
def slb(sim: Simulator) -> Cloud:
    """Give a client of SLB; two instances run."""
    instance(sim, "one", 11)
    instance(sim, "two", 12)
    return client(sim, "slb")


def add(slb: Cloud, *rows: dict[str, Any]) -> Any:
    """Add to the default group."""
    return slb.call("AddBackendServers", LoadBalancerId=BALANCER, BackendServers=backends(*rows))


def behind(slb: Cloud) -> list[Any]:
    """Describe the default group."""
    answer = slb.ok("DescribeLoadBalancerAttribute", LoadBalancerId=BALANCER)
    return list(answer["BackendServers"]["BackendServer"])


def test_add_and_describe(slb: Cloud) -> None:
    """Added servers show at once, the weight 100 by default; the answer has weights as texts,
    the describe as numbers. Weights may be sent as texts.
    """
    answer = add(slb, {"ServerId": "i-one"}, {"ServerId": "i-two", "Weight": "7"})
    assert answer.json["BackendServers"]["BackendServer"] == [
        {"ServerId": "i-one", "Type": "ecs", "Weight": "100"},
        {"ServerId": "i-two", "Type": "ecs", "Weight": "7"},
    ]
    assert behind(slb) == [
        {"ServerId": "i-one", "Type": "ecs", "Weight": 100, "ServerIp": "10.0.1.11"},
        {"ServerId": "i-two", "Type": "ecs", "Weight": 7, "ServerIp": "10.0.1.12"},
    ]


def test_repeated_entries(slb: Cloud) -> None:
    """Of a server given twice in one call the first counts."""
    assert add(slb, {"ServerId": "i-one", "Weight": 1}, {"ServerId": "i-one"}).status == 200
    assert [server["Weight"] for server in behind(slb)] == [1]


def test_present_servers_are_refused(slb: Cloud) -> None:
    """A server that is behind the load balancer already is refused; nothing else is added."""
    add(slb, {"ServerId": "i-one"})
    refused = add(slb, {"ServerId": "i-two"}, {"ServerId": "i-one"})
    assert refused.code == "InvalidParameter"
    assert len(behind(slb)) == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"ServerId": "i-lost"}, "ObtainIpFail"),
        ({"ServerId": "i-stopped"}, "ObtainIpFail"),
        ({"ServerId": "i-abroad"}, "InvalidParameter"),
        ({"ServerId": "i-one", "Weight": 101}, "InvalidWeight.Malformed"),
        ({"ServerId": "i-one", "Weight": -1}, "InvalidWeight.Malformed"),
        ({"ServerId": "i-one", "Weight": "heavy"}, "InvalidWeight.Malformed"),
        ({"ServerId": "i-one", "Type": "vm"}, "InvalidParameter"),
        ({"ServerId": "i-one", "Port": 65536}, "InvalidParameter"),
        ({"ServerId": "i-one", "Description": "<b>"}, "InvalidParameter"),
        ({"ServerId": "i-one", "ServerIp": "10.0.1.99"}, "InvalidParameter"),
        ({"ServerId": "i-one", "Type": "eni"}, "ObtainIpFail"),
        ({"ServerId": "i-one", "Wieght": 1}, "UnsupportedParameter"),
        ({"ServerId": "eci-1", "Type": "eci"}, "SimulatorUnsupported.BackendServers.Type=eci"),
        ({"Weight": 100}, "InvalidParameter"),
    ],
)
def test_add_refusals(slb: Cloud, sim: Simulator, row: dict[str, Any], code: str) -> None:
    """Servers that are not there, do not run or are of another VPC, and bad fields."""
    instance(sim, "stopped", 13, status="Stopped")
    instance(sim, "abroad", 14, vpc_id="vpc-other")
    assert add(slb, row).code == code
    assert behind(slb) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (json.dumps([{"ServerId": f"i-{n}"} for n in range(21)]), "TooManyBackendServers"),
        ("[]", "InvalidParameter"),
        ('["i-one"]', "InvalidParameter"),
        ('{"ServerId": "i-one"}', "InvalidParameter"),
        ("i-one", "InvalidParameter"),
        (None, "MissingParameter"),
    ],
)
def test_list_refusals(slb: Cloud, text: str | None, code: str) -> None:
    """BackendServers is a JSON list of one to twenty objects."""
    refused = slb.call("AddBackendServers", LoadBalancerId=BALANCER, BackendServers=text)
    assert refused.code == code


def test_unknown_balancer(slb: Cloud, sim: Simulator) -> None:
    """An unknown load balancer, or one of another account, is refused by every action."""
    for action in ("AddBackendServers", "RemoveBackendServers", "SetBackendServers"):
        refused = slb.call(
            action, LoadBalancerId="lb-lost", BackendServers='[{"ServerId": "i-one"}]'
        )
        assert (refused.code, refused.status) == ("InvalidLoadBalancerId.NotFound", 404)
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET, slb.common)
    described = other.call("DescribeLoadBalancerAttribute", LoadBalancerId=BALANCER)
    assert described.code == "InvalidLoadBalancerId.NotFound"


def test_remove_and_weigh(slb: Cloud) -> None:
    """Removing ignores absent servers; setting changes weights of present ones only."""
    add(slb, {"ServerId": "i-one"}, {"ServerId": "i-two"})
    known = {"LoadBalancerId": BALANCER}
    rows = backends({"ServerId": "i-one", "Weight": 3}, {"ServerId": "i-lost", "Weight": 4})
    answer = slb.ok("SetBackendServers", **known, BackendServers=rows)
    assert [b["Weight"] for b in answer["BackendServers"]["BackendServer"]] == ["3", "100"]
    rows = backends({"ServerId": "i-two"}, {"ServerId": "i-lost"})
    answer = slb.ok("RemoveBackendServers", **known, BackendServers=rows)
    assert answer["BackendServers"]["BackendServer"] == [
        {"ServerId": "i-one", "Type": "ecs", "Weight": 3}
    ]


def test_interfaces(slb: Cloud, sim: Simulator) -> None:
    """An interface comes with its type and one of its addresses, no other id has the same."""
    interface(sim, "one", 21, secondary_ips=["10.0.1.22"])
    row = {"ServerId": "eni-one", "Type": "eni"}
    assert add(slb, row).code == "InvalidParameter"
    assert add(slb, {**row, "ServerIp": "10.0.1.11"}).code == "InvalidParameter"
    instance(sim, "same", 22)
    assert add(slb, {**row, "ServerIp": "10.0.1.22"}).status == 200
    assert add(slb, {"ServerId": "i-same"}).code == "InvalidBackendServers.ServerIpConflict"
    assert behind(slb)[0]["ServerIp"] == "10.0.1.22"
    interface(sim, "free", 23, status="Available")
    free = {"ServerId": "eni-free", "Type": "eni", "ServerIp": "10.0.1.23"}
    assert add(slb, free).code == "ObtainIpFail"


def test_interfaces_need_a_specification(slb: Cloud, sim: Simulator) -> None:
    """A load balancer without a specification takes instances only."""
    interface(sim, "one", 21)
    sim.seed({"load_balancer": [{"id": "lb-shared", "spec": ""}]})
    row = {"ServerId": "eni-one", "Type": "eni", "ServerIp": "10.0.1.21"}
    refused = slb.call(
        "AddBackendServers", LoadBalancerId="lb-shared", BackendServers=backends(row)
    )
    assert refused.code == "OperationUnsupported.AddBackendServers"


def test_internet_balancers(slb: Cloud, sim: Simulator) -> None:
    """Behind a load balancer without a VPC all servers are of one VPC."""
    instance(sim, "abroad", 14, vpc_id="vpc-other")
    sim.seed({"load_balancer": [{"id": "lb-public", "address_type": "internet"}]})
    rows = [backends({"ServerId": one}) for one in ("i-abroad", "i-one")]
    slb.ok("AddBackendServers", LoadBalancerId="lb-public", BackendServers=rows[0])
    refused = slb.call("AddBackendServers", LoadBalancerId="lb-public", BackendServers=rows[1])
    assert refused.code == "InvalidBackendServers.Inconsistent"


def test_busy(slb: Cloud, sim: Simulator) -> None:
    """While a change is carried out, changes of the same load balancer are refused; reads are
    not, and another load balancer is free.
    """
    sim.set_pace(slb__change=2)
    sim.seed({"load_balancer": [{"id": "lb-other"}]})
    known = {"LoadBalancerId": BALANCER, "BackendServers": backends({"ServerId": "i-two"})}
    assert add(slb, {"ServerId": "i-one"}).status == 200
    assert add(slb, {"ServerId": "i-one"}).code == "BackendServerProcessing"
    second = add(slb, {"ServerId": "i-two"})
    assert (second.code, second.status) == ("BackendServer.configuring", 409)
    assert slb.call("RemoveBackendServers", **known).code == "BackendServer.configuring"
    assert slb.call("SetBackendServers", **known).code == "ServiceIsConfiguring"
    assert len(behind(slb)) == 1
    slb.ok("AddBackendServers", **{**known, "LoadBalancerId": "lb-other"})
    sim.advance(1.9)
    assert add(slb, {"ServerId": "i-two"}).code == "BackendServer.configuring"
    sim.advance(0.1)
    assert add(slb, {"ServerId": "i-two"}).status == 200


def test_nothing_to_configure(slb: Cloud, sim: Simulator) -> None:
    """Removing what is not there, and a refused call, leave the load balancer free."""
    sim.set_pace(slb__change=2)
    slb.ok(
        "RemoveBackendServers", LoadBalancerId=BALANCER, BackendServers='[{"ServerId": "i-two"}]'
    )
    assert add(slb, {"ServerId": "i-lost"}).code == "ObtainIpFail"
    assert add(slb, {"ServerId": "i-one"}).status == 200


def test_statuses(slb: Cloud, sim: Simulator) -> None:
    """A locked load balancer refuses changes, an inactive one does not."""
    sim.seed({"load_balancer": [{"id": "lb-locked", "status": "locked"}]})
    sim.seed({"load_balancer": [{"id": "lb-off", "status": "inactive"}]})
    known = {"BackendServers": '[{"ServerId": "i-one"}]'}
    refused = slb.call("AddBackendServers", LoadBalancerId="lb-locked", **known)
    assert refused.code == "ActionNotAllowed"
    slb.ok("AddBackendServers", LoadBalancerId="lb-off", **known)


def test_released_instances_leave(slb: Cloud, sim: Simulator) -> None:
    """A released instance leaves the default group and vServer groups by itself."""
    add(slb, {"ServerId": "i-one"})
    rows = backends({"ServerId": "i-one", "Port": 80})
    slb.ok("AddVServerGroupBackendServers", VServerGroupId=VGROUP, BackendServers=rows)
    release(sim, "i-one")
    assert behind(slb) == []
    group = slb.ok("DescribeVServerGroupAttribute", VServerGroupId=VGROUP)
    assert group["BackendServers"]["BackendServer"] == []
