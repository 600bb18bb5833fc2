"""VPC 2016-04-28: networks and what belongs to them."""

from . import (
    ecs_eips,
    eip_lifecycle,
    eips,
    networks,
    places,
    tag_resources,
    vpcs,
    vswitches,
)
from .service import vpc

__all__ = [
    "ecs_eips",
    "eip_lifecycle",
    "eips",
    "networks",
    "places",
    "tag_resources",
    "vpc",
    "vpcs",
    "vswitches",
]
