"""Security groups of a VPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alicloud_sim.records import Record


@dataclass
class SecurityGroup(Record):
    """A security group; its rules are not simulated."""

    kind: ClassVar[str] = "security_group"
    prefix: ClassVar[str] = "sg"

    name: str = ""
    description: str = ""
    vpc_id: str = ""
    group_type: str = "normal"
    resource_group_id: str = ""
