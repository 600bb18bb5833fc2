"""NLB server groups: jobs, statuses, locks, tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sim.balancing import NLB_GROUP, NLB_GROUP_2, client, instance, release, servers
from sim.nlb_calls import CHANGES, ONE, add, change, group_status, listed, settled
from sim.support import Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


@pytest.fixture
def nlb(sim: Simulator) -> Cloud:
    """Give a client of NLB; two instances run."""
    instance(sim, "one", 11)
    instance(sim, "two", 12)
    return client(sim, "nlb")


def test_adding(nlb: Cloud) -> None:
    """Added servers are Adding, the group Configuring and the job Processing until it is done."""
    answer = add(nlb, ONE)
    assert answer.json["ServerGroupId"] == NLB_GROUP
    job = answer.json["JobId"]
    assert nlb.ok("GetJobStatus", JobId=job)["Status"] == "Processing"
    assert nlb.ok("GetJobStatus", JobId=job)["Status"] == "Succeeded"
    assert group_status(nlb) == "Available"
    assert listed(nlb) == [
        {
            "ServerGroupId": NLB_GROUP,
            "ServerId": "i-one",
            "ServerType": "Ecs",
            "ServerIp": "10.0.1.11",
            "Port": 80,
            "Weight": 100,
            "Description": "",
            "Status": "Available",
            "ZoneId": "cn-beijing-h",
        }
    ]


def test_statuses(nlb: Cloud, sim: Simulator) -> None:
    """Each change shows in the servers' status for its time, then takes effect."""
    sim.set_pace(nlb__change=5)
    shown = []
    for action, more in CHANGES.items():
        if action.startswith("Update"):
            settled(nlb, add(nlb, ONE))
        assert change(nlb, action, {**ONE, **more}).status == 200
        assert group_status(nlb) == "Configuring"
        sim.advance(4.9)
        shown.append([(row["Status"], row["Weight"]) for row in listed(nlb)])
        sim.advance(0.1)
        shown.append([(row["Status"], row["Weight"]) for row in listed(nlb)])
    assert shown == [
        [("Adding", 100)],
        [("Available", 100)],
        [("Removing", 100)],
        [],
        [("Configuring", 100)],
        [("Available", 1)],
    ]


@pytest.mark.parametrize("action", CHANGES)
def test_lock(nlb: Cloud, sim: Simulator, action: str) -> None:
    """While a job is under way each further change of its group is refused: Conflict.Lock
    first, then IncorrectStatus.serverGroup. Other groups are free.
    """
    sim.set_pace(nlb__change=5, nlb__lock=1)
    assert add(nlb, ONE).status == 200
    first = change(nlb, action, ONE)
    sim.advance(1)
    second = change(nlb, action, ONE)
    assert (first.code, second.code) == ("Conflict.Lock", "IncorrectStatus.serverGroup")
    assert (first.status, second.status) == (400, 400)
    assert add(nlb, ONE, ServerGroupId=NLB_GROUP_2).status == 200
    assert group_status(nlb) == "Configuring"
    sim.advance(4)
    again = change(nlb, action, {**ONE, "Port": 81} if action.startswith("Add") else ONE)
    assert again.status == 200


def test_unseen_jobs(nlb: Cloud, sim: Simulator) -> None:
    """A job that nobody looks at is done a grace after its time, at any pace."""
    assert add(nlb, ONE).status == 200
    assert add(nlb, {**ONE, "Port": 81}).code == "IncorrectStatus.serverGroup"
    sim.advance(0.2)
    assert add(nlb, {**ONE, "Port": 81}).status == 200


@pytest.mark.parametrize("action", CHANGES)
def test_post_only(nlb: Cloud, action: str) -> None:
    """Changes come by POST; lists by GET too."""
    given = {"ServerGroupId": NLB_GROUP, **servers(ONE)}
    assert nlb.call(action, "GET", **given).code == "UnsupportedHTTPMethod"
    assert nlb.call("ListServerGroups", "GET").status == 200


def test_dry_run(nlb: Cloud) -> None:
    """A dry run is refused with DryRunOperation if all is well, and changes nothing."""
    assert add(nlb, ONE, DryRun="true").code == "DryRunOperation"
    assert add(nlb, {**ONE, "ServerId": "i-lost"}, DryRun="true").code == "ResourceNotFound.Ecs"
    assert listed(nlb) == []


def test_client_token(nlb: Cloud) -> None:
    """A token repeats the answer; with other parameters it is refused. Reading a job twice
    with one token tells its status each time.
    """
    first = add(nlb, ONE, ClientToken="t").json["JobId"]
    assert add(nlb, ONE, ClientToken="t").json["JobId"] == first
    refused = add(nlb, {**ONE, "Port": 81}, ClientToken="t")
    assert refused.code == "IdempotenceSignatureMismatch"
    statuses = [nlb.ok("GetJobStatus", JobId=first, ClientToken="x")["Status"] for _ in "ab"]
    assert statuses == ["Processing", "Succeeded"]
    assert len(listed(nlb)) == 1
    update = "UpdateServerGroupServersAttribute"
    settled(nlb, change(nlb, update, ONE, ClientToken="u"))
    mismatch = change(nlb, update, {**ONE, "Weight": 2}, ClientToken="u")
    assert mismatch.code == "IdempotenceSignatureMismatch"


def test_failing_jobs(nlb: Cloud, sim: Simulator) -> None:
    """With the setting a job fails: what it began is as before."""
    settled(nlb, add(nlb, ONE))
    sim.seed({"settings": {"nlb.job_fails": [NLB_GROUP]}})
    job = settled(nlb, add(nlb, {**ONE, "Port": 81}))
    assert nlb.ok("GetJobStatus", JobId=job)["Status"] == "Failed"
    settled(nlb, change(nlb, "RemoveServersFromServerGroup", ONE))
    settled(nlb, change(nlb, "UpdateServerGroupServersAttribute", {**ONE, "Weight": 1}))
    assert [(row["Port"], row["Weight"]) for row in listed(nlb)] == [(80, 100)]


def test_released_instances_leave(nlb: Cloud, sim: Simulator) -> None:
    """A released instance leaves its groups by itself, also while it is being added."""
    settled(nlb, add(nlb, ONE))
    sim.set_pace(nlb__change=1000)
    add(nlb, {**ONE, "Port": 81})
    release(sim, "i-one")
    assert listed(nlb) == []
    sim.advance(1000)
    assert listed(nlb) == []
    assert group_status(nlb) == "Available"


def test_permission(nlb: Cloud, sim: Simulator) -> None:
    """A denied action is refused with NLB's own code."""
    sim.add_key("LTAIdenied", "secret", denied=["nlb:Add*"])
    denied = Cloud(sim, "LTAIdenied", "secret", nlb.common)
    refused = add(denied, ONE)
    assert (refused.code, refused.status) == ("Forbidden.NoPermission", 403)


def test_read_lag(nlb: Cloud, sim: Simulator) -> None:
    """Lagging readers see servers late; a job they do not see yet is Processing."""
    sim.set_lag(5)
    job = add(nlb, ONE).json["JobId"]
    assert listed(nlb) == []
    assert nlb.ok("GetJobStatus", JobId=job)["Status"] == "Processing"
    sim.advance(1)
    sim.advance(5)
    assert nlb.ok("GetJobStatus", JobId=job)["Status"] == "Succeeded"
    assert [row["Status"] for row in listed(nlb)] == ["Available"]
