"""get_disks(vm_cid) -> [disk_cid]

Lists the persistent disks that are attached to a VM, without its system and ephemeral disks.
Spec: https://bosh.io/docs/cpi-api-v2-method/get-disks/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.actions.common import find_vm

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, vm_cid: str) -> list[str]:
    """Return the cids of the VM's persistent disks.

    :raises VMNotFound: no such VM
    """
    return [disk.id for disk in ctx.services.disks.persistent_of(find_vm(ctx, vm_cid))]
