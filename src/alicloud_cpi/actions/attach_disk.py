"""attach_disk(vm_cid, disk_cid) -> disk_hint

Attaches a persistent disk to a VM and returns where the agent finds it.
Spec: https://bosh.io/docs/cpi-api-v2-method/attach-disk/

Idempotent: a repeat for the same pair returns the same hint, also when an earlier call was
interrupted while ECS was attaching. From API version 2 on, user data is left alone; with an older
stemcell the VM is stopped, its settings are rewritten, and it is started again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.actions.common import find_vm, settled, stopped
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.errors import CloudError, DiskNotFound
from alicloud_cpi.services.agent_settings import device_path, with_disk
from alicloud_cpi.services.disk_categories import CATEGORY_REFUSED

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext
    from alicloud_cpi.services.disk import Disk
    from alicloud_cpi.services.instance import Instance


def run(ctx: CallContext, vm_cid: str, disk_cid: str) -> str:
    """Attach the disk and return its device path inside the VM.

    :raises VMNotFound: no such VM
    :raises DiskNotFound: no such disk
    :raises CloudError: the disk is attached to another VM, or ECS refused
    """
    services = ctx.services
    vm = find_vm(ctx, vm_cid)
    listed = services.disks.find_new(disk_cid)
    if listed is None:
        raise DiskNotFound(disk_cid)
    disk = settled(ctx, listed)
    if not disk.is_available and disk.instance_id != vm.id:
        raise CloudError(
            f"Disk '{disk.id}' is attached to VM '{disk.instance_id}', not to '{vm.id}'"
        )
    nvme = services.instance_types.needs_nvme(vm.region, vm.type)
    path = device_path(disk.id, disk.serial_number, nvme=nvme)
    if ctx.settings_in_user_data:
        _attach_while_stopped(ctx, vm, disk, path)
    elif disk.is_available:
        _attach(ctx, vm, disk)
    return path


def _attach(ctx: CallContext, vm: Instance, disk: Disk) -> None:
    """Attach the disk; where the VM's type does not take it, the error says what to do."""
    try:
        ctx.services.disks.attach(disk, vm)
    except ApiError as error:
        if error.code == CATEGORY_REFUSED:
            accepted = ctx.services.disk_categories.accepted(vm.region, vm.zone, vm.type)
            error.append(
                f"Disk '{disk.id}' has category {disk.category}; {vm.type} takes "
                f"{', '.join(accepted) or 'others'} in {vm.zone}. Change the category in the "
                "disk_type: the Director then changes the disk with update_disk"
            )
        raise


def _attach_while_stopped(ctx: CallContext, vm: Instance, disk: Disk, path: str) -> None:
    """Attach the disk and write it into the settings, for an agent that reads them at boot.

    The settings are read first: if that fails, the VM is not touched.
    """
    services = ctx.services
    current = services.agent_settings.read(vm)
    wanted = with_disk(current, disk.id, path)
    if not disk.is_available and wanted == current and vm.status == "Running":
        return
    with stopped(services.instances, vm):
        if disk.is_available:
            _attach(ctx, vm, disk)
        services.agent_settings.write(vm, wanted)
