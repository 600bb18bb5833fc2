"""NLB server groups: which servers they take, what is refused, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.balancing import NLB_GROUP, NLB_GROUP_2, VPC_ID, client, instance, interface
from sim.nlb_calls import CHANGES, ONE, add, change, listed, settled
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


@pytest.fixture
def nlb(sim: Simulator) -> Cloud:
    """Give a client of NLB; two instances run."""
    instance(sim, "one", 11)
    instance(sim, "two", 12)
    return client(sim, "nlb")


def test_two_ports(nlb: Cloud) -> None:
    """The same server may come with several ports, in one call or in two."""
    settled(nlb, add(nlb, ONE, {**ONE, "Port": 81}))
    settled(nlb, add(nlb, {**ONE, "Port": 82}))
    assert [row["Port"] for row in listed(nlb)] == [80, 81, 82]
    settled(nlb, change(nlb, "RemoveServersFromServerGroup", {**ONE, "Port": 81}))
    assert [row["Port"] for row in listed(nlb)] == [80, 82]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([ONE, ONE], "DuplicatedParam.Server"),
        ([{**ONE, "Port": 79}], "ResourceInUse.IP"),
        ([{"ServerId": "eni-same", "ServerType": "Eni", "Port": 79}], "ResourceInUse.IP"),
        ([{**ONE, "ServerId": "i-lost"}], "ResourceNotFound.Ecs"),
        ([{**ONE, "ServerId": "i-abroad"}], "Mismatch.VpcId"),
        ([{**ONE, "ServerId": "i-pending"}], "IncorrectStatus.Eni"),
        ([{**ONE, "ServerId": "eni-lost", "ServerType": "Eni"}], "ResourceNotFound.Eni"),
        ([{**ONE, "ServerId": "eni-free", "ServerType": "Eni"}], "IncorrectStatus.Eni"),
        ([{**ONE, "ServerType": "Eni"}], "Mismatch.ServerType"),
        ([{**ONE, "ServerType": "Ip"}], "Mismatch.ServerType"),
        ([{**ONE, "ServerType": "ecs"}], "IllegalParam"),
        ([{**ONE, "ServerType": "Eci"}], "SimulatorUnsupported.Servers.ServerType=Eci"),
        ([{**ONE, "Port": None}], "IllegalParam.RSPortConflictWithServerGroup"),
        ([{**ONE, "Port": 0}], "IllegalParam.RSPortConflictWithServerGroup"),
        ([{**ONE, "Port": 65536}], "IllegalParam"),
        ([{**ONE, "Weight": 101}], "IllegalParam"),
        ([{**ONE, "Weight": -1}], "IllegalParam"),
        ([{**ONE, "Description": "!"}], "IllegalParam.description"),
        ([{**ONE, "ServerIp": "10.0.1.99"}], "IllegalParam.IP"),
        ([{**ONE, "ServerId": None}], "MissingParameter"),
        ([{**ONE, "Zone": "x"}], "UnsupportedParameter"),
        ([], "MissingParameter"),
        ([{"ServerId": f"i-{n}", "Port": 80} for n in range(201)], "InvalidParameter"),
    ],
)
def test_add_refusals(nlb: Cloud, sim: Simulator, rows: list[dict[str, Any]], code: str) -> None:
    """What the cloud does not add is refused, and nothing of the call is done."""
    instance(sim, "abroad", 14, vpc_id="vpc-other")
    instance(sim, "pending", 15, status="Pending")
    interface(sim, "same", 11)
    interface(sim, "free", 16, status="Available")
    settled(nlb, add(nlb, {**ONE, "Port": 79}))
    answer = add(nlb, {"ServerId": "i-two", "Port": 79}, *rows) if rows else add(nlb)
    assert answer.code == code
    assert len(listed(nlb)) == 1


def test_stopped_instances_are_added(nlb: Cloud, sim: Simulator) -> None:
    """A stopped instance may be added: only the interface has to be ready."""
    instance(sim, "off", 13, status="Stopped")
    assert add(nlb, {**ONE, "ServerId": "i-off"}).status == 200


def test_interfaces(nlb: Cloud, sim: Simulator) -> None:
    """An interface is added with its primary address or with one that is named."""
    interface(sim, "a", 21, secondary_ips=["10.0.1.22"])
    row = {"ServerId": "eni-a", "ServerType": "Eni", "Port": 80}
    settled(nlb, add(nlb, row, {**row, "ServerIp": "10.0.1.22"}))
    assert [one["ServerIp"] for one in listed(nlb)] == ["10.0.1.21", "10.0.1.22"]


def test_any_port(nlb: Cloud, sim: Simulator) -> None:
    """Servers of an AnyPort group have port 0 and no other."""
    sim.seed({"nlb_server_group": [{"id": "sgp-any", "any_port": True, "vpc_id": VPC_ID}]})
    known = {"ServerGroupId": "sgp-any"}
    refused = add(nlb, ONE, **known)
    assert refused.code == "IllegalParam.RSPortConflictWithServerGroup"
    settled(nlb, add(nlb, {"ServerId": "i-one"}, {"ServerId": "i-two", "Port": 0}, **known))
    assert [row["Port"] for row in listed(nlb, **known)] == [0, 0]
    settled(nlb, change(nlb, "RemoveServersFromServerGroup", {"ServerId": "i-one"}, **known))
    assert len(listed(nlb, **known)) == 1


def test_address_groups(nlb: Cloud, sim: Simulator) -> None:
    """A group of type Ip takes addresses, given twice, and no instances."""
    sim.seed({"nlb_server_group": [{"id": "sgp-ip", "type": "Ip", "vpc_id": VPC_ID}]})
    known = {"ServerGroupId": "sgp-ip"}
    row = {"ServerId": "10.9.0.1", "ServerType": "Ip", "Port": 80}
    assert add(nlb, ONE, **known).code == "Mismatch.ServerType"
    assert add(nlb, row, **known).code == "MissingParam.IP"
    assert add(nlb, {**row, "ServerIp": "10.9.0.2"}, **known).code == "IllegalParam.IP"
    bad = {**row, "ServerId": "10.9.0.300", "ServerIp": "10.9.0.300"}
    assert add(nlb, bad, **known).code == "IllegalParam.IP"
    settled(nlb, add(nlb, {**row, "ServerIp": "10.9.0.1"}, **known))
    assert listed(nlb, **known)[0]["ServerIp"] == "10.9.0.1"


@pytest.mark.parametrize("action", ["RemoveServersFromServerGroup", *list(CHANGES)[2:]])
@pytest.mark.parametrize("changed", [{"Port": 81}, {"ServerId": "i-two"}, {"ServerIp": "10.0.1.9"}])
def test_absent_servers(nlb: Cloud, action: str, changed: dict[str, Any]) -> None:
    """A server that is not in the group is refused, and nothing of the call is done."""
    settled(nlb, add(nlb, ONE))
    refused = change(nlb, action, ONE, {**ONE, **changed})
    assert (refused.code, refused.status) == ("ResourceNotFound.BackendServer", 404)
    assert [row["Status"] for row in listed(nlb)] == ["Available"]


@pytest.mark.parametrize("action", CHANGES)
def test_unknown_groups(nlb: Cloud, sim: Simulator, action: str) -> None:
    """An unknown group, or one of another account, is refused."""
    refused = change(nlb, action, ONE, ServerGroupId="sgp-lost")
    assert (refused.code, refused.status) == ("ResourceNotFound.serverGroup", 404)
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET, nlb.common)
    assert change(other, action, ONE).code == "ResourceNotFound.serverGroup"
    unknown = nlb.call("ListServerGroupServers", ServerGroupId="sgp-lost")
    assert unknown.code == "ResourceNotFound.serverGroup"
    assert nlb.call("GetJobStatus", JobId="job-lost").code == "ResourceNotFound.JobId"


def test_quota(nlb: Cloud, sim: Simulator) -> None:
    """A group takes no more servers than its quota."""
    sim.seed({"quotas": {"nlb.servers": 1}})
    two = {**ONE, "Port": 81}
    assert add(nlb, ONE, two).code == "QuotaExceeded.QuotaInsufficient"
    settled(nlb, add(nlb, ONE))
    assert add(nlb, two).code == "QuotaExceeded.QuotaInsufficient"


def test_lists(nlb: Cloud) -> None:
    """Lists take filters and pages of one to a hundred, and count everything."""
    settled(nlb, add(nlb, ONE, {"ServerId": "i-two", "Port": 80}, {**ONE, "Port": 81}))
    assert len(listed(nlb, ServerIds__1="i-one")) == 2
    assert len(listed(nlb, ServerIps__1="10.0.1.12")) == 1
    assert len(listed(nlb, ServerGroupId=None)) == 3
    assert listed(nlb, ServerGroupId=NLB_GROUP_2) == []
    seen, token = [], ""
    while True:
        page = nlb.ok("ListServerGroupServers", MaxResults=1, NextToken=token)
        assert (page["TotalCount"], page["MaxResults"], len(page["Servers"])) == (3, 1, 1)
        seen += [row["Port"] for row in page["Servers"]]
        token = page["NextToken"]
        if not token:
            break
    assert seen == [80, 80, 81]
    for most in (0, 101):
        assert nlb.call("ListServerGroups", MaxResults=most).code == "InvalidParameter"
    assert nlb.call("ListServerGroups", NextToken="nonsense").code == "InvalidParameter"
    many = {f"ServerIds__{n}": f"i-{n}" for n in range(1, 42)}
    assert nlb.call("ListServerGroupServers", **many).code == "InvalidParameter"


def test_group_filters(nlb: Cloud, sim: Simulator) -> None:
    """Groups are found by id, name, type, VPC and tag."""
    sim.seed({"nlb_server_group": [{"name": "web", "type": "Ip", "tags": {"a": "1"}}]})

    def count(**params: Any) -> int:
        return int(nlb.ok("ListServerGroups", **params)["TotalCount"])

    assert count() == 3
    assert count(ServerGroupIds__1=NLB_GROUP, ServerGroupIds__2=NLB_GROUP_2) == 2
    assert count(ServerGroupIds__1="sgp-lost") == 0
    assert count(ServerGroupNames__1="web") == count(ServerGroupType="Ip") == 1
    assert count(VpcId=VPC_ID) == 2
    assert count(Tag__1__Key="a", Tag__1__Value="1") == 1
    assert count(RegionId="cn-hangzhou") == 2
    assert nlb.call("ListServerGroups", ServerGroupType="Vm").code == "InvalidParameter"
