"""NLB's kinds of groups, servers and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alicloud_sim.server_groups.records import Family, GroupJob, Server, ServerGroup


@dataclass
class NlbServerGroup(ServerGroup):
    """A server group of network load balancers."""

    kind: ClassVar[str] = "nlb_server_group"
    prefix: ClassVar[str] = "sgp"


@dataclass
class NlbServer(Server):
    """A server of such a group."""

    kind: ClassVar[str] = "nlb_server"
    prefix: ClassVar[str] = "rs"


@dataclass
class NlbJob(GroupJob):
    """A change of such a group."""

    kind: ClassVar[str] = "nlb_job"
    prefix: ClassVar[str] = "job"


NLB = Family("nlb", NlbServerGroup, NlbServer, NlbJob)
NLB.watch_releases()
