"""ECS cloud disks: find, create, attach, detach, resize, delete.

Speaks ECS terms and returns plain values. A disk that is not there is None, not an exception:
what its absence means to BOSH is for the action to say. AttachDisk and its kin take no
ClientToken, so each says how to tell whether its effect is there (``unless``).
"""

from __future__ import annotations

import uuid
from functools import partial

from alicloud_cpi.cloud.lookup import every, first_found, ids, records, tags_of
from alicloud_cpi.cloud.spec_changes import SPEC_CHANGED, SpecChanges
from alicloud_cpi.cloud.wait import Budget, WaitTimeout, wait_for
from alicloud_cpi.cloud.wire.retry import harmless_twice
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.instances import Instance
    from alicloud_cpi.cloud.wire.api import Api

CREATED = Budget(timeout=300)
ATTACHED = Budget(timeout=300)
DETACHED = Budget(timeout=600)
DELETED = Budget(timeout=300)
RESIZED = Budget(timeout=600)
SETTLED = Budget(timeout=600)
SHOWN = Budget(timeout=60)
NEW_DISK_LISTED = Budget(timeout=5)

AVAILABLE, IN_USE = "Available", "In_use"

# Written into the description of what this CPI makes, so that a VM's own disk is never taken for
# one that holds an instance's data, whatever flags somebody sets on it.
PERSISTENT = "BOSH persistent disk"
EPHEMERAL = "BOSH ephemeral disk"

# The first data disk made together with an instance: other CPIs leave no description.
_FIRST_DATA_DEVICE = "/dev/xvdb"


class Disk(Record):
    """One disk as DescribeDisks tells it; ``instance_id`` is empty unless attached."""

    id: str
    region: str
    zone: str
    status: str
    size_gib: int
    name: str
    category: str
    performance_level: str
    type: str
    instance_id: str
    device: str
    serial_number: str
    description: str
    encrypted: bool
    kms_key_id: str
    delete_with_instance: bool
    tags: dict[str, str]

    @property
    def is_free(self) -> bool:
        """Whether it can be attached, resized or deleted now."""
        return self.status == AVAILABLE

    @property
    def is_changing(self) -> bool:
        """Whether the cloud is still at work on it: Creating, Attaching, Detaching, ReIniting.

        Modifying is in no list of statuses, but has been seen during a change of spec.
        """
        return self.status not in (AVAILABLE, IN_USE)

    @property
    def is_persistent(self) -> bool:
        """Whether it is a data disk that outlives its VM."""
        if self.type == "system" or self.description == EPHEMERAL:
            return False
        if self.description == PERSISTENT:
            return True
        return not (self.device == _FIRST_DATA_DEVICE and self.delete_with_instance)


class Disks:
    """Disks of the account, in the regions that the call looks in."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        self._regions = regions
        self._clock = clock
        self.specs = SpecChanges(ecs, clock, self.find_in)

    def find(self, disk_id: str) -> Disk | None:
        """Return the disk, or None where no region has it."""
        return first_found(self._regions, lambda region: self.find_in(region, disk_id))

    def find_in(self, region: str, disk_id: str) -> Disk | None:
        """Return the disk if this region has it."""
        answer = self._ecs.call("DescribeDisks", region, DiskIds=ids(disk_id))
        found = records(answer, ("Disks", "Disk"))
        return _disk(found[0], region) if found else None

    def find_new(self, disk_id: str) -> Disk | None:
        """Return the disk, looking for a while: lists show a new disk late."""
        found = self.find(disk_id)
        if found is not None:
            return found
        try:
            return wait_for(
                f"disk '{disk_id}' to be listed",
                lambda: self.find(disk_id),
                lambda disk: disk is not None,
                state=_status_of,
                budget=NEW_DISK_LISTED,
                clock=self._clock,
            )
        except WaitTimeout:
            return None

    def of_instance(self, vm: Instance) -> list[Disk]:
        """Return all disks of an instance, its system disk too."""
        found = every(self._ecs, "DescribeDisks", vm.region, ("Disks", "Disk"), InstanceId=vm.id)
        return [_disk(record, vm.region) for record in found]

    def persistent_of(self, vm: Instance) -> list[Disk]:
        """Return the persistent disks of an instance.

        On a VM that this CPI made the VM's own disk says what it is: all others are persistent,
        also one that another CPI made.
        """
        return [
            disk
            for disk in self.of_instance(vm)
            if disk.is_persistent
            or (vm.is_ours and disk.type == "data" and disk.description != EPHEMERAL)
        ]

    def own_of(self, vm: Instance) -> list[Disk]:
        """Return the data disks that were made with the instance, those that show already."""
        return [disk for disk in self.of_instance(vm) if disk.description == EPHEMERAL]

    def ephemeral_of(self, vm: Instance) -> Disk:
        """Return the data disk that was made with the instance, waiting for it to show.

        :raises WaitTimeout: it does not show
        """

        def data_disk() -> Disk | None:
            return next((disk for disk in self.of_instance(vm) if disk.type == "data"), None)

        found = data_disk() or wait_for(
            f"the ephemeral disk of VM '{vm.id}' to show",
            data_disk,
            lambda disk: disk is not None,
            state=_status_of,
            budget=SHOWN,
            clock=self._clock,
        )
        assert found is not None  # noqa: S101 - that was waited for
        return found

    def create(self, region: str, parameters: Mapping[str, Any]) -> str:
        """Ask for a disk and return its id before it can be used.

        :param parameters: CreateDisk's own
        :raises ApiError: the cloud refused
        """
        answer = self._ecs.call("CreateDisk", region, ClientToken=str(uuid.uuid4()), **parameters)
        return str(answer["DiskId"])

    def attach(self, disk: Disk, vm: Instance) -> None:
        """Attach a free disk and return when it is usable; it will outlive the instance.

        :raises ApiError: such as InstanceDiskLimitExceeded, ResourcesNotInSameZone
        :raises CloudError: somebody attached it to another instance meanwhile
        """
        self._change(
            "AttachDisk",
            disk.region,
            disk.id,
            InstanceId=vm.id,
            DeleteWithInstance=False,
            # A read that lags showed it free, while an earlier call has attached it already.
            done=("InvalidDisk.InUse",),
            unless=lambda: self._is_attached(disk, vm),
        )
        found = self._wait(
            disk,
            f"to be attached to VM '{vm.id}'",
            lambda found: found.status == IN_USE,
            ATTACHED,
        )
        if found.instance_id != vm.id:
            raise CloudError(
                f"Disk '{disk.id}' is attached to VM '{found.instance_id}', not to '{vm.id}'"
            )

    def detach(self, disk: Disk, vm: Instance) -> None:
        """Detach the disk and return when it is Available."""
        self._change(
            "DetachDisk",
            disk.region,
            disk.id,
            InstanceId=vm.id,
            done=("InvalidDisk.AlreadyDetached",),
            unless=lambda: self._status(disk) in ("Detaching", AVAILABLE),
        )
        self.wait_available(disk, DETACHED)

    def ask_to_grow(self, disk: Disk, size_gib: int) -> None:
        """Ask for a free disk to grow; returns before it has."""
        self._change(
            "ResizeDisk",
            disk.region,
            disk.id,
            NewSize=size_gib,
            Type="offline",
            ClientToken=str(uuid.uuid4()),
        )

    def wait_grown(self, disk: Disk, size_gib: int) -> None:
        """Return when the disk has its new size."""
        self._wait(
            disk,
            f"to have {size_gib} GiB",
            lambda found: found.size_gib == size_gib and not found.is_changing,
            RESIZED,
        )

    def keep(self, disk: Disk) -> None:
        """Make sure that the disk outlives its instance (DeleteWithInstance=false)."""
        self._ecs.call(
            "ModifyDiskAttribute",
            disk.region,
            DiskId=disk.id,
            DeleteWithInstance=False,
            unless=harmless_twice,
        )

    def rename(self, disk: Disk, name: str) -> None:
        """Give the disk a name (DiskName)."""
        self._ecs.call(
            "ModifyDiskAttribute",
            disk.region,
            DiskId=disk.id,
            DiskName=name,
            unless=harmless_twice,
        )

    def delete(self, disk: Disk) -> None:
        """Delete a free disk and return when it is gone."""
        self._delete(disk.region, disk.id)

    def take_back(self, region: str, disk_id: str) -> None:
        """Delete a disk that this call made, whatever it is up to, listed or not yet."""
        found = self.find_in(region, disk_id)
        if found is not None:
            self.settled(found)
        self._delete(region, disk_id)

    def _delete(self, region: str, disk_id: str) -> None:
        self._change(
            "DeleteDisk",
            region,
            disk_id,
            done=("InvalidDiskId.NotFound",),
            # Ids are not used again: a second DeleteDisk finds nothing, which is what is wanted.
            unless=harmless_twice,
        )
        wait_for(
            f"disk '{disk_id}' to be deleted",
            lambda: self.find_in(region, disk_id),
            lambda found: found is None,
            state=_status_of,
            budget=DELETED,
            clock=self._clock,
        )

    def _change(self, action: str, region: str, disk_id: str, **parameters: Any) -> None:
        """Ask for a change of a disk, after the change of its spec that stands in the way."""
        request = partial(self._ecs.call, action, region, DiskId=disk_id, **parameters)
        self.specs.in_turn(region, disk_id, request)

    def wait_available(self, disk: Disk, budget: Budget) -> Disk:
        """Return the disk once it is Available."""
        return self._wait(disk, "to be Available", lambda found: found.is_free, budget)

    def wait_created(self, region: str, disk_id: str) -> Disk:
        """Return a new disk once it is Available."""
        return self._wait_in(
            region, disk_id, "to be Available", lambda found: found.is_free, CREATED
        )

    def settled(self, disk: Disk) -> Disk | None:
        """Return the disk once the cloud is no longer at work on it; None if it went away."""
        if not disk.is_changing:
            return disk
        return wait_for(
            f"disk '{disk.id}' to be Available or In_use",
            lambda: self.find_in(disk.region, disk.id),
            lambda found: found is None or not found.is_changing,
            state=_status_of,
            budget=SPEC_CHANGED if disk.status == "Modifying" else SETTLED,
            clock=self._clock,
        )

    def _wait(self, disk: Disk, wanted: str, until: Callable[[Disk], bool], budget: Budget) -> Disk:
        return self._wait_in(disk.region, disk.id, wanted, until, budget)

    def _wait_in(
        self,
        region: str,
        disk_id: str,
        wanted: str,
        until: Callable[[Disk], bool],
        budget: Budget,
    ) -> Disk:
        found = wait_for(
            f"disk '{disk_id}' {wanted}",
            lambda: self.find_in(region, disk_id),
            lambda disk: disk is not None and until(disk),
            state=_status_of,
            budget=budget,
            clock=self._clock,
        )
        if found is None:
            raise CloudError(f"Disk '{disk_id}' is gone")
        return found

    def _is_attached(self, disk: Disk, vm: Instance) -> bool:
        found = self.find_in(disk.region, disk.id)
        # While Attaching, the cloud does not say yet to which instance.
        return found is not None and (
            found.instance_id == vm.id or (found.status == "Attaching" and not found.instance_id)
        )

    def _status(self, disk: Disk) -> str:
        return _status_of(self.find_in(disk.region, disk.id))


def _status_of(found: Disk | None) -> str:
    return found.status if found else "not listed"


def _disk(record: Mapping[str, Any], region: str) -> Disk:
    record = dict(record)
    attachments = records(record, ("Attachments", "Attachment"))
    attached_to = attachments[0].get("InstanceId", "") if attachments else ""
    return Disk(
        id=record["DiskId"],
        region=record.get("RegionId") or region,
        zone=record.get("ZoneId", ""),
        status=record.get("Status", ""),
        size_gib=record.get("Size", 0),
        name=record.get("DiskName", ""),
        category=record.get("Category", ""),
        performance_level=record.get("PerformanceLevel", ""),
        type=record.get("Type", ""),
        instance_id=record.get("InstanceId") or attached_to,
        device=record.get("Device", ""),
        serial_number=record.get("SerialNumber", ""),
        description=record.get("Description", ""),
        encrypted=bool(record.get("Encrypted")),
        kms_key_id=record.get("KMSKeyId", ""),
        delete_with_instance=bool(record.get("DeleteWithInstance")),
        tags=tags_of(record),
    )
