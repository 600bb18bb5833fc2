"""ECS cloud disks: find, create, attach, detach, resize, delete.

Returns None when a disk does not exist; the action chooses the BOSH error. AttachDisk, DetachDisk
and DeleteDisk accept no ClientToken, so each says how to tell whether its effect is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aliyunsdkecs.request.v20140526.AttachDiskRequest import AttachDiskRequest
from aliyunsdkecs.request.v20140526.CreateDiskRequest import CreateDiskRequest
from aliyunsdkecs.request.v20140526.DeleteDiskRequest import DeleteDiskRequest
from aliyunsdkecs.request.v20140526.DescribeDisksRequest import DescribeDisksRequest
from aliyunsdkecs.request.v20140526.DetachDiskRequest import DetachDiskRequest
from aliyunsdkecs.request.v20140526.ModifyDiskAttributeRequest import ModifyDiskAttributeRequest
from aliyunsdkecs.request.v20140526.ResizeDiskRequest import ResizeDiskRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import first_found, paginate
from alicloud_cpi.aliyun.waiter import WaitTimeout, wait_for, wait_until_gone
from alicloud_cpi.cloud_properties.disk import DiskProperties
from alicloud_cpi.errors import CloudError, DiskNotFound
from alicloud_cpi.services import tags
from alicloud_cpi.services.disk import (
    AVAILABLE,
    DETACHING,
    IN_USE,
    MODIFYING,
    PERSISTENT,
    PERSISTENT_WITH_KEY,
    Disk,
    find_disk,
)
from alicloud_cpi.services.disk_specs import DiskSpecs
from alicloud_cpi.services.instance import Instance
from alicloud_cpi.services.naming import resource_name

# Seconds.
CREATE_TIMEOUT = 300.0
ATTACH_TIMEOUT = 300.0
DETACH_TIMEOUT = 600.0
DELETE_TIMEOUT = 300.0
RESIZE_TIMEOUT = 600.0
SETTLE_TIMEOUT = 600.0
EPHEMERAL_LISTED_TIMEOUT = 60.0
NEW_DISK_LISTED_TIMEOUT = 5.0
DETACHED_SHOWN_TIMEOUT = 10.0
GONE_AFTER = 20.0

# Answers of DetachDisk that often mean that the disk is detached or gone (real-cloud.md, "Codes").
_MAY_BE_DETACHED = (
    "InvalidDiskId.NotFound",
    "InvalidDiskId.OperationNotSupported",
    "InvalidInstanceId.NotFound",
)


class Disks:
    """Disks of the account, in the regions that the call looks in."""

    def __init__(self, client: Client, regions: Sequence[str]) -> None:
        self._client = client
        self._regions = regions
        self.specs = DiskSpecs(client)

    # Find

    def find(self, disk_id: str) -> Disk | None:
        """Return the disk, or None where no region has it."""
        return first_found(self._regions, lambda region: self.find_in(region, disk_id))

    def find_in(self, region: str, disk_id: str) -> Disk | None:
        """Return the disk if this region has it."""
        return find_disk(self._client, region, disk_id)

    def find_new(self, disk_id: str) -> Disk | None:
        """Return the disk, looking for a few seconds: lists show a new disk late."""
        try:
            return wait_for(
                f"disk '{disk_id}' to be listed",
                lambda: self.find(disk_id),
                lambda disk: disk is not None,
                timeout=NEW_DISK_LISTED_TIMEOUT,
                clock=self._client.clock,
            )
        except WaitTimeout:
            return None

    def data_disks(self, region: str) -> Iterator[Disk]:
        """Yield all data disks of a region."""
        request = DescribeDisksRequest()
        request.set_DiskType("data")
        for fields in paginate(self._client, request, region, "Disks", "Disk"):
            yield Disk.from_api(fields, region)

    def attached_to(self, vm: Instance) -> list[Disk]:
        """Return all disks of an instance, its system disk too."""
        request = DescribeDisksRequest()
        request.set_InstanceId(vm.id)
        found = paginate(self._client, request, vm.region, "Disks", "Disk")
        return [Disk.from_api(fields, vm.region) for fields in found]

    def persistent_of(self, vm: Instance) -> list[Disk]:
        """Return the persistent disks of an instance.

        A VM that this CPI created has its ephemeral disk described as such: all its other data
        disks are persistent, also one that another CPI created.
        """
        return [disk for disk in self.attached_to(vm) if _is_persistent(disk, vm)]

    def created_with(self, vm: Instance) -> list[Disk]:
        """Return the other ones: the system disk and the ephemeral disk."""
        return [disk for disk in self.attached_to(vm) if not _is_persistent(disk, vm)]

    def ephemeral_of(self, vm: Instance) -> list[Disk]:
        """Return the data disks that were created with the instance, as far as they are listed."""
        return [disk for disk in self.attached_to(vm) if disk.is_ephemeral]

    def wait_for_ephemeral(self, vm: Instance) -> Disk:
        """Return the data disk that was created with the instance, once it is listed.

        :raises WaitTimeout: it does not show
        """
        found = wait_for(
            f"the ephemeral disk of VM '{vm.id}' to be listed",
            lambda: [disk for disk in self.attached_to(vm) if disk.type == "data"],
            bool,
            state=lambda disks: f"{len(disks)} data disks",
            timeout=EPHEMERAL_LISTED_TIMEOUT,
            clock=self._client.clock,
        )
        return found[0]

    # Create and delete

    def create(self, region: str, zone: str, properties: DiskProperties) -> str:
        """Request a persistent disk and return its id; it is not Available yet.

        :raises ApiError: the cloud refused
        """
        request = CreateDiskRequest()
        request.set_ZoneId(zone)
        request.set_Size(properties.size_gib)
        request.set_DiskCategory(properties.category)
        request.set_Description(PERSISTENT_WITH_KEY if properties.kms_key_id else PERSISTENT)
        request.set_Tags(tags.for_creation(properties.tags))
        request.set_PerformanceLevel(properties.performance_level)
        request.set_Encrypted(properties.encrypted or None)
        request.set_KMSKeyId(properties.kms_key_id)
        request.set_ResourceGroupId(properties.resource_group_id)
        request.set_DiskName(resource_name(properties.name, prefix="disk-"))
        try:
            response = self._client.send(
                request, region, tokens=ClientTokens(), returns_id="DiskId"
            )
        except ApiError as error:
            if error.effect_unknown:
                error.append(f"A disk of {properties.size_gib} GiB in {zone} may have been created")
                error.ok_to_retry = False
            raise
        return response.resource_id("DiskId")

    def wait_until_created(self, region: str, disk_id: str) -> None:
        """Return when a new disk is Available."""
        self._wait(region, disk_id, "to be Available", lambda d: d.is_available, CREATE_TIMEOUT)

    def delete(self, disk: Disk) -> None:
        """Delete a disk that is Available, and return when it is gone."""
        self._delete(disk.region, disk.id)

    def delete_unfinished(self, region: str, disk_id: str) -> None:
        """Delete a disk that this call created, in any status, listed or not."""
        found = self.find_in(region, disk_id)
        if found is not None:
            self.wait_until_settled(found)
        self._delete(region, disk_id)

    def _delete(self, region: str, disk_id: str) -> None:
        request = DeleteDiskRequest()
        request.set_DiskId(disk_id)
        # Ids are not reused, so a second DeleteDisk does no harm.
        self._change(
            region, disk_id, request, idempotent=True, ignore_codes=("InvalidDiskId.NotFound",)
        )
        wait_until_gone(
            f"disk '{disk_id}'",
            lambda: self.find_in(region, disk_id),
            timeout=DELETE_TIMEOUT,
            clock=self._client.clock,
        )

    # Attach and detach

    def attach(self, disk: Disk, vm: Instance) -> None:
        """Attach a disk that is Available and return when it is usable; it outlives the instance.

        :raises ApiError: such as InstanceDiskLimitExceeded, ResourcesNotInSameZone
        :raises CloudError: the disk was attached to another instance meanwhile
        """
        request = AttachDiskRequest()
        request.set_DiskId(disk.id)
        request.set_InstanceId(vm.id)
        request.set_DeleteWithInstance(False)
        self._change(
            disk.region,
            disk.id,
            request,
            already_applied=lambda: self._is_attached(disk, vm),
            # The list showed it as Available although an earlier call has attached it.
            ignore_codes=("InvalidDisk.InUse",),
        )
        found = self._wait(
            disk.region,
            disk.id,
            f"to be attached to VM '{vm.id}'",
            lambda d: d.status == IN_USE,
            ATTACH_TIMEOUT,
        )
        if found.instance_id != vm.id:
            raise CloudError(
                f"Disk '{disk.id}' is attached to VM '{found.instance_id}', not to '{vm.id}'"
            )

    def detach(self, disk: Disk, vm: Instance) -> None:
        """Detach a disk and return when it is Available.

        :raises DiskNotFound: it was deleted meanwhile
        :raises CloudError: another call attached it again meanwhile
        """
        request = DetachDiskRequest()
        request.set_DiskId(disk.id)
        request.set_InstanceId(vm.id)
        try:
            self._change(
                disk.region,
                disk.id,
                request,
                already_applied=lambda: self._is_detached(disk),
                ignore_codes=("InvalidDisk.AlreadyDetached",),
            )
        except ApiError as error:
            if error.code not in _MAY_BE_DETACHED or not self._shows_detached(disk):
                raise
        self._wait_until_detached(disk, vm)

    def _wait_until_detached(self, disk: Disk, vm: Instance) -> None:
        missing_since: float | None = None

        def is_detached(found: Disk | None) -> bool:
            nonlocal missing_since
            if found is None:
                missing_since = missing_since or self._client.clock.now()
                if self._client.clock.now() - missing_since >= GONE_AFTER:
                    raise DiskNotFound(disk.id)
                return False
            missing_since = None
            if found.is_attached_since(disk):
                raise CloudError(
                    f"Disk '{disk.id}' was attached to VM '{found.instance_id}' again while it was "
                    f"being detached from VM '{vm.id}'"
                )
            return found.is_available

        wait_for(
            f"disk '{disk.id}' to be Available",
            lambda: self.find_in(disk.region, disk.id),
            is_detached,
            timeout=DETACH_TIMEOUT,
            clock=self._client.clock,
        )

    def _shows_detached(self, disk: Disk) -> bool:
        """Whether the disk is detached or gone; lists show it late."""
        try:
            wait_for(
                f"disk '{disk.id}' to show as detached",
                lambda: self.find_in(disk.region, disk.id),
                lambda found: found is None or found.status in (DETACHING, AVAILABLE),
                timeout=DETACHED_SHOWN_TIMEOUT,
                clock=self._client.clock,
            )
        except WaitTimeout:
            return False
        return True

    def _is_attached(self, disk: Disk, vm: Instance) -> bool:
        found = self.find_in(disk.region, disk.id)
        # While Attaching, a disk does not show its instance yet.
        return found is not None and (
            found.instance_id == vm.id or (found.status == "Attaching" and not found.instance_id)
        )

    def _is_detached(self, disk: Disk) -> bool:
        found = self.find_in(disk.region, disk.id)
        return found is not None and found.status in (DETACHING, AVAILABLE)

    # Change

    def resize(self, disk: Disk, size_gib: int) -> None:
        """Request a larger size for a detached disk."""
        request = ResizeDiskRequest()
        request.set_DiskId(disk.id)
        request.set_NewSize(size_gib)
        request.set_Type("offline")
        self._change(disk.region, disk.id, request, tokens=ClientTokens())

    def wait_until_resized(self, disk: Disk, size_gib: int) -> None:
        """Return when the disk has its new size."""
        self._wait(
            disk.region,
            disk.id,
            f"to have {size_gib} GiB",
            lambda d: d.size_gib == size_gib and not d.is_changing,
            RESIZE_TIMEOUT,
        )

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

    def _change(self, region: str, disk_id: str, request: Any, **options: Any) -> None:
        """Send a request, if need be after a spec change that is under way."""
        self.specs.retry_after_pending_change(
            region, disk_id, lambda: self._client.send(request, region, **options)
        )

    # Wait

    def wait_until_released(self, disk: Disk, vm: Instance) -> None:
        """Return when a deleted VM no longer has the disk.

        It is Available, or is being changed, or another VM has it by now.
        """

        def is_released(found: Disk) -> bool:
            return found.is_available or (
                found.instance_id != vm.id and found.status in (IN_USE, MODIFYING)
            )

        self._wait(disk.region, disk.id, "to be Available", is_released, DETACH_TIMEOUT)

    def wait_until_settled(self, disk: Disk) -> Disk | None:
        """Return the disk when no operation is under way; None if it was deleted."""
        if not disk.is_changing:
            return disk
        if disk.status == MODIFYING:
            return self.specs.wait_until_settled(disk)
        return wait_for(
            f"disk '{disk.id}' to be Available or In_use",
            lambda: self.find_in(disk.region, disk.id),
            lambda found: found is None or not found.is_changing,
            timeout=SETTLE_TIMEOUT,
            clock=self._client.clock,
            read_before=True,
        )

    def _wait(
        self,
        region: str,
        disk_id: str,
        wanted: str,
        until: Callable[[Disk], bool],
        timeout: float,
    ) -> Disk:
        found = wait_for(
            f"disk '{disk_id}' {wanted}",
            lambda: self.find_in(region, disk_id),
            lambda disk: disk is not None and until(disk),
            timeout=timeout,
            clock=self._client.clock,
        )
        if found is None:
            raise CloudError(f"Disk '{disk_id}' was deleted while the CPI waited for it")
        return found


def _is_persistent(disk: Disk, vm: Instance) -> bool:
    return disk.is_persistent or (vm.is_ours and disk.type == "data" and not disk.is_ephemeral)
