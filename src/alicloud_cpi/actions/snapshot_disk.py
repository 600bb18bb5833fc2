"""snapshot_disk(disk_cid, metadata) -> snapshot_cid

Takes a snapshot of a persistent disk, attached or not.
Spec: https://bosh.io/docs/cpi-api-v2-method/snapshot-disk/

A snapshot of an encrypted disk is encrypted with the disk's key.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_cpi.actions.common import find_disk, settled
from alicloud_cpi.rollback import Rollback
from alicloud_cpi.services.naming import snapshot_name
from alicloud_cpi.services.snapshots import description_of
from alicloud_cpi.services.tags import to_text

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext

# What distinguishes a snapshot from those of other instances.
_TITLE_KEYS = ("deployment", "job", "index")


def run(ctx: CallContext, disk_cid: str, metadata: dict[str, Any] | None = None) -> str:
    """Take the snapshot and return its cid once it is usable.

    :raises DiskNotFound: no such disk
    :raises CloudError: the cloud refused, as for a disk that was never attached
    """
    disk = settled(ctx, find_disk(ctx, disk_cid))
    known = metadata or {}
    title = "/".join(to_text(known[key]) for key in _TITLE_KEYS if known.get(key) is not None)
    snapshots = ctx.services.snapshots
    with Rollback() as rollback:
        snapshot_id = rollback.create(
            "snapshot",
            partial(
                snapshots.create,
                disk,
                name=snapshot_name(title),
                description=description_of(title),
                metadata=known,
                retention_days=ctx.config.snapshot_retention_days,
            ),
            delete=partial(snapshots.delete, disk.region),
        )
        snapshots.wait_until_usable(disk.region, snapshot_id)
    return snapshot_id
