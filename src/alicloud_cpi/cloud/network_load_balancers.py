"""Network load balancers (NLB): an instance's ports in server groups.

A group takes one change at a time (Conflict.Lock, IncorrectStatus.serverGroup: busy codes), and a
change is a job that is waited for (API reference, semantics section 10).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.api import Api
    from alicloud_cpi.cloud.instances import Instance

CHANGED = Budget(timeout=300)

_PAGE = 100


class Member(NamedTuple):
    """One port of an instance in a server group."""

    group_id: str
    port: int
    weight: int


class NetworkLoadBalancers:
    """Server groups of the account's network load balancers."""

    def __init__(self, nlb: Api, clock: Clock) -> None:
        self._nlb = nlb
        self._clock = clock

    def add(self, vm: Instance, group_id: str, members: Sequence[Member]) -> None:
        """Make these ports of the instance servers of one group, in one change."""
        servers = [{**_server(vm, member), "Weight": member.weight} for member in members]
        self._change("AddServersToServerGroup", vm, group_id, servers)

    def memberships(self, vm: Instance) -> list[Member]:
        """Return every port of the instance in every group."""
        return [
            Member(server["ServerGroupId"], server.get("Port", 0), server.get("Weight", 0))
            for server in self._servers(vm)
        ]

    def remove(self, vm: Instance, members: Sequence[Member]) -> None:
        """Take these ports of the instance out of their groups; absent ones are fine."""
        for group_id in dict.fromkeys(member.group_id for member in members):
            servers = [_server(vm, member) for member in members if member.group_id == group_id]
            self._change(
                "RemoveServersFromServerGroup",
                vm,
                group_id,
                servers,
                done=("ResourceNotFound.BackendServer", "ResourceNotFound.serverGroup"),
            )

    def _servers(self, vm: Instance) -> Iterator[dict[str, Any]]:
        token = None
        while True:
            answer = self._nlb.call(
                "ListServerGroupServers",
                vm.region,
                ServerIds=[vm.id],
                MaxResults=_PAGE,
                NextToken=token,
            )
            yield from answer.get("Servers") or []
            token = answer.get("NextToken") or None
            if token is None:
                return

    def _change(
        self,
        action: str,
        vm: Instance,
        group_id: str,
        servers: Sequence[dict[str, Any]],
        done: Sequence[str] = (),
    ) -> None:
        answer = self._nlb.call(
            action,
            vm.region,
            ServerGroupId=group_id,
            Servers=servers,
            ClientToken=str(uuid.uuid4()),
            done=done,
        )
        if answer.get("JobId"):
            self._wait(action, vm, group_id, answer["JobId"])

    def _wait(self, action: str, vm: Instance, group_id: str, job_id: str) -> None:
        def succeeded(status: str) -> bool:
            if status == "Failed":
                raise CloudError(f"{action} of VM '{vm.id}' in '{group_id}' failed (job {job_id})")
            return status == "Succeeded"

        wait_for(
            f"{action} of VM '{vm.id}' in '{group_id}'",
            lambda: str(self._nlb.call("GetJobStatus", vm.region, JobId=job_id).get("Status")),
            succeeded,
            state=str,
            budget=CHANGED,
            clock=self._clock,
        )


def _server(vm: Instance, member: Member) -> dict[str, Any]:
    return {"ServerId": vm.id, "ServerType": "Ecs", "Port": member.port}
