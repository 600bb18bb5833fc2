"""delete_vm(vm_cid)

Deletes a VM; persistent disks that are still attached are kept and free when this returns.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-vm/

Classic load balancers let go of a deleted VM by themselves. Network load balancers are asked only
where the VM may be in one: a VM that this CPI made says so in its description.
"""

from __future__ import annotations

from alicloud_cpi import log
from alicloud_cpi.cloud.disks import DETACHED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call
    from alicloud_cpi.cloud.disks import Disk
    from alicloud_cpi.cloud.instances import Instance


def run(call: Call, vm_cid: str) -> None:
    """Delete the VM and return when it is gone; one that is gone already is fine.

    :raises CloudError: the cloud refused, as for a subscription that may not end early
    """
    vm = call.cloud.instances.find(vm_cid)
    if vm is None:
        log.info("VM '%s' is gone already", vm_cid)
        return
    persistent = _kept_disks(call, vm)
    _disconnect(call, vm)
    call.cloud.instances.delete(vm)
    for disk in persistent:
        call.cloud.disks.wait_available(disk, DETACHED)
    call.cloud.interfaces.delete_leftovers(vm.region, vm.interface_ids)


def _disconnect(call: Call, vm: Instance) -> None:
    """Take the VM out of its NLB groups and its elastic IP address off it, both at once."""
    cloud = call.cloud
    leaving = cloud.network_load_balancers.begin_to_forget(vm) if vm.may_be_behind_nlb else []
    address = cloud.eips.begin_to_unbind(vm, vm.eip) if vm.eip else None
    if address:
        cloud.eips.wait_free(vm, address)
    if leaving:
        cloud.network_load_balancers.finish(leaving)


def _kept_disks(call: Call, vm: Instance) -> list[Disk]:
    """Return the VM's persistent disks, each made sure to outlive it."""
    persistent = call.cloud.disks.persistent_of(vm)
    for disk in persistent:
        if disk.delete_with_instance:
            call.cloud.disks.keep(disk)
    return persistent
