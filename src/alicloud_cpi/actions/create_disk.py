"""create_disk(size, cloud_properties, vm_cid) -> disk_cid

Creates a persistent disk in the zone of the VM that it is for.
Spec: https://bosh.io/docs/cpi-api-v2-method/create-disk/

Where nobody named a category, the disk gets one that the VM's type takes; without a VM, one that
the zone has.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_cpi.actions.common import find_vm
from alicloud_cpi.aliyun import errors
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.cloud_properties.disk import DiskProperties
from alicloud_cpi.errors import CloudError
from alicloud_cpi.rollback import Rollback

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext

logger = logging.getLogger(__name__)


def run(
    ctx: CallContext, size: int, cloud_properties: dict[str, Any] | None, vm_cid: str | None = None
) -> str:
    """Create the disk and return its cid once it is Available; ``size`` is in MiB.

    :raises InvalidProperty: naming the property
    :raises VMNotFound: no such VM
    :raises CloudError: no zone to create it in, or the cloud refused
    """
    properties = DiskProperties.parse(cloud_properties, size_mib=size, config=ctx.config)
    vm = find_vm(ctx, vm_cid) if vm_cid else None
    region, zone = (vm.region, vm.zone) if vm else _placement(ctx, properties)
    if vm and not properties.category_is_named:
        # CreateDisk takes any category, and only AttachDisk would refuse the disk.
        category = ctx.services.disk_categories.fallback(region, zone, vm.type, properties.category)
        properties = properties.with_category(category)
    disks = ctx.services.disks
    with Rollback() as rollback:
        disk_id = rollback.create(
            "disk",
            partial(_create, ctx, region, zone, properties, for_vm=vm is not None),
            delete=partial(disks.delete_unfinished, region),
        )
        disks.wait_until_created(region, disk_id)
        if properties.auto_snapshot_policy_id:
            disks.attributes.apply_snapshot_policy(
                region, disk_id, properties.auto_snapshot_policy_id
            )
    return disk_id


def _create(
    ctx: CallContext, region: str, zone: str, properties: DiskProperties, *, for_vm: bool
) -> str:
    """Request the disk; without a VM and a named category, in another one if the zone lacks it."""
    try:
        return ctx.services.disks.create(region, zone, properties)
    except ApiError as error:
        if for_vm or properties.category_is_named or error.code not in errors.CATEGORY_NOT_SOLD:
            raise
        category = _alternative(ctx, region, zone, properties.category, error)
        logger.info("zone %s has no %s: using %s", zone, properties.category, category)
    return ctx.services.disks.create(region, zone, properties.with_category(category))


def _alternative(ctx: CallContext, region: str, zone: str, category: str, failure: ApiError) -> str:
    """Return another category that the zone has.

    :raises ApiError: the refusal: there is no other, or the categories cannot be read
    """
    try:
        found = ctx.services.disk_categories.alternative(region, zone, category)
    except ApiError as error:
        failure.append(f"Which categories the zone has is unknown: {error.message}")
        raise failure from error
    if not found:
        raise failure
    return found


def _placement(ctx: CallContext, properties: DiskProperties) -> tuple[str, str]:
    """Return region and zone of a disk that is for no VM."""
    zone = properties.availability_zone or ctx.config.availability_zone
    if not zone:
        raise CloudError(
            "create_disk without a VM needs a zone: cloud_properties.availability_zone or "
            "alicloud.availability_zone"
        )
    return ctx.config.region, zone
