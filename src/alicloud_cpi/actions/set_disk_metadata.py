"""set_disk_metadata(disk_cid, metadata)

Tags a persistent disk with what the Director knows of it.
Spec: https://bosh.io/docs/cpi-api-v2-method/set-disk-metadata/

A tag that the cloud refuses is a warning in the log: the disk is attached by now, and an error
would fail the deployment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_cpi.actions.common import find_disk

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, disk_cid: str, metadata: dict[str, Any]) -> None:
    """Tag the disk.

    :raises DiskNotFound: no such disk
    """
    disk = find_disk(ctx, disk_cid)
    ctx.services.tags.add("disk", disk.id, disk.region, metadata, disk.tags)
