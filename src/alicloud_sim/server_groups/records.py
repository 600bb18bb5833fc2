"""Groups, their servers and the jobs that change them; NLB and ALB have kinds of their own.

A group is Available or Configuring, a server Adding, Available, Configuring or Removing, a
job Processing, Succeeded or Failed (semantics.md section 10).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from alicloud_sim.records import Record
from alicloud_sim.world import on_removed

if TYPE_CHECKING:
    from alicloud_sim.world import World


@dataclass
class ServerGroup(Record):
    """A group: of type Instance or Ip, in one VPC.

    With any_port its servers have no port of their own. Until `locked_until` the change
    that is under way holds the group's lock.
    """

    name: str = ""
    type: str = "Instance"
    vpc_id: str = ""
    protocol: str = "TCP"
    scheduler: str = "Wrr"
    any_port: bool = False
    related_load_balancer_ids: list[str] = field(default_factory=list)
    resource_group_id: str = ""
    locked_until: float = 0.0


@dataclass
class Server(Record):
    """One server and port of a group."""

    group_id: str = ""
    server_id: str = ""
    server_type: str = "Ecs"
    ip: str = ""
    port: int = 0
    weight: int = 100
    description: str = ""
    zone_id: str = ""
    remote_ip: bool = False


@dataclass
class GroupJob(Record):
    """One change of a group; `ended` is 0 while it is under way."""

    status: str = "Processing"
    group_id: str = ""
    api: str = ""
    operation: str = "Update"
    ended: float = 0.0


G = TypeVar("G", bound=ServerGroup)
S = TypeVar("S", bound=Server)
J = TypeVar("J", bound=GroupJob)


@dataclass(frozen=True)
class Family(Generic[G, S, J]):
    """The three kinds of a product; its name begins pace keys, quotas and settings."""

    name: str
    group: type[G]
    server: type[S]
    job: type[J]

    def members(self, world: World, group_id: str) -> list[S]:
        """List the real servers of a group, in the order they were added."""
        return [one for one in world.all(self.server) if one.group_id == group_id]

    def new_job_id(self, world: World) -> str:
        """Make an id of the form jobs have: a UUID, the same for the same seed."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, world.ids.text(20)))

    def watch_releases(self) -> None:
        """Take released instances and interfaces out of all groups (semantics.md: MEM)."""

        def leave(world: World, gone: Record) -> None:
            for server in world.all(self.server):
                if server.server_id == gone.id:
                    world.remove(server)

        on_removed("instance", leave)
        on_removed("eni", leave)
