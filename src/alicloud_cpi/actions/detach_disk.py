"""detach_disk(vm_cid, disk_cid)

Detaches a persistent disk from a VM; the agent has unmounted it before.
Spec: https://bosh.io/docs/cpi-api-v2-method/detach-disk/

Waits for a disk that is still changing, and for the detach itself. From API version 2 on, user data
is left alone; with an older stemcell the VM is stopped meanwhile and its settings are rewritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.actions.common import find_disk, find_vm, settled, stopped
from alicloud_cpi.errors import DiskNotAttached
from alicloud_cpi.services.agent_settings import without_disk
from alicloud_cpi.services.disk import DETACHING, MODIFYING

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext
    from alicloud_cpi.services.disk import Disk
    from alicloud_cpi.services.instance import Instance


def run(ctx: CallContext, vm_cid: str, disk_cid: str) -> None:
    """Detach the disk and return when it is Available.

    :raises VMNotFound: no such VM
    :raises DiskNotFound: no such disk
    :raises DiskNotAttached: the disk is attached to another VM or to none
    """
    vm = find_vm(ctx, vm_cid)
    listed = find_disk(ctx, disk_cid)
    was_leaving = _is_leaving(listed, vm)
    disk = settled(ctx, listed)
    if disk.is_available and (_complete_detach(ctx, vm, disk_cid) or was_leaving):
        return
    if disk.is_available or disk.instance_id != vm.id:
        raise DiskNotAttached(f"Disk '{disk_cid}' is not attached to VM '{vm.id}'")
    if ctx.settings_in_user_data:
        _detach_while_stopped(ctx, vm, disk)
    else:
        ctx.services.disks.detach(disk, vm)


def _is_leaving(disk: Disk, vm: Instance) -> bool:
    """Whether an earlier call has detached the disk: it is leaving the VM, or is being changed.

    A deployment that is tried again detaches the disk whose change by update_disk took too long.
    """
    detaching = disk.status == DETACHING and disk.instance_id == vm.id
    return detaching or (disk.status == MODIFYING and not disk.instance_id)


def _detach_while_stopped(ctx: CallContext, vm: Instance, disk: Disk) -> None:
    """Detach the disk and remove it from the settings, for an agent that reads them at boot."""
    services = ctx.services
    wanted = without_disk(services.agent_settings.read(vm), disk.id)
    with stopped(services.instances, vm):
        services.disks.detach(disk, vm)
        services.agent_settings.write(vm, wanted)


def _complete_detach(ctx: CallContext, vm: Instance, disk_cid: str) -> bool:
    """Complete an interrupted call that detached the disk of an old agent.

    Returns whether the VM's settings still had the disk. A VM that is down is started.
    """
    if not ctx.settings_in_user_data:
        return False
    services = ctx.services
    current = services.agent_settings.read(vm)
    wanted = without_disk(current, disk_cid)
    if wanted != current or vm.status != "Running":
        with stopped(services.instances, vm):
            if wanted != current:
                services.agent_settings.write(vm, wanted)
    return wanted != current
