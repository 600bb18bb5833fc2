"""Calls about the first seeded NLB server group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.balancing import NLB_GROUP, servers

if TYPE_CHECKING:
    from sim.support import Answer, Cloud

CHANGES: dict[str, dict[str, Any]] = {
    "AddServersToServerGroup": {},
    "RemoveServersFromServerGroup": {},
    "UpdateServerGroupServersAttribute": {"Weight": 1},
}
ONE: dict[str, Any] = {"ServerId": "i-one", "Port": 80}


def change(nlb: Cloud, action: str, *rows: dict[str, Any], **params: Any) -> Answer:
    """Change the first seeded group."""
    given = {"ServerGroupId": NLB_GROUP, **servers(*rows), **params}
    return nlb.call(action, **given)


def add(nlb: Cloud, *rows: dict[str, Any], **params: Any) -> Answer:
    """Add servers to the first seeded group."""
    return change(nlb, "AddServersToServerGroup", *rows, **params)


def settled(nlb: Cloud, answer: Answer) -> str:
    """Let a change be done and give its job's id."""
    assert answer.status == 200, answer.body
    nlb.sim.advance(60)
    return str(answer.json["JobId"])


def listed(nlb: Cloud, **params: Any) -> list[Any]:
    """List the servers of the first seeded group."""
    given = {"ServerGroupId": NLB_GROUP, **params}
    return list(nlb.ok("ListServerGroupServers", **given)["Servers"])


def group_status(nlb: Cloud) -> Any:
    """Tell the status of the first seeded group."""
    groups = nlb.ok("ListServerGroups", ServerGroupIds__1=NLB_GROUP)["ServerGroups"]
    return groups[0]["ServerGroupStatus"]
