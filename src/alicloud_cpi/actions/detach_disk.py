"""detach_disk(vm_cid, disk_cid)

Takes a persistent disk from a VM; the agent has unmounted it before.
Spec: https://bosh.io/docs/cpi-api-v2-method/detach-disk/

Waits for a disk that is still changing, and for the detach itself. From API version 2 on, user
data is left alone; with an older stemcell the VM is stopped meanwhile and its settings rewritten.
"""

from __future__ import annotations

from alicloud_cpi.agent import settings
from alicloud_cpi.cloud.offline import stopped
from alicloud_cpi.errors import DiskNotAttached, DiskNotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call
    from alicloud_cpi.cloud.disks import Disk
    from alicloud_cpi.cloud.instances import Instance


def run(call: Call, vm_cid: str, disk_cid: str) -> None:
    """Detach the disk and return when it is Available.

    :raises VMNotFound: no such VM
    :raises DiskNotFound: no such disk
    :raises DiskNotAttached: the disk is free or attached to another VM
    """
    vm = call.vm(vm_cid)
    disk = call.disk(disk_cid)
    was_leaving = disk.status == "Detaching" and disk.instance_id == vm.id
    settled = call.cloud.disks.settled(disk)
    if settled is None:
        raise DiskNotFound(disk_cid)
    if settled.is_free and (_completed(call, vm, disk_cid) or was_leaving):
        return
    if settled.is_free or settled.instance_id != vm.id:
        raise DiskNotAttached(f"Disk '{disk_cid}' is not attached to VM '{vm.id}'")
    if call.settings_in_user_data:
        _detach_offline(call, vm, settled)
    else:
        call.cloud.disks.detach(settled, vm)


def _detach_offline(call: Call, vm: Instance, disk: Disk) -> None:
    """Detach the disk and take it out of the settings that an old agent reads when it boots."""
    wanted = settings.without_disk(call.cloud.user_data.read(vm), disk.id)
    with stopped(call.cloud.instances, vm):
        call.cloud.disks.detach(disk, vm)
        call.cloud.user_data.write(vm, wanted)


def _completed(call: Call, vm: Instance, disk_cid: str) -> bool:
    """Complete what an earlier call that was cut off has left of an old agent's disk.

    Returns whether the VM's settings still had the disk. A VM that is down is started, too.
    """
    if not call.settings_in_user_data:
        return False
    current = call.cloud.user_data.read(vm)
    wanted = settings.without_disk(current, disk_cid)
    if wanted != current or vm.status != "Running":
        with stopped(call.cloud.instances, vm):
            if wanted != current:
                call.cloud.user_data.write(vm, wanted)
    return wanted != current
