"""ECS instance types: their properties, and which are on sale."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aliyunsdkecs.request.v20140526.DescribeAvailableResourceRequest import (
    DescribeAvailableResourceRequest,
)
from aliyunsdkecs.request.v20140526.DescribeInstanceTypesRequest import (
    DescribeInstanceTypesRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.pagination import paginate
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.cloud_properties.vm import ChargeProperties

_PATH = ("InstanceTypes", "InstanceType")


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One instance type, as DescribeInstanceTypes returns it."""

    id: str
    cpus: int
    memory_gib: float
    generation: int
    max_interfaces: int
    max_ipv4: int
    max_ipv6: int
    local_disks: int
    local_category: str
    needs_nvme: bool

    @classmethod
    def from_api(cls, fields: Fields) -> InstanceType:
        """Read a record of DescribeInstanceTypes."""
        # The API has no generation, but families are numbered: ecs.g6 is followed by ecs.g7.
        number = re.search(r"[0-9]{1,4}", fields.text("InstanceTypeFamily"))
        return cls(
            id=fields.required_text("InstanceTypeId"),
            cpus=fields.required_integer("CpuCoreCount"),
            memory_gib=fields.number("MemorySize"),
            generation=int(number[0]) if number else 0,
            max_interfaces=fields.integer("EniQuantity"),
            max_ipv4=fields.integer("EniPrivateIpAddressQuantity"),
            max_ipv6=fields.integer("EniIpv6AddressQuantity"),
            local_disks=fields.integer("LocalStorageAmount"),
            local_category=fields.text("LocalStorageCategory"),
            needs_nvme=fields.text("NvmeSupport") == "required",
        )

    @property
    def rank(self) -> tuple[int, float, int, str]:
        """The order by size: fewest vCPUs, then least memory, then newest generation."""
        return self.cpus, self.memory_gib, -self.generation, self.id


class InstanceTypes:
    """Instance types of the account's regions."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def needs_nvme(self, region: str, instance_type: str) -> bool:
        """Whether disks of such an instance are NVMe devices (NvmeSupport ``required``)."""
        request = DescribeInstanceTypesRequest()
        request.set_InstanceTypess([instance_type])
        found = self._client.send(request, region, expect=_PATH).records(*_PATH)
        return any(fields.text("NvmeSupport") == "required" for fields in found)

    def describe(self, region: str, instance_types: Sequence[str]) -> list[InstanceType]:
        """Return the types of these names that exist."""
        request = DescribeInstanceTypesRequest()
        request.set_InstanceTypess(list(instance_types))
        found = self._client.send(request, region, expect=_PATH).records(*_PATH)
        return [InstanceType.from_api(one) for one in found]

    def at_least(self, region: str, cpus: int, memory_gib: float) -> list[InstanceType]:
        """Return the x86 types without GPU that have at least this much."""
        request = DescribeInstanceTypesRequest()
        request.set_MinimumCpuCoreCount(cpus)
        request.set_MinimumMemorySize(memory_gib)
        request.set_CpuArchitecture("X86")
        found = paginate(self._client, request, region, *_PATH)
        return [InstanceType.from_api(one) for one in found if not one.integer("GPUAmount")]

    def on_sale(self, region: str, zone: str, disk_category: str) -> set[str]:
        """Return the types that can be bought now with disks of this category.

        :param zone: empty for any zone of the region
        """
        request = DescribeAvailableResourceRequest()
        request.set_DestinationResource("InstanceType")
        request.set_IoOptimized("optimized")
        request.set_SystemDiskCategory(disk_category)
        request.set_DataDiskCategory(disk_category)
        request.set_ZoneId(zone)
        return _available(self._client.send(request, region))

    def sold(self, region: str, zone: str, charge: ChargeProperties) -> set[str]:
        """Return the types that the zone sells now, paid for in this way."""
        request = DescribeAvailableResourceRequest()
        request.set_DestinationResource("InstanceType")
        request.set_IoOptimized("optimized")
        request.set_InstanceChargeType(charge.type)
        request.set_SpotStrategy(charge.spot_strategy)
        request.set_ZoneId(zone)
        return _available(self._client.send(request, region))


def _available(response: Fields) -> set[str]:
    """Return what DescribeAvailableResource lists as on sale."""
    return {
        offer.text("Value")
        for place in response.records("AvailableZones", "AvailableZone")
        for resource in place.records("AvailableResources", "AvailableResource")
        for offer in resource.records("SupportedResources", "SupportedResource")
        if offer.text("Status") == "Available"
    }
