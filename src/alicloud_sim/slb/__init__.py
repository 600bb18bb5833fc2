"""SLB 2014-05-15, classic load balancers: importing it registers every simulated action."""

from . import (
    balancers,
    certificates,
    default_group,
    health,
    lifecycle,
    listener_changes,
    listeners,
    places,
    tag_resources,
    vserver_changes,
    vserver_groups,
    vserver_lifecycle,
)
from .service import slb

__all__ = [
    "balancers",
    "certificates",
    "default_group",
    "health",
    "lifecycle",
    "listener_changes",
    "listeners",
    "places",
    "slb",
    "tag_resources",
    "vserver_changes",
    "vserver_groups",
    "vserver_lifecycle",
]
