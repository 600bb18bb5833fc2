"""set_disk_metadata(disk_cid, metadata)

Tags a persistent disk with what the Director knows of it.
Spec: https://bosh.io/docs/cpi-api-v2-method/set-disk-metadata/

A tag that the cloud refuses is a warning in the log: the disk is attached by now, and an error
would fail the deployment.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_cpi.actions.common import find_disk
from alicloud_cpi.errors import DiskNotFound

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, disk_cid: str, metadata: dict[str, Any]) -> None:
    """Tag the disk.

    :raises DiskNotFound: no such disk
    """
    if not metadata:
        find_disk(ctx, disk_cid)
        return
    for region in ctx.config.regions:
        existing = partial(_tags_of, ctx, region, disk_cid)
        if ctx.services.tags.set("disk", disk_cid, region, metadata, existing):
            return
    raise DiskNotFound(disk_cid)


def _tags_of(ctx: CallContext, region: str, disk_cid: str) -> dict[str, str]:
    disk = ctx.services.disks.find_in(region, disk_cid)
    return disk.tags if disk else {}
