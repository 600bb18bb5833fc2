"""Network load balancers (NLB): an instance's ports in server groups.

A group takes one change at a time (Conflict.Lock, IncorrectStatus.serverGroup: busy codes), and a
change is a job that is waited for (API reference, semantics section 10). Changes of several groups
go on at the same time, and with whatever else the caller does meanwhile.
"""

from __future__ import annotations

import uuid

from alicloud_cpi import log
from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, Protocol

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.instances import Instance
    from alicloud_cpi.cloud.wire.api import Api

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


CHANGED = Budget(timeout=300)

_PAGE = 100

# A server of the same address is in the group: this one, where an earlier call was cut off.
_THERE_ALREADY = "ResourceInUse.IP"


class Change(Record):
    """A change of a server group under way: the job that tells how it ends."""

    action: str
    vm_id: str
    region: str
    group_id: str
    job_id: str

    def __str__(self) -> str:
        """Return it as messages name it."""
        return f"{self.action} of VM '{self.vm_id}' in '{self.group_id}'"


class NetworkLoadBalancers:
    """Server groups of the account's network load balancers."""

    def __init__(self, nlb: Api, clock: Clock) -> None:
        self._nlb = nlb
        self._clock = clock

    def begin_to_add(self, vm: Instance, members: Sequence[GroupMember]) -> list[Change]:
        """Ask for ports of the instance to become servers, for each group in one change.

        A refusal is none where a call that was cut off has added them before.

        :return: the changes for ``finish`` to see through
        """
        begun: list[Change] = []
        for group_id, ports in _by_group(members).items():
            servers = [{**_server(vm, member.port), "Weight": member.weight} for member in ports]
            try:
                begun += self._begin("AddServersToServerGroup", vm, group_id, servers)
            except ApiError as refusal:
                if refusal.code != _THERE_ALREADY or not self._has(vm, group_id, ports):
                    raise
        return begun

    def _has(self, vm: Instance, group_id: str, members: Sequence[GroupMember]) -> bool:
        """Whether a look can be had, and shows all these ports in the group."""
        try:
            servers = list(self._servers(vm))
        except ApiError:
            return False
        there = {(server["ServerGroupId"], server.get("Port")) for server in servers}
        return all((group_id, member.port) in there for member in members)

    def forget(self, vm: Instance) -> None:
        """Take every port of the instance out of every group that it is in."""
        self.finish(self.begin_to_forget(vm))

    def begin_to_forget(self, vm: Instance) -> list[Change]:
        """Ask for every port of the instance to leave every group that it is in.

        An account that may not use NLB has no groups to leave: that refusal is only logged. The
        groups let go of a deleted instance by themselves in the end.

        :return: the changes for ``finish`` to see through
        """
        try:
            servers = list(self._servers(vm))
        except ApiError as failure:
            if failure.passing:
                raise
            log.warning("NLB server groups are not looked through: %s", failure.message)
            return []
        groups: dict[str, list[dict[str, Any]]] = {}
        for server in servers:
            ports = groups.setdefault(server["ServerGroupId"], [])
            ports.append(_server(vm, server.get("Port", 0)))
        begun: list[Change] = []
        for group_id, ports in groups.items():
            begun += self._begin(
                "RemoveServersFromServerGroup",
                vm,
                group_id,
                ports,
                done=("ResourceNotFound.BackendServer", "ResourceNotFound.serverGroup"),
            )
        return begun

    def finish(self, changes: Sequence[Change]) -> None:
        """Return when all of these changes are done, whichever order they end in.

        :raises CloudError: one failed
        """
        pending = list(changes)
        if not pending:
            return

        def under_way() -> list[Change]:
            for change in changes:
                if change in pending and self._has_ended(change):
                    pending.remove(change)
            return pending

        told = " and ".join(map(str, changes))
        try:
            wait_for(
                told,
                under_way,
                lambda left: not left,
                state=lambda left: f"{len(left)} of {len(changes)} under way",
                budget=CHANGED,
                clock=self._clock,
            )
        except ApiError as failure:
            failure.add(f"Nobody knows whether {told} ended well")
            raise

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

    def _begin(
        self,
        action: str,
        vm: Instance,
        group_id: str,
        servers: Sequence[dict[str, Any]],
        done: Sequence[str] = (),
    ) -> list[Change]:
        """Ask for one change of a group; returns it, or nothing where there is nothing to do."""
        answer = self._nlb.call(
            action,
            vm.region,
            ServerGroupId=group_id,
            Servers=servers,
            ClientToken=str(uuid.uuid4()),
            done=done,
        )
        job_id = answer.get("JobId")
        return [Change(action, vm.id, vm.region, group_id, job_id)] if job_id else []

    def _has_ended(self, change: Change) -> bool:
        answer = self._nlb.call("GetJobStatus", change.region, JobId=change.job_id)
        if answer.get("Status") == "Failed":
            raise CloudError(f"{change} failed (job {change.job_id})")
        return bool(answer.get("Status") == "Succeeded")


def _server(vm: Instance, port: int) -> dict[str, Any]:
    return {"ServerId": vm.id, "ServerType": "Ecs", "Port": port}


def _by_group(members: Sequence[GroupMember]) -> dict[str, list[GroupMember]]:
    groups: dict[str, list[GroupMember]] = {}
    for member in members:
        groups.setdefault(member.group_id, []).append(member)
    return groups
