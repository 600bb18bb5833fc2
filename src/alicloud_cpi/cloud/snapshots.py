"""Snapshots of disks: find, create, delete."""

from __future__ import annotations

import uuid

from alicloud_cpi.cloud.lookup import every, first_found, ids, records
from alicloud_cpi.cloud.tags import IMAGE_KEY
from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.cloud.wire.retry import harmless_twice
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.disks import Disk
    from alicloud_cpi.cloud.wire.api import Api

# Its duration grows with the data that changed since the last one.
USABLE = Budget(timeout=3600)
GONE = Budget(timeout=300)


class Snapshot(Record):
    """One snapshot as DescribeSnapshots tells it."""

    id: str
    region: str
    status: str
    is_usable: bool


class Snapshots:
    """Snapshots of the account, in the regions that the call looks in."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        self._regions = regions
        self._clock = clock

    def find(self, snapshot_id: str) -> Snapshot | None:
        """Return the snapshot, or None where no region has it."""
        return first_found(self._regions, lambda region: self.find_in(region, snapshot_id))

    def find_in(self, region: str, snapshot_id: str) -> Snapshot | None:
        """Return the snapshot if this region has it."""
        answer = self._ecs.call(
            "DescribeSnapshots", region, SnapshotIds=ids(snapshot_id), Status="all"
        )
        found = records(answer, ("Snapshots", "Snapshot"))
        return _snapshot(found[0], region) if found else None

    def of_image(self, region: str, image_id: str) -> list[str]:
        """Return the ids of the snapshots that are tagged as those of an image, gone or not."""
        found = every(
            self._ecs,
            "DescribeSnapshots",
            region,
            ("Snapshots", "Snapshot"),
            Status="all",
            Tag=[{"Key": IMAGE_KEY, "Value": image_id}],
        )
        return [record["SnapshotId"] for record in found]

    def create(self, disk: Disk, parameters: Mapping[str, Any]) -> str:
        """Ask for a snapshot and return its id before it can be used.

        :param parameters: CreateSnapshot's SnapshotName, Description, Tag
        """
        answer = self._ecs.call(
            "CreateSnapshot",
            disk.region,
            DiskId=disk.id,
            ClientToken=str(uuid.uuid4()),
            **parameters,
        )
        return str(answer["SnapshotId"])

    def wait_usable(self, region: str, snapshot_id: str) -> None:
        """Return once a disk could be made from the snapshot.

        :raises CloudError: the snapshot failed
        """

        def usable(found: Snapshot | None) -> bool:
            if found is not None and found.status == "failed":
                raise CloudError(f"Snapshot '{snapshot_id}' failed")
            return found is not None and found.is_usable

        wait_for(
            f"snapshot '{snapshot_id}' to be usable",
            lambda: self.find_in(region, snapshot_id),
            usable,
            state=_status_of,
            budget=USABLE,
            clock=self._clock,
        )

    def delete(self, region: str, snapshot_id: str) -> None:
        """Delete the snapshot and return when it is gone.

        :raises ApiError: such as SnapshotCreatedDisk, SnapshotCreatedImage
        """
        self._ecs.call(
            "DeleteSnapshot",
            region,
            SnapshotId=snapshot_id,
            done=("InvalidSnapshotId.NotFound",),
            # Ids are not used again: a second DeleteSnapshot finds nothing.
            unless=harmless_twice,
        )
        wait_for(
            f"snapshot '{snapshot_id}' to be deleted",
            lambda: self.find_in(region, snapshot_id),
            lambda found: found is None,
            state=_status_of,
            budget=GONE,
            clock=self._clock,
        )


def _status_of(found: Snapshot | None) -> str:
    return found.status if found else "not listed"


def _snapshot(record: Mapping[str, Any], region: str) -> Snapshot:
    status = record.get("Status", "")
    return Snapshot(
        id=record["SnapshotId"],
        region=record.get("RegionId") or region,
        status=status,
        is_usable=status == "accomplished" or bool(record.get("Available")),
    )
