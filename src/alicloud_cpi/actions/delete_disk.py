"""delete_disk(disk_cid)

Deletes a persistent disk; its snapshots stay.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-disk/
"""

from __future__ import annotations

from alicloud_cpi.errors import CloudError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call


def run(call: Call, disk_cid: str) -> None:
    """Delete the disk and return when it is gone; one that is gone already is fine.

    :raises CloudError: it is attached to a VM, which is named, or the cloud refused
    """
    disks = call.cloud.disks
    disk = disks.find(disk_cid)
    disk = disks.settled(disk) if disk else None
    if disk is None:
        return
    if not disk.is_free:
        raise CloudError(
            f"Disk '{disk.id}' is attached to VM '{disk.instance_id}': detach it first"
        )
    disks.delete(disk)
