"""set_vm_metadata(vm_cid, metadata)

Names a VM and tags it with what the Director knows of it.
Spec: https://bosh.io/docs/cpi-api-v2-method/set-vm-metadata/

The Director deletes a VM for which this fails, so a name or tag that the cloud refuses is a warning
in the log, and values of any JSON type are accepted.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from alicloud_cpi.actions.common import find_vm
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.services.naming import resource_name
from alicloud_cpi.services.tags import to_text

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext

logger = logging.getLogger(__name__)


def run(ctx: CallContext, vm_cid: str, metadata: dict[str, Any]) -> None:
    """Set the instance's name from ``name``, and its tags from all of the metadata.

    :raises VMNotFound: no such VM
    """
    vm = find_vm(ctx, vm_cid)
    name = resource_name(to_text(metadata.get("name")), prefix="vm-")
    if name and name != vm.name:
        try:
            ctx.services.instances.rename(vm, name)
        except ApiError as error:
            logger.warning("the name of VM '%s' was not set: %s", vm.id, error.message)
    ctx.services.tags.add("instance", vm.id, vm.region, metadata, vm.tags)
