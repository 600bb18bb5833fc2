"""snapshot_disk(disk_cid, metadata) -> snapshot_cid

Takes a snapshot of a persistent disk, attached or not.
Spec: https://bosh.io/docs/cpi-api-v2-method/snapshot-disk/
"""

from __future__ import annotations

from alicloud_cpi.cloud import tags
from alicloud_cpi.cloud.names import snapshot_name
from alicloud_cpi.undo import Undo
from alicloud_cpi.units import cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.call import Call

# What names a snapshot among those of other instances.
_NAMED_BY = ("deployment", "job", "index")
_LONGEST_DESCRIPTION = 256


def run(call: Call, disk_cid: str, metadata: dict[str, Any] | None = None) -> str:
    """Take the snapshot and return its cid once it is usable.

    :raises DiskNotFound: no such disk
    :raises CloudError: the cloud refused, as for a disk that was never attached
    """
    disk = call.disk(disk_cid)
    snapshots = call.cloud.snapshots
    with Undo() as undo:
        snapshot_id = undo.make(
            "snapshot",
            lambda: snapshots.create(disk, _parameters(metadata or {})),
            lambda made: snapshots.delete(disk.region, made),
        )
        snapshots.wait_usable(disk.region, snapshot_id)
    return snapshot_id


def _parameters(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return a name, a description and tags from what the Director says of the instance."""
    named = [tags.text(metadata[key]) for key in _NAMED_BY if metadata.get(key) is not None]
    title = "/".join(named)
    return {
        "SnapshotName": snapshot_name(title) or None,
        "Description": cut(f"BOSH snapshot of {title}", _LONGEST_DESCRIPTION) if title else None,
        "Tag": tags.at_creation(metadata),
    }
