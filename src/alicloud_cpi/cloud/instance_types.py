"""What the cloud says of instance types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.cloud.lookup import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.api import Api


class InstanceTypes:
    """Instance types of the account's regions."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        self._regions = regions
        del clock  # a type does not change while one looks

    def needs_nvme(self, instance_type: str, region: str) -> bool:
        """Whether disks of such an instance are NVMe devices (NvmeSupport ``required``)."""
        answer = self._ecs.call("DescribeInstanceTypes", region, InstanceTypes=[instance_type])
        found = records(answer, ("InstanceTypes", "InstanceType"))
        return any(record.get("NvmeSupport") == "required" for record in found)
