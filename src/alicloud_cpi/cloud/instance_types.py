"""What the cloud says of instance types, and which are on sale."""

from __future__ import annotations

import re

from alicloud_cpi.cloud.lookup import every, records
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.api import Api


class InstanceType(Record):
    """One instance type as DescribeInstanceTypes tells it."""

    id: str
    cpus: int
    memory_gib: float
    generation: int

    @property
    def rank(self) -> tuple[int, float, int, str]:
        """Smallest first: fewest vCPUs, then least memory, then newest generation."""
        return self.cpus, self.memory_gib, -self.generation, self.id


class InstanceTypes:
    """Instance types of the account's regions."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        del regions, clock  # a type is looked up where its VM is, and does not change meanwhile

    def needs_nvme(self, instance_type: str, region: str) -> bool:
        """Whether disks of such an instance are NVMe devices (NvmeSupport ``required``)."""
        answer = self._ecs.call("DescribeInstanceTypes", region, InstanceTypes=[instance_type])
        found = records(answer, ("InstanceTypes", "InstanceType"))
        return any(record.get("NvmeSupport") == "required" for record in found)

    def at_least(self, region: str, cpus: int, memory_gib: float) -> list[InstanceType]:
        """Return the x86 types without GPU that have at least this much."""
        found = every(
            self._ecs,
            "DescribeInstanceTypes",
            region,
            ("InstanceTypes", "InstanceType"),
            MinimumCpuCoreCount=cpus,
            MinimumMemorySize=memory_gib,
            CpuArchitecture="X86",
        )
        return [_type(record) for record in found if not record.get("GPUAmount")]

    def on_sale(self, region: str, zone: str, disk_category: str) -> set[str]:
        """Return the types that can be bought now with disks of this category.

        :param zone: empty for any zone of the region
        """
        answer = self._ecs.call(
            "DescribeAvailableResource",
            region,
            DestinationResource="InstanceType",
            ZoneId=zone or None,
            IoOptimized="optimized",
            SystemDiskCategory=disk_category,
            DataDiskCategory=disk_category,
        )
        return {
            offered["Value"]
            for place in records(answer, ("AvailableZones", "AvailableZone"))
            for resource in records(place, ("AvailableResources", "AvailableResource"))
            for offered in records(resource, ("SupportedResources", "SupportedResource"))
            if offered.get("Status") == "Available"
        }


def _type(record: Mapping[str, Any]) -> InstanceType:
    # The cloud tells no generation, but families count theirs: ecs.g6 is followed by ecs.g7.
    number = re.search(r"\d+", record.get("InstanceTypeFamily", ""))
    return InstanceType(
        id=record["InstanceTypeId"],
        cpus=record.get("CpuCoreCount", 0),
        memory_gib=record.get("MemorySize", 0.0),
        generation=int(number[0]) if number else 0,
    )
