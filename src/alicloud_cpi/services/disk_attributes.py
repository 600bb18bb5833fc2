"""Attributes of disks, which change at once: name, lifetime, bursting, snapshot policy."""

from __future__ import annotations

from aliyunsdkecs.request.v20140526.ApplyAutoSnapshotPolicyRequest import (
    ApplyAutoSnapshotPolicyRequest,
)
from aliyunsdkecs.request.v20140526.ModifyDiskAttributeRequest import ModifyDiskAttributeRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import json_ids
from alicloud_cpi.services.disk import Disk

_NO_SUCH_POLICY = "ParameterInvalid"


class DiskAttributes:
    """Changes attributes of disks."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def keep(self, disk: Disk) -> None:
        """Make the disk outlive its instance (DeleteWithInstance=false)."""
        request = ModifyDiskAttributeRequest()
        request.set_DiskId(disk.id)
        request.set_DeleteWithInstance(False)
        self._client.send(request, disk.region, idempotent=True)

    def rename(self, disk: Disk, name: str) -> None:
        """Give the disk a name."""
        request = ModifyDiskAttributeRequest()
        request.set_DiskId(disk.id)
        request.set_DiskName(name)
        self._client.send(request, disk.region, idempotent=True)

    def apply_snapshot_policy(self, region: str, disk_id: str, policy_id: str) -> None:
        """Give the disk an automatic snapshot policy, instead of the one that it has.

        :raises ApiError: such as ParameterInvalid, for a policy that the region does not have
        """
        request = ApplyAutoSnapshotPolicyRequest()
        request.set_autoSnapshotPolicyId(policy_id)
        request.set_diskIds(json_ids(disk_id))
        try:
            self._client.send(request, region, idempotent=True)
        except ApiError as error:
            if error.code == _NO_SUCH_POLICY:
                error.append(f"auto_snapshot_policy_id must be that of a policy in region {region}")
            raise

    def set_bursting(self, disk: Disk, *, enabled: bool) -> None:
        """Allow or forbid that a cloud_auto disk exceeds its IOPS for a time."""
        request = ModifyDiskAttributeRequest()
        request.set_DiskId(disk.id)
        request.set_BurstingEnabled(enabled)
        self._client.send(request, disk.region, idempotent=True)
