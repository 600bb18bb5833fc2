"""resize_disk(disk_cid, size)

Enlarges a detached persistent disk; the agent grows the file system when it mounts it.
Spec: https://bosh.io/docs/cpi-api-v2-method/resize-disk/

Any error but NotSupported leaves the disk detached and the deployment broken, so what cannot be
done in place is NotSupported: the Director then creates a new disk and copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.actions.common import find_disk, refusal_as_not_supported, settled
from alicloud_cpi.cloud_properties.disk_sizing import data_disk_gib
from alicloud_cpi.errors import NotSupported

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, disk_cid: str, size: int) -> None:
    """Enlarge the disk to ``size`` MiB, rounded as create_disk rounds.

    :raises DiskNotFound: no such disk
    :raises NotSupported: the disk would shrink, it is attached, or the cloud refused
    """
    disks = ctx.services.disks
    disk = settled(ctx, find_disk(ctx, disk_cid))
    wanted = data_disk_gib(size, disk.category, disk.performance_level, current_gib=disk.size_gib)
    if wanted == disk.size_gib:
        return
    if wanted < disk.size_gib:
        raise NotSupported(
            f"Disk '{disk.id}' has {disk.size_gib} GiB and cannot shrink to {wanted} GiB"
        )
    if not disk.is_available:
        raise NotSupported(
            f"Disk '{disk.id}' is attached to VM '{disk.instance_id}': only a detached disk grows"
        )
    with refusal_as_not_supported(disk):
        disks.resize(disk, wanted)
    disks.wait_until_resized(disk, wanted)
