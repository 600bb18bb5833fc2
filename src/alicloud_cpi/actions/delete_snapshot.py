"""delete_snapshot(snapshot_cid)

Deletes a snapshot of a persistent disk.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-snapshot/
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call


def run(call: Call, snapshot_cid: str) -> None:
    """Delete the snapshot and return when it is gone; one that is gone already is fine.

    :raises CloudError: the cloud refused, as for a snapshot from which disks were made
    """
    snapshot = call.cloud.snapshots.find(snapshot_cid)
    if snapshot is not None:
        call.cloud.snapshots.delete(snapshot.region, snapshot.id)
