"""ALB server groups: what differs from NLB's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.balancing import ALB_GROUP, VPC_ID, client, instance, interface, release, servers

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Answer, Cloud

ONE = {"ServerId": "i-one", "Port": 80}


@pytest.fixture
def alb(sim: Simulator) -> Cloud:
    """Give a client of ALB; two instances run."""
    instance(sim, "one", 11)
    instance(sim, "two", 12)
    return client(sim, "alb")


def change(alb: Cloud, action: str, *rows: dict[str, Any], **params: Any) -> Answer:
    """Change the seeded group."""
    return alb.call(action, **{"ServerGroupId": ALB_GROUP, **servers(*rows), **params})


def add(alb: Cloud, *rows: dict[str, Any], **params: Any) -> Answer:
    """Add servers to the seeded group."""
    return change(alb, "AddServersToServerGroup", *rows, **params)


def listed(alb: Cloud) -> list[tuple[str, int, int, str]]:
    """List the servers of the seeded group."""
    rows = alb.ok("ListServerGroupServers", ServerGroupId=ALB_GROUP)["Servers"]
    return [(row["ServerId"], row["Port"], row["Weight"], row["Status"]) for row in rows]


def job(alb: Cloud, answer: Answer) -> Any:
    """Tell how the job of a change is going."""
    assert answer.status == 200, answer.body
    return alb.ok("ListAsynJobs", JobIds__1=answer.json["JobId"])["Jobs"][0]


def test_life(alb: Cloud, sim: Simulator) -> None:
    """Servers are added, changed and removed by jobs, which ListAsynJobs tells about."""
    added = add(alb, ONE)
    assert listed(alb) == [("i-one", 80, 100, "Adding")]
    assert listed(alb) == [("i-one", 80, 100, "Available")]
    done = job(alb, added)
    assert (done["Status"], done["OperateType"]) == ("Succeeded", "Create")
    assert (done["ApiName"], done["ResourceId"]) == ("AddServersToServerGroup", ALB_GROUP)
    changed = change(alb, "UpdateServerGroupServersAttribute", {**ONE, "Weight": 3})
    assert job(alb, changed)["Status"] == "Processing"
    assert listed(alb) == [("i-one", 80, 3, "Available")]
    removed = change(alb, "RemoveServersFromServerGroup", ONE)
    assert listed(alb) == [("i-one", 80, 3, "Removing")]
    sim.advance(1)
    assert listed(alb) == []
    assert job(alb, removed)["Status"] == "Succeeded"


def test_lock(alb: Cloud, sim: Simulator) -> None:
    """While a job is under way: ResourceInConfiguring, then IncorrectStatus.ServerGroup."""
    sim.set_pace(alb__change=5, alb__lock=1)
    assert add(alb, ONE).status == 200
    codes = [add(alb, {**ONE, "Port": 81}).code]
    sim.advance(1)
    codes += [change(alb, "RemoveServersFromServerGroup", ONE).code]
    assert codes == ["ResourceInConfiguring", "IncorrectStatus.ServerGroup"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([ONE, ONE], "DuplicatedParam.BackendServer"),
        ([{**ONE, "Port": 79}], "Conflict.BackendServer"),
        ([{"ServerId": "eni-same", "ServerType": "Eni", "Port": 79}], "ResourceInUse.IP"),
        ([{**ONE, "ServerId": "i-lost"}], "ResourceNotFound.Ecs"),
        ([{**ONE, "ServerId": "i-abroad"}], "Mismatch.VpcId"),
        ([{**ONE, "ServerType": "Eni"}], "Mismatch.ServerType"),
        ([{**ONE, "ServerType": "Ip"}], "Mismatch.Type"),
        ([{**ONE, "ServerType": "Fc"}], "SimulatorUnsupported.Servers.ServerType=Fc"),
        ([{**ONE, "Port": None}], "MissingParameter"),
        ([{**ONE, "Port": 0}], "InvalidParameter"),
        ([{**ONE, "Weight": 101}], "InvalidParameter"),
        ([{**ONE, "ServerIp": "10.0.1.99"}], "IllegalParam.ServerIp"),
        ([{**ONE, "RemoteIpEnabled": "true"}], "InvalidParameter"),
    ],
)
def test_add_refusals(alb: Cloud, sim: Simulator, rows: list[dict[str, Any]], code: str) -> None:
    """ALB refuses as NLB does, under its own codes; a port is mandatory."""
    instance(sim, "abroad", 14, vpc_id="vpc-other")
    interface(sim, "same", 11)
    assert add(alb, {**ONE, "Port": 79}).status == 200
    sim.advance(1)
    assert add(alb, *rows).code == code
    assert len(listed(alb)) == 1


def test_unknown(alb: Cloud) -> None:
    """Unknown groups and servers are refused in changes; lists leave them out."""
    assert add(alb, ONE, ServerGroupId="sgp-lost").code == "ResourceNotFound.ServerGroup"
    absent = change(alb, "RemoveServersFromServerGroup", ONE)
    assert absent.code == "ResourceNotFound.BackendServer"
    assert alb.ok("ListServerGroupServers", ServerGroupId="sgp-lost")["Servers"] == []
    assert alb.ok("ListServerGroups", ServerGroupIds__1="sgp-lost")["ServerGroups"] == []
    assert alb.ok("ListAsynJobs", JobIds__1="lost")["Jobs"] == []


def test_address_groups(alb: Cloud, sim: Simulator) -> None:
    """Groups of type Ip take addresses, remote ones too."""
    sim.seed({"alb_server_group": [{"id": "sgp-ip", "type": "Ip", "vpc_id": VPC_ID}]})
    row = {"ServerId": "10.9.0.1", "ServerType": "Ip", "Port": 80, "RemoteIpEnabled": "true"}
    assert add(alb, row, ServerGroupId="sgp-ip").code == "IllegalParam.ServerIp"
    row["ServerIp"] = "10.9.0.1"
    assert add(alb, row, ServerGroupId="sgp-ip").status == 200
    rows = alb.ok("ListServerGroupServers", ServerGroupId="sgp-ip")["Servers"]
    assert rows[0]["RemoteIpEnabled"] is True


def test_jobs(alb: Cloud, sim: Simulator) -> None:
    """Jobs are filtered by group, action and time, and tell why they failed."""
    sim.seed({"settings": {"alb.job_fails": True}})
    failed = add(alb, ONE)
    sim.advance(1)
    shown = job(alb, failed)
    assert (shown["Status"], shown["ErrorCode"]) == ("Failed", "SystemBusy")
    assert shown["ModifyTime"] > shown["CreateTime"]
    assert listed(alb) == []

    def count(**params: Any) -> int:
        return int(alb.ok("ListAsynJobs", **params)["TotalCount"])

    assert count(ResourceIds__1=ALB_GROUP, ResourceType="servergroup") == 1
    assert count(ResourceType="listener") == count(ApiName="CreateListener") == 0
    assert count(BeginTime=shown["CreateTime"] + 1) == count(EndTime=shown["CreateTime"] - 1) == 0


def test_tokens_and_release(alb: Cloud, sim: Simulator) -> None:
    """A token repeats the answer; a released instance leaves its groups."""
    first = add(alb, ONE, ClientToken="t").json["JobId"]
    assert add(alb, ONE, ClientToken="t").json["JobId"] == first
    mismatch = add(alb, {**ONE, "Port": 81}, ClientToken="t")
    assert mismatch.code == "IdempotenceParamNotMatch"
    release(sim, "i-one")
    assert listed(alb) == []
