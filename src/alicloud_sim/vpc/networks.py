"""VPCs and vSwitches."""

from __future__ import annotations

from dataclasses import dataclass
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
    is_default: bool = False
