"""VPCs and vSwitches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from alicloud_sim.records import Record


@dataclass
class Vpc(Record):
    """A virtual private cloud."""

    kind: ClassVar[str] = "vpc"
    prefix: ClassVar[str] = "vpc"

    name: str = ""
    description: str = ""
    cidr_block: str = "10.0.0.0/16"
    is_default: bool = False
    user_cidrs: list[str] = field(default_factory=list)
    resource_group_id: str = ""

    @property
    def router_id(self) -> str:
        """The router that every VPC has: its id is that of the VPC with another prefix."""
        return f"vrt-{self.id.partition('-')[2]}"

    @property
    def route_table_id(self) -> str:
        """The system route table of the router."""
        return f"vtb-{self.id.partition('-')[2]}"


@dataclass
class VSwitch(Record):
    """A subnet of a VPC in one zone."""

    kind: ClassVar[str] = "vswitch"
    prefix: ClassVar[str] = "vsw"

    name: str = ""
    description: str = ""
    vpc_id: str = ""
    zone_id: str = ""
    cidr_block: str = ""
    # Empty where IPv6 is not turned on.
    ipv6_cidr_block: str = ""
    # Blocks within either range from which interfaces get prefixes and nothing else is given.
    reserved_blocks: list[str] = field(default_factory=list)
    is_default: bool = False
