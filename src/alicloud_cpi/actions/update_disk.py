"""update_disk(disk_cid, size, cloud_properties)

Gives a detached persistent disk another size, category, performance level or IOPS in place.
Spec: https://bosh.io/docs/cpi-api-v2-method/update-disk/

The Director records size and cloud_properties as applied afterwards, so whatever cannot be changed
in place is NotSupported: then it creates a new disk and copies. What is not named of category,
level, IOPS, bursting and snapshot policy stays. ``delete_with_instance`` is no change: a
persistent disk is always kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_cpi.actions.common import find_disk, refusal_as_not_supported, settled
from alicloud_cpi.cloud_properties.disk import DiskDefaults, DiskProperties
from alicloud_cpi.errors import DiskNotFound, NotSupported
from alicloud_cpi.services.disk_specs import DiskSpec
from alicloud_cpi.services.naming import resource_name

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext
    from alicloud_cpi.services.disk import Disk


def run(
    ctx: CallContext, disk_cid: str, size: int, cloud_properties: dict[str, Any] | None
) -> None:
    """Change the disk and return when it is as wanted; ``size`` is in MiB, rounded as always.

    :raises DiskNotFound: no such disk
    :raises InvalidProperty: naming the property
    :raises NotSupported: this change cannot be made in place
    """
    disk = _without_pending_change(ctx, disk_cid)
    wanted = DiskProperties.parse(
        cloud_properties,
        size_mib=size,
        config=ctx.config,
        current=DiskDefaults(disk.category, disk.performance_level, disk.size_gib),
    )
    _check(disk, wanted)
    # The size comes first: categories and higher levels have minimum sizes of their own.
    if wanted.size_gib > disk.size_gib:
        with refusal_as_not_supported(disk):
            ctx.services.disks.resize(disk, wanted.size_gib)
        ctx.services.disks.wait_until_resized(disk, wanted.size_gib)
    _change_spec(ctx, disk, _wanted_spec(wanted))
    _set_attributes(ctx, disk, wanted)
    ctx.services.tags.set("disk", disk.id, disk.region, wanted.tags, lambda: disk.tags)


def _without_pending_change(ctx: CallContext, disk_cid: str) -> Disk:
    """Return the disk when no change of an earlier call is under way."""
    disks = ctx.services.disks
    disk = settled(ctx, find_disk(ctx, disk_cid))
    if not disks.specs.wait_for_pending(disk.region, disk.id):
        return disk
    found = disks.find_in(disk.region, disk.id)
    if found is None:
        raise DiskNotFound(disk_cid)
    return found


def _check(disk: Disk, wanted: DiskProperties) -> None:
    """Refuse what cannot be changed in place, before anything is changed."""
    if wanted.size_gib < disk.size_gib:
        raise NotSupported(
            f"Disk '{disk.id}' has {disk.size_gib} GiB and cannot shrink to {wanted.size_gib} GiB"
        )
    if wanted.encrypted != disk.encrypted:
        state = "encrypted" if disk.encrypted else "not encrypted"
        raise NotSupported(f"Disk '{disk.id}' is {state}, which cannot be changed in place")
    key = disk.kms_key_id if wanted.kms_key_id else disk.own_kms_key_id
    if wanted.kms_key_id != key:
        raise NotSupported(
            f"Disk '{disk.id}' has another KMS key, which cannot be changed in place"
        )
    if wanted.size_gib > disk.size_gib and not disk.is_available:
        raise NotSupported(
            f"Disk '{disk.id}' is attached to VM '{disk.instance_id}': only a detached disk grows"
        )


def _wanted_spec(wanted: DiskProperties) -> DiskSpec:
    return DiskSpec(wanted.category, wanted.performance_level, wanted.provisioned_iops)


def _change_spec(ctx: CallContext, disk: Disk, wanted: DiskSpec) -> None:
    if wanted.matches(disk):
        return
    specs = ctx.services.disks.specs
    with refusal_as_not_supported(disk):
        task_id = specs.modify(disk, wanted)
    specs.wait_until_changed(disk, wanted, task_id)


def _set_attributes(ctx: CallContext, disk: Disk, wanted: DiskProperties) -> None:
    name, bursting = resource_name(wanted.name, prefix="disk-"), wanted.bursting_enabled
    with refusal_as_not_supported(disk):
        if bursting is not None and bursting != disk.bursting_enabled:
            ctx.services.disks.attributes.set_bursting(disk, enabled=bursting)
        if name and name != disk.name:
            ctx.services.disks.attributes.rename(disk, name)
        policy_id = wanted.auto_snapshot_policy_id
        if policy_id and policy_id != disk.auto_snapshot_policy_id:
            ctx.services.disks.attributes.apply_snapshot_policy(disk.region, disk.id, policy_id)
        if disk.delete_with_instance:
            ctx.services.disks.attributes.keep(disk)
