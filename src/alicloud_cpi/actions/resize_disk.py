"""resize_disk(disk_cid, size)

Grows a detached persistent disk; the agent grows the file system when it mounts it.
Spec: https://bosh.io/docs/cpi-api-v2-method/resize-disk/

Any error but NotSupported leaves the disk detached and the deployment broken, so what cannot be
done in place is NotSupported: the Director then makes a new disk and copies.
"""

from __future__ import annotations

from alicloud_cpi.cloud.in_place import in_place
from alicloud_cpi.errors import DiskNotFound, NotSupported
from alicloud_cpi.units import disk_gib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call


def run(call: Call, disk_cid: str, size: int) -> None:
    """Grow the disk to ``size`` MiB, rounded as create_disk rounds.

    :raises DiskNotFound: no such disk
    :raises NotSupported: the disk would shrink, it is attached, or the cloud refused
    """
    disks = call.cloud.disks
    disk = disks.settled(call.disk(disk_cid))
    if disk is None:
        raise DiskNotFound(disk_cid)
    wanted = disk_gib(size, disk.category, disk.performance_level, present_gib=disk.size_gib)
    if wanted == disk.size_gib:
        return
    if wanted < disk.size_gib:
        raise NotSupported(
            f"Disk '{disk.id}' has {disk.size_gib} GiB and cannot shrink to {wanted} GiB"
        )
    if not disk.is_free:
        raise NotSupported(
            f"Disk '{disk.id}' is attached to VM '{disk.instance_id}': only a detached disk grows"
        )
    with in_place(disk):
        disks.ask_to_grow(disk, wanted)
    disks.wait_grown(disk, wanted)
