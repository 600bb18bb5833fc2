"""VPC 2016-04-28: networks and what belongs to them."""

from . import ecs_eips, eips, networks, vpcs, vswitches
from .service import vpc

__all__ = ["ecs_eips", "eips", "networks", "vpc", "vpcs", "vswitches"]
