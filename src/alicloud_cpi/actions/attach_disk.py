"""attach_disk(vm_cid, disk_cid) -> disk_hint

Makes a persistent disk available to a VM and tells the agent where to find it.
Spec: https://bosh.io/docs/cpi-api-v2-method/attach-disk/

Repeating the call for the same pair succeeds and returns the same hint, also when an earlier call
was cut off while ECS was still attaching. From API version 2 on, user data is left alone; with an
older stemcell the VM is stopped, its settings rewritten, and started again.
"""

from __future__ import annotations

from alicloud_cpi.agent import settings
from alicloud_cpi.agent.device import device_path
from alicloud_cpi.cloud.offline import stopped
from alicloud_cpi.errors import CloudError, DiskNotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call
    from alicloud_cpi.cloud.disks import Disk
    from alicloud_cpi.cloud.instances import Instance


def run(call: Call, vm_cid: str, disk_cid: str) -> str:
    """Attach the disk and return its device path inside the VM.

    :raises VMNotFound: no such VM
    :raises DiskNotFound: no such disk
    :raises CloudError: the disk belongs to another VM, or ECS refused the attach
    """
    vm = call.vm(vm_cid)
    disk = _settled(call, disk_cid)
    if not disk.is_free and disk.instance_id != vm.id:
        raise CloudError(
            f"Disk '{disk.id}' is attached to VM '{disk.instance_id}', not to '{vm.id}'"
        )
    nvme = call.cloud.instance_types.needs_nvme(vm.type, vm.region)
    path = device_path(disk.id, disk.serial_number, nvme=nvme)
    if call.settings_in_user_data:
        _attach_offline(call, vm, disk, path)
    elif disk.is_free:
        call.cloud.disks.attach(disk, vm)
    return path


def _settled(call: Call, disk_cid: str) -> Disk:
    """Return the disk once no earlier create, attach or detach is at work on it."""
    disk = call.cloud.disks.find_new(disk_cid)
    settled = call.cloud.disks.settled(disk) if disk else None
    if settled is None:
        raise DiskNotFound(disk_cid)
    return settled


def _attach_offline(call: Call, vm: Instance, disk: Disk, path: str) -> None:
    """Attach the disk and write it into the settings that an old agent reads when it boots.

    The settings are read first: without them the VM is not touched.
    """
    current = call.cloud.user_data.read(vm)
    wanted = settings.with_disk(current, disk.id, path)
    if not disk.is_free and wanted == current and vm.status == "Running":
        return
    with stopped(call.cloud.instances, vm):
        if disk.is_free:
            call.cloud.disks.attach(disk, vm)
        call.cloud.user_data.write(vm, wanted)
