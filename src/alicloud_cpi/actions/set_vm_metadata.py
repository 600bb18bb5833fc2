"""set_vm_metadata(vm_cid, metadata)

Names a VM and tags it with what the Director knows of it.
Spec: https://bosh.io/docs/cpi-api-v2-method/set-vm-metadata/

The Director deletes a VM for which this fails, so a name or tag that the cloud refuses is a
warning in the log, and values of any JSON type are taken.
"""

from __future__ import annotations

from alicloud_cpi import log
from alicloud_cpi.cloud.names import resource_name
from alicloud_cpi.cloud.tags import text
from alicloud_cpi.cloud.wire.failures import ApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.call import Call


def run(call: Call, vm_cid: str, metadata: dict[str, Any]) -> None:
    """Set the instance's name from ``name`` and its tags from all of the metadata.

    :raises VMNotFound: no such VM
    """
    vm = call.vm(vm_cid)
    name = resource_name(text(metadata.get("name")), prefix="vm-")
    if name and name != vm.name:
        try:
            call.cloud.instances.rename(vm, name)
        except ApiError as failure:
            log.warning("the name of VM '%s' was not set: %s", vm.id, failure.message)
    call.cloud.tags.add("instance", vm.id, vm.region, metadata, vm.tags)
