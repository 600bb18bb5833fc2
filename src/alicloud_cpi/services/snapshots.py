"""Snapshots of disks: find, create, delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aliyunsdkecs.request.v20140526.CreateSnapshotRequest import CreateSnapshotRequest
from aliyunsdkecs.request.v20140526.DeleteSnapshotRequest import DeleteSnapshotRequest
from aliyunsdkecs.request.v20140526.DescribeSnapshotsRequest import DescribeSnapshotsRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import first_found, json_ids, paginate
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import wait_for, wait_until_gone
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services import tags
from alicloud_cpi.services.disk import Disk

# Seconds. A snapshot's duration grows with the data that changed since the last one.
USABLE_TIMEOUT = 3600.0
DELETE_TIMEOUT = 300.0

_PATH = ("Snapshots", "Snapshot")

# Starts the description of the snapshots that this CPI takes.
_DESCRIPTION = "BOSH snapshot of"
_MAX_DESCRIPTION = 256


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot, as DescribeSnapshots returns it."""

    id: str
    region: str
    name: str
    status: str
    description: str
    usage: str
    source_disk_id: str
    is_usable: bool
    created: str
    tags: dict[str, str]

    @classmethod
    def from_api(cls, fields: Fields, region: str) -> Snapshot:
        """Read a record of DescribeSnapshots."""
        status = fields.required_text("Status")
        return cls(
            id=fields.resource_id("SnapshotId"),
            region=fields.text("RegionId") or region,
            name=fields.text("SnapshotName"),
            status=status,
            description=fields.text("Description"),
            usage=fields.text("Usage"),
            source_disk_id=fields.text("SourceDiskId"),
            # ESSD snapshots can be used before they are accomplished.
            is_usable=status == "accomplished" or fields.flag("Available"),
            created=fields.text("CreationTime"),
            tags=fields.tags(),
        )

    @property
    def is_ours(self) -> bool:
        """Whether snapshot_disk took it."""
        return self.description.startswith(_DESCRIPTION)

    @property
    def is_of_image(self) -> bool:
        """Whether it was created with the image of a stemcell."""
        return tags.IMAGE_KEY in self.tags


class Snapshots:
    """Snapshots of the account, in the regions that the call looks in."""

    def __init__(self, client: Client, regions: Sequence[str], resource_group_id: str) -> None:
        self._client = client
        self._regions = regions
        self._resource_group_id = resource_group_id

    def find(self, snapshot_id: str) -> Snapshot | None:
        """Return the snapshot, or None where no region has it."""
        return first_found(self._regions, lambda region: self.find_in(region, snapshot_id))

    def find_in(self, region: str, snapshot_id: str) -> Snapshot | None:
        """Return the snapshot if this region has it."""
        request = DescribeSnapshotsRequest()
        request.set_SnapshotIds(json_ids(snapshot_id))
        request.set_Status("all")
        response = self._client.send(request, region, expect=_PATH)
        found = response.record_of("SnapshotId", snapshot_id, *_PATH)
        return Snapshot.from_api(found, region) if found else None

    def in_region(self, region: str) -> Iterator[Snapshot]:
        """Yield all snapshots of a region."""
        request = DescribeSnapshotsRequest()
        request.set_Status("all")
        for fields in paginate(self._client, request, region, *_PATH):
            yield Snapshot.from_api(fields, region)

    def of_image(self, region: str, image_id: str) -> list[str]:
        """Return the ids of the snapshots that are tagged as an image's, also of a deleted one."""
        request = DescribeSnapshotsRequest()
        request.set_Status("all")
        request.set_Tags([{"Key": tags.IMAGE_KEY, "Value": image_id}])
        found = paginate(self._client, request, region, *_PATH)
        return [fields.resource_id("SnapshotId") for fields in found]

    def create(
        self, disk: Disk, *, name: str, description: str, metadata: Mapping[str, Any]
    ) -> str:
        """Request a snapshot and return its id; it is not usable yet.

        :param name: empty for none
        :param metadata: its tags
        """
        request = CreateSnapshotRequest()
        request.set_DiskId(disk.id)
        request.set_Tags(tags.for_creation(metadata, reserved=0))
        request.set_ResourceGroupId(self._resource_group_id)
        request.set_SnapshotName(name)
        request.set_Description(description)
        try:
            response = self._client.send(
                request, disk.region, tokens=ClientTokens(), returns_id="SnapshotId"
            )
        except ApiError as error:
            if error.effect_unknown:
                error.append(f"A snapshot of disk '{disk.id}' may have been created")
                error.ok_to_retry = False
            raise
        return response.resource_id("SnapshotId")

    def wait_until_usable(self, region: str, snapshot_id: str) -> None:
        """Return once a disk could be created from the snapshot.

        :raises CloudError: the snapshot failed
        """

        def is_usable(found: Snapshot | None) -> bool:
            if found is not None and found.status == "failed":
                raise CloudError(f"Snapshot '{snapshot_id}' failed")
            return found is not None and found.is_usable

        wait_for(
            f"snapshot '{snapshot_id}' to be usable",
            lambda: self.find_in(region, snapshot_id),
            is_usable,
            timeout=USABLE_TIMEOUT,
            clock=self._client.clock,
        )

    def delete(self, region: str, snapshot_id: str) -> None:
        """Delete the snapshot and return when it is gone.

        :raises ApiError: such as SnapshotCreatedDisk, SnapshotCreatedImage
        """
        request = DeleteSnapshotRequest()
        request.set_SnapshotId(snapshot_id)
        # Ids are not reused, so a second DeleteSnapshot does no harm.
        self._client.send(
            request, region, idempotent=True, ignore_codes=("InvalidSnapshotId.NotFound",)
        )
        wait_until_gone(
            f"snapshot '{snapshot_id}'",
            lambda: self.find_in(region, snapshot_id),
            timeout=DELETE_TIMEOUT,
            clock=self._client.clock,
        )


def description_of(title: str) -> str:
    """Return the description of a snapshot, empty for an empty title."""
    return f"{_DESCRIPTION} {title}"[:_MAX_DESCRIPTION] if title else ""
