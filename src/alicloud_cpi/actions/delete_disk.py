"""delete_disk(disk_cid)

Deletes a persistent disk; its snapshots stay.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-disk/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, disk_cid: str) -> None:
    """Delete the disk and return when it is gone; one that is gone already is a success.

    :raises CloudError: it is attached to a VM, which is named, or the cloud refused
    """
    disks = ctx.services.disks
    listed = disks.find(disk_cid)
    disk = disks.wait_until_settled(listed) if listed else None
    if disk is None:
        return
    if not disk.is_available:
        raise CloudError(
            f"Disk '{disk.id}' is attached to VM '{disk.instance_id}': detach it first"
        )
    disks.delete(disk)
