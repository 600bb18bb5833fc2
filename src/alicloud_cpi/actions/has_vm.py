"""has_vm(vm_cid) -> bool

Tells whether a VM exists, running or not.
Spec: https://bosh.io/docs/cpi-api-v2-method/has-vm/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, vm_cid: str) -> bool:
    """Return whether any region that the call looks in has the VM."""
    return ctx.services.instances.find(vm_cid) is not None
