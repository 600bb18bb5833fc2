"""Server groups of network and application load balancers: an instance's ports in them.

A group takes one change at a time (Conflict.Lock, ResourceInConfiguring and IncorrectStatus are
busy codes), and a change is a job to wait for (semantics.md section 10). Jobs of several groups run
at the same time. NLB and ALB differ in their request classes and a few codes.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import paginate
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import wait_for
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.instance import Instance

logger = logging.getLogger(__name__)

# Seconds.
JOB_TIMEOUT = 300.0


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

    @property
    def description(self) -> str:
        """What the group shows of it; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """A change of a server group that is under way."""

    id: str
    action: str
    vm_id: str
    region: str
    group_id: str

    def __str__(self) -> str:
        return f"{self.action} of VM '{self.vm_id}' in '{self.group_id}'"


class ServerGroups(ABC):
    """Server groups of the account's load balancers of one kind."""

    # What the load balancers are called, in messages.
    kind: ClassVar[str]
    # A server with the same address is in the group: this one, if an earlier call was interrupted.
    address_in_group: ClassVar[Collection[str]]
    # There is nothing to remove.
    absent: ClassVar[Collection[str]]

    def __init__(self, client: Client) -> None:
        self._client = client

    def start_adding(self, vm: Instance, members: Sequence[GroupMember]) -> list[Job]:
        """Request that ports of the instance become servers; one job per group.

        A group that has them already, from a call that was interrupted, needs no job.

        :return: the jobs, for ``wait_for_jobs``
        """
        groups: dict[str, list[GroupMember]] = {}
        for member in members:
            groups.setdefault(member.group_id, []).append(member)
        jobs: list[Job] = []
        for group_id, ports in groups.items():
            servers = [_new_server(vm, one) for one in ports]
            try:
                jobs += self._start(self._add_request(group_id, servers), vm, group_id)
            except ApiError as error:
                if error.code not in self.address_in_group or not self._has_members(vm, ports):
                    raise
        return jobs

    def start_removing(self, vm: Instance) -> list[Job]:
        """Request that every port of the instance leaves every group that it is in.

        An account without rights for these load balancers has no groups to leave: that refusal is
        only logged. Groups drop a deleted instance by themselves in the end.

        :return: the jobs, for ``wait_for_jobs``
        """
        try:
            servers = self._servers_of(vm)
        except ApiError as error:
            if error.is_retryable:
                raise
            logger.warning("%s server groups cannot be searched: %s", self.kind, error.message)
            return []
        groups: dict[str, list[dict[str, Any]]] = {}
        for server in servers:
            ports = groups.setdefault(server.resource_id("ServerGroupId"), [])
            ports.append(_server(vm, server.integer("Port")))
        jobs: list[Job] = []
        for group_id, ports in groups.items():
            request = self._remove_request(group_id, ports)
            jobs += self._start(request, vm, group_id, ignore_codes=self.absent)
        return jobs

    def wait_for_jobs(self, jobs: Sequence[Job]) -> None:
        """Return when all of these jobs are finished, in whichever order.

        :raises CloudError: one failed
        """
        if not jobs:
            return
        pending = list(jobs)

        def read() -> list[Job]:
            for job in jobs:
                if job in pending and self._is_finished(job):
                    pending.remove(job)
            return pending

        description = " and ".join(map(str, jobs))
        try:
            wait_for(
                description,
                read,
                lambda left: not left,
                state=lambda left: f"{len(left)} of {len(jobs)} under way",
                timeout=JOB_TIMEOUT,
                clock=self._client.clock,
            )
        except ApiError as error:
            error.append(f"Whether {description} succeeded is unknown")
            raise

    @abstractmethod
    def _add_request(self, group_id: str, servers: list[dict[str, Any]]) -> Any:
        """Return the request that adds servers."""

    @abstractmethod
    def _remove_request(self, group_id: str, servers: list[dict[str, Any]]) -> Any:
        """Return the request that removes servers."""

    @abstractmethod
    def _list_request(self, vm: Instance) -> Any:
        """Return the request that lists the instance's ports in all groups."""

    @abstractmethod
    def _job_status(self, job: Job) -> str:
        """Return the status of a job: Processing, Succeeded or Failed."""

    def _start(
        self, request: Any, vm: Instance, group_id: str, ignore_codes: Collection[str] = ()
    ) -> list[Job]:
        """Request one change of a group; returns its job, or nothing where nothing is to do."""
        response = self._client.send(
            request,
            vm.region,
            tokens=ClientTokens(),
            ignore_codes=ignore_codes,
            returns_id="JobId",
        )
        if "JobId" not in response:
            return []
        job_id = response.resource_id("JobId")
        return [Job(job_id, request.get_action_name(), vm.id, vm.region, group_id)]

    def _is_finished(self, job: Job) -> bool:
        status = self._job_status(job)
        if status == "Failed":
            raise CloudError(f"{job} failed (job {job.id})")
        return status == "Succeeded"

    def _servers_of(self, vm: Instance) -> list[Fields]:
        return list(paginate(self._client, self._list_request(vm), vm.region, "Servers"))

    def _has_members(self, vm: Instance, members: Sequence[GroupMember]) -> bool:
        """Whether the groups can be read, and have all these ports."""
        try:
            servers = self._servers_of(vm)
        except ApiError:
            return False
        found = {(one.text("ServerGroupId"), one.integer("Port")) for one in servers}
        return all((member.group_id, member.port) in found for member in members)


def _server(vm: Instance, port: int) -> dict[str, Any]:
    return {"ServerId": vm.id, "ServerType": "Ecs", "Port": port}


def _new_server(vm: Instance, member: GroupMember) -> dict[str, Any]:
    described = {"Description": member.description} if member.description else {}
    return {**_server(vm, member.port), "Weight": member.weight, **described}
