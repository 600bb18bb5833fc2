"""ALB's kinds of groups, servers and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alicloud_sim.server_groups.records import Family, GroupJob, Server, ServerGroup


@dataclass
class AlbServerGroup(ServerGroup):
    """A server group of application load balancers."""

    kind: ClassVar[str] = "alb_server_group"
    prefix: ClassVar[str] = "sgp"

    protocol: str = "HTTP"


@dataclass
class AlbServer(Server):
    """A server of such a group."""

    kind: ClassVar[str] = "alb_server"
    prefix: ClassVar[str] = "rs"


@dataclass
class AlbJob(GroupJob):
    """A change of such a group."""

    kind: ClassVar[str] = "alb_job"
    prefix: ClassVar[str] = "job"


ALB = Family("alb", AlbServerGroup, AlbServer, AlbJob)
ALB.watch_releases()
