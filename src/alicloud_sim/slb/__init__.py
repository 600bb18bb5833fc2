"""SLB 2014-05-15, classic load balancers: importing it registers every simulated action."""

from . import balancers, default_group, health, vserver_changes, vserver_groups
from .service import slb

__all__ = [
    "balancers",
    "default_group",
    "health",
    "slb",
    "vserver_changes",
    "vserver_groups",
]
