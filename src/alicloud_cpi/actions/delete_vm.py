"""delete_vm(vm_cid)

Deletes a VM; persistent disks that are still attached are kept, and Available when this returns.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-vm/

Classic load balancers drop a deleted VM by themselves. Network and application load balancers are
searched only where the VM may be behind one: a VM that this CPI created says so in its description.
Deletion protection that create_vm turned on is turned off; any other is respected.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.eips import Holder

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext
    from alicloud_cpi.services.disk import Disk
    from alicloud_cpi.services.instance import Instance
    from alicloud_cpi.services.server_groups import ServerGroups

logger = logging.getLogger(__name__)


def run(ctx: CallContext, vm_cid: str) -> None:
    """Delete the VM and return when it is gone; one that is gone already is a success.

    :raises CloudError: the cloud refused, as for a subscription that may not end early; or somebody
        else protected the VM
    """
    services = ctx.services
    vm = services.instances.find(vm_cid)
    if vm is None:
        logger.info("VM '%s' is gone already", vm_cid)
        return
    if vm.is_protected and not vm.is_protected_by_cpi:
        raise CloudError(
            f"VM '{vm.id}' has deletion protection that this CPI did not turn on: turn it off, "
            "then repeat"
        )
    persistent = _keep_persistent_disks(ctx, vm)
    _disconnect(ctx, vm)
    services.instances.delete(vm)
    for disk in persistent:
        services.disks.wait_until_released(disk, vm)
    _delete_remaining_interfaces(ctx, vm)


def _keep_persistent_disks(ctx: CallContext, vm: Instance) -> list[Disk]:
    """Return the VM's persistent disks, each set to outlive it."""
    persistent = ctx.services.disks.persistent_of(vm)
    for disk in persistent:
        if disk.delete_with_instance:
            ctx.services.disks.keep(disk)
    return persistent


def _disconnect(ctx: CallContext, vm: Instance) -> None:
    """Remove the VM from its server groups, and unbind its elastic IP addresses meanwhile."""
    services, eips = ctx.services, ctx.services.eips
    kinds: list[ServerGroups] = [services.nlb] if vm.may_be_behind_nlb else []
    kinds += [services.alb] if vm.may_be_behind_alb else []
    left = [(groups, groups.start_removing(vm)) for groups in kinds]
    addresses = [eips.start_unbinding(Holder.instance(vm), vm.eip)] if vm.eip else []
    for interface_id in vm.secondary_interface_ids:
        holder = Holder.interface(interface_id, vm.region)
        addresses += [eips.start_unbinding(holder, eip.ip) for eip in eips.bound_to(holder)]
    for address in addresses:
        if address:
            eips.wait_until_available(vm.region, address)
    for groups, jobs in left:
        groups.wait_for_jobs(jobs)


def _delete_remaining_interfaces(ctx: CallContext, vm: Instance) -> None:
    """Delete interfaces that stay; the VM is gone, so one that cannot be deleted is no failure."""
    try:
        ctx.services.network_interfaces.delete_remaining(vm.region, vm.interface_ids)
    except CloudError as error:
        logger.warning("VM '%s' is deleted. %s", vm.id, error.message)
