"""delete_snapshot(snapshot_cid)

Deletes a snapshot of a persistent disk.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-snapshot/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, snapshot_cid: str) -> None:
    """Delete the snapshot and return when it is gone; one that is gone already is a success.

    :raises CloudError: the cloud refused, as for a snapshot from which disks were created
    """
    snapshot = ctx.services.snapshots.find(snapshot_cid)
    if snapshot is not None:
        ctx.services.snapshots.delete(snapshot.region, snapshot.id)
