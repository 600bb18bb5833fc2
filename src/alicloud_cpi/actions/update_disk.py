"""update_disk(disk_cid, size, cloud_properties)

Gives a detached persistent disk another size, category or performance level where it is.
Spec: https://bosh.io/docs/cpi-api-v2-method/update-disk/

The Director takes size and cloud_properties for applied afterwards, so whatever cannot be changed
in place is NotSupported: then it makes a new disk and copies. A category or level that is not
named stays. ``delete_with_instance`` is no change: a persistent disk is always kept.
"""

from __future__ import annotations

from alicloud_cpi.cloud.in_place import in_place
from alicloud_cpi.cloud.names import resource_name
from alicloud_cpi.cloud.spec_changes import Spec
from alicloud_cpi.errors import DiskNotFound, NotSupported
from alicloud_cpi.props import disk as disk_props

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.call import Call
    from alicloud_cpi.cloud.disks import Disk
    from alicloud_cpi.props.disk import DiskProps


def run(call: Call, disk_cid: str, size: int, cloud_properties: dict[str, Any] | None) -> None:
    """Change the disk and return when it is as asked; ``size`` is in MiB, rounded as ever.

    :raises DiskNotFound: no such disk
    :raises InvalidProperty: naming the property
    :raises NotSupported: this change cannot be made in place
    """
    disk = _settled(call, disk_cid)
    props = disk_props.persistent_disk(
        size,
        cloud_properties,
        call.config,
        present=disk_props.Unnamed(disk.category, disk.performance_level, disk.size_gib),
    )
    _check(disk, props)
    # The size comes first: categories and higher levels have smallest sizes of their own.
    if props.size_gib > disk.size_gib:
        with in_place(disk):
            call.cloud.disks.ask_to_grow(disk, props.size_gib)
        call.cloud.disks.wait_grown(disk, props.size_gib)
    _change_spec(call, disk, Spec(props.category, props.performance_level))
    _set_attributes(call, disk, resource_name(props.name, prefix="disk-"))
    call.cloud.tags.add("disk", disk.id, disk.region, props.tags, disk.tags)


def _settled(call: Call, disk_cid: str) -> Disk:
    """Return the disk once no earlier call's change is at work on it."""
    disks = call.cloud.disks
    disk = disks.settled(call.disk(disk_cid))
    if disk is not None and disks.specs.outwait(disk.region, disk.id):
        disk = disks.find_in(disk.region, disk.id)
    if disk is None:
        raise DiskNotFound(disk_cid)
    return disk


def _check(disk: Disk, props: DiskProps) -> None:
    """Refuse what cannot be changed in place, before anything is changed.

    The cloud names a key for every encrypted disk, also where nobody asked for one: a key is
    compared only where one is asked for.
    """
    if props.size_gib < disk.size_gib:
        raise NotSupported(
            f"Disk '{disk.id}' has {disk.size_gib} GiB and cannot shrink to {props.size_gib} GiB"
        )
    if props.encrypted != disk.encrypted:
        state = "encrypted" if disk.encrypted else "not encrypted"
        raise NotSupported(f"Disk '{disk.id}' is {state}, which cannot be changed in place")
    if props.kms_key_id and props.kms_key_id != disk.kms_key_id:
        raise NotSupported(
            f"Disk '{disk.id}' has another KMS key, which cannot be changed in place"
        )
    if props.size_gib > disk.size_gib and not disk.is_free:
        raise NotSupported(
            f"Disk '{disk.id}' is attached to VM '{disk.instance_id}': only a detached disk grows"
        )


def _change_spec(call: Call, disk: Disk, wanted: Spec) -> None:
    if wanted.fits(disk):
        return
    with in_place(disk):
        task_id = call.cloud.disks.specs.ask(disk, wanted)
    call.cloud.disks.specs.wait_done(disk, wanted, task_id)


def _set_attributes(call: Call, disk: Disk, name: str) -> None:
    with in_place(disk):
        if name and name != disk.name:
            call.cloud.disks.rename(disk, name)
        if disk.delete_with_instance:
            call.cloud.disks.keep(disk)
