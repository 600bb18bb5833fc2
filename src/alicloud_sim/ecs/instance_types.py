"""Instance types: what they have and in which zones they are sold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from alicloud_sim.records import Record


@dataclass
class InstanceType(Record):
    """A type; the id is its name, memory in GiB. It belongs to every account and region.

    `local_disks` is how many disks of the host each instance has, all of one size.
    """

    kind: ClassVar[str] = "instance_type"

    family: str = ""
    cpus: int = 2
    memory_gib: float = 8.0
    nvme_support: str = "unsupported"
    architecture: str = "X86"
    generation: str = "ecs-6"
    most_disks: int = 17
    most_enis: int = 3
    addresses_per_eni: int = 6
    ipv6_per_eni: int = 6
    local_disks: int = 0
    local_disk_gib: int = 0
    local_category: str = ""
    zones: list[str] = field(default_factory=list)
    disk_categories: list[str] = field(default_factory=list)
    boot_modes: list[str] = field(default_factory=lambda: ["BIOS", "UEFI"])
