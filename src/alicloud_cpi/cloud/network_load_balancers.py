"""Network load balancers (NLB): an instance's ports in server groups.

A group takes one change at a time (Conflict.Lock, IncorrectStatus.serverGroup: busy codes), and a
change is a job that is waited for (API reference, semantics section 10).
"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any, Protocol

from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.instances import Instance
    from alicloud_cpi.cloud.wire.api import Api

_log = logging.getLogger(__name__)

CHANGED = Budget(timeout=300)

_PAGE = 100


class GroupMember(Protocol):
    """One port of an instance that a server group is to have."""

    @property
    def group_id(self) -> str:
        """The server group."""

    @property
    def port(self) -> int:
        """The instance's port."""

    @property
    def weight(self) -> int:
        """Its weight, 0 to 100."""


class NetworkLoadBalancers:
    """Server groups of the account's network load balancers."""

    def __init__(self, nlb: Api, clock: Clock) -> None:
        self._nlb = nlb
        self._clock = clock

    def add(self, vm: Instance, members: Sequence[GroupMember]) -> None:
        """Make ports of the instance servers of their groups, each group in one change."""
        for group_id, ports in _by_group(members).items():
            servers = [{**_server(vm, member.port), "Weight": member.weight} for member in ports]
            self._change("AddServersToServerGroup", vm, group_id, servers)

    def forget(self, vm: Instance) -> None:
        """Take every port of the instance out of every group that it is in.

        An account that may not use NLB has no groups to leave: that refusal is only logged. The
        groups let go of a deleted instance by themselves in the end.
        """
        try:
            servers = list(self._servers(vm))
        except ApiError as failure:
            if failure.passing:
                raise
            _log.warning("NLB server groups are not looked through: %s", failure.message)
            return
        groups: dict[str, list[dict[str, Any]]] = {}
        for server in servers:
            ports = groups.setdefault(server["ServerGroupId"], [])
            ports.append(_server(vm, server.get("Port", 0)))
        for group_id, ports in groups.items():
            self._change(
                "RemoveServersFromServerGroup",
                vm,
                group_id,
                ports,
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


def _server(vm: Instance, port: int) -> dict[str, Any]:
    return {"ServerId": vm.id, "ServerType": "Ecs", "Port": port}


def _by_group(members: Sequence[GroupMember]) -> dict[str, list[GroupMember]]:
    groups: dict[str, list[GroupMember]] = {}
    for member in members:
        groups.setdefault(member.group_id, []).append(member)
    return groups
