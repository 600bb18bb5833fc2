"""get_disks(vm_cid) -> [disk_cid]

Lists the persistent disks that are attached to a VM.
Spec: https://bosh.io/docs/cpi-api-v2-method/get-disks/

Neither the system disk nor the VM's own ephemeral disk is one of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call


def run(call: Call, vm_cid: str) -> list[str]:
    """Return the cids of the VM's persistent disks.

    :raises VMNotFound: no such VM
    """
    return [disk.id for disk in call.cloud.disks.persistent_of(call.vm(vm_cid))]
