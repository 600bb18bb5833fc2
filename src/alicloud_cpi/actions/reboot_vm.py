"""reboot_vm(vm_cid)

Reboots a VM, which keeps its disks and addresses.
Spec: https://bosh.io/docs/cpi-api-v2-method/reboot-vm/

Orderly first, by force when that does not end; returns when the VM is up again. A VM that is down
is started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.actions.common import find_vm

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, vm_cid: str) -> None:
    """Reboot the VM.

    :raises VMNotFound: no such VM
    :raises CloudError: it did not come back
    """
    instances = ctx.services.instances
    vm = instances.wait_until_settled(find_vm(ctx, vm_cid))
    if vm.status == "Stopped":
        instances.start(vm)
    else:
        instances.reboot(vm)
