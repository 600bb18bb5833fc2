"""SLB 2014-05-15, classic load balancers: importing it registers every simulated action."""

from . import (
    balancers,
    certificates,
    default_group,
    health,
    lifecycle,
    listeners,
    modify_listeners,
    modify_vserver_groups,
    places,
    tag_resources,
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
    "listeners",
    "modify_listeners",
    "modify_vserver_groups",
    "places",
    "slb",
    "tag_resources",
    "vserver_groups",
    "vserver_lifecycle",
]
