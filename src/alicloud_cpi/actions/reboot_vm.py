"""reboot_vm(vm_cid)

Reboots a VM, keeping its disks and addresses.
Spec: https://bosh.io/docs/cpi-api-v2-method/reboot-vm/

Orderly first, by force when that does not end, and back only once the VM is up again. A VM that
is down is started.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call


def run(call: Call, vm_cid: str) -> None:
    """Reboot the VM.

    :raises VMNotFound: no such VM
    :raises CloudError: it did not come back
    """
    instances = call.cloud.instances
    vm = instances.settled(call.vm(vm_cid))
    if vm.status == "Stopped":
        instances.start(vm)
    else:
        instances.reboot(vm)
