"""set_vm_metadata(vm_cid, metadata)

Names a VM and tags it with what the Director knows of it.
Spec: https://bosh.io/docs/cpi-api-v2-method/set-vm-metadata/

The Director deletes a VM for which this fails, so a name or tag that the cloud refuses is a warning
in the log, and values of any JSON type are accepted. With alicloud.tag_children the VM's disks and
interfaces are tagged, too.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_cpi.actions.common import find_vm
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.errors import CloudError, VMNotFound
from alicloud_cpi.services.naming import resource_name
from alicloud_cpi.services.tags import to_text

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext

logger = logging.getLogger(__name__)


def run(ctx: CallContext, vm_cid: str, metadata: dict[str, Any]) -> None:
    """Set the instance's name from ``name``, and its tags from all of the metadata.

    :raises VMNotFound: no such VM
    """
    if not metadata:
        find_vm(ctx, vm_cid)
        return
    name = resource_name(to_text(metadata.get("name")), prefix="vm-")
    for region in ctx.config.regions:
        if name and not _rename(ctx, region, vm_cid, name):
            continue
        existing = partial(_tags_of, ctx, region, vm_cid)
        if ctx.services.tags.set("instance", vm_cid, region, metadata, existing):
            if ctx.config.tag_children:
                _tag_children(ctx, region, vm_cid, metadata)
            return
    raise VMNotFound(vm_cid)


def _rename(ctx: CallContext, region: str, vm_cid: str, name: str) -> bool:
    """Name the VM; returns false where the region does not have it."""
    try:
        return ctx.services.instances.attributes.rename(region, vm_cid, name)
    except ApiError as error:
        logger.warning("the name of VM '%s' was not set: %s", vm_cid, error.message)
        return True


def _tag_children(ctx: CallContext, region: str, vm_cid: str, metadata: dict[str, Any]) -> None:
    """Tag the disks and interfaces that were created with the VM; persistent disks have their own.

    All of it is for bills and lists, so a failure is a warning.
    """
    services = ctx.services
    try:
        vm = services.instances.find_in(region, vm_cid)
        if vm is None:
            return
        disks = [disk.id for disk in services.disks.created_with(vm)]
    except CloudError as error:
        logger.warning("the disks of VM '%s' were not tagged: %s", vm_cid, error.message)
        return
    services.tags.set_on_children("disk", disks, region, metadata)
    services.tags.set_on_children("eni", vm.interface_ids, region, metadata)


def _tags_of(ctx: CallContext, region: str, vm_cid: str) -> dict[str, str]:
    vm = ctx.services.instances.find_in(region, vm_cid)
    return vm.tags if vm else {}
