"""has_vm(vm_cid) -> bool

Tells whether a VM exists, running or not.
Spec: https://bosh.io/docs/cpi-api-v2-method/has-vm/
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call


def run(call: Call, vm_cid: str) -> bool:
    """Return whether any region that the call looks in has the VM."""
    return call.cloud.instances.find(vm_cid) is not None
