"""Disk categories that an instance type takes or a zone has, where nobody named one.

Every family since g7 refuses ``cloud_efficiency`` and ``cloud_ssd`` (real-cloud.md, "Categories
that an instance type takes"). Only the cloud knows what a type takes, and it differs by zone.
"""

from __future__ import annotations

import logging

from aliyunsdkecs.request.v20140526.DescribeAvailableResourceRequest import (
    DescribeAvailableResourceRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.response import Fields

logger = logging.getLogger(__name__)

# The answer of CreateInstance and AttachDisk for a disk that the instance type does not take.
CATEGORY_REFUSED = "InvalidInstanceType.NotSupportDiskCategory"

# In this order: the default of all releases first, then by price.
_PREFERRED = ("cloud_efficiency", "cloud_essd", "cloud_auto", "cloud_essd_entry")


class DiskCategories:
    """Disk categories by instance type and zone."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def accepted(self, region: str, zone: str, instance_type: str) -> tuple[str, ...]:
        """Return the categories that the type takes in the zone now; empty where none is known."""
        try:
            return self.read(region, zone, instance_type)
        except ApiError as error:
            logger.warning("the disk categories of %s cannot be read: %s", instance_type, error)
            return ()

    def read(self, region: str, zone: str, instance_type: str) -> tuple[str, ...]:
        """Return the categories that the type takes in the zone now, the preferred ones first.

        A type takes as data disk what it takes as system disk; the answer for data disks would
        depend on a system disk's category.

        :raises ApiError: they cannot be read
        """
        request = DescribeAvailableResourceRequest()
        request.set_DestinationResource("SystemDisk")
        request.set_ResourceType("instance")
        request.set_IoOptimized("optimized")
        request.set_InstanceType(instance_type)
        request.set_ZoneId(zone)
        return _offered(self._client.send(request, region))

    def alternative(self, region: str, zone: str, category: str) -> str:
        """Return another category of data disks that the zone has now; empty where there is none.

        :raises ApiError: they cannot be read
        """
        request = DescribeAvailableResourceRequest()
        request.set_DestinationResource("DataDisk")
        # Any other ResourceType requires an instance type.
        request.set_ResourceType("disk")
        request.set_ZoneId(zone)
        offered = _offered(self._client.send(request, region))
        return next((one for one in _PREFERRED if one in offered and one != category), "")

    def fallback(self, region: str, zone: str, instance_type: str, default: str) -> str:
        """Return the default category if the type takes it, else the first one that it takes."""
        accepted = self.accepted(region, zone, instance_type)
        category = next((one for one in _PREFERRED if one in accepted), default)
        if default in accepted or category == default:
            return default
        logger.info("%s does not take %s: using %s", instance_type, default, category)
        return category


def _offered(response: Fields) -> tuple[str, ...]:
    found = {
        offer.text("Value")
        for place in response.records("AvailableZones", "AvailableZone")
        for resource in place.records("AvailableResources", "AvailableResource")
        for offer in resource.records("SupportedResources", "SupportedResource")
        if offer.text("Status") == "Available"
    }
    preferred = [category for category in _PREFERRED if category in found]
    return (*preferred, *sorted(found.difference(preferred)))
