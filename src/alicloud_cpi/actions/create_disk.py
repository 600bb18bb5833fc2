"""create_disk(size, cloud_properties, vm_cid) -> disk_cid

Makes a persistent disk in the zone of the VM that it is for.
Spec: https://bosh.io/docs/cpi-api-v2-method/create-disk/
"""

from __future__ import annotations

from alicloud_cpi.cloud import tags
from alicloud_cpi.cloud.disks import PERSISTENT
from alicloud_cpi.cloud.names import resource_name
from alicloud_cpi.errors import CloudError
from alicloud_cpi.props import disk as disk_props
from alicloud_cpi.undo import Undo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.call import Call
    from alicloud_cpi.props.disk import DiskProps


def run(
    call: Call, size: int, cloud_properties: dict[str, Any] | None, vm_cid: str | None = None
) -> str:
    """Make the disk and return its cid once it is Available; ``size`` is in MiB.

    :raises InvalidProperty: naming the property
    :raises VMNotFound: no such VM
    :raises CloudError: no zone to make it in, or the cloud refused
    """
    props = disk_props.persistent_disk(size, cloud_properties, call.config)
    region, zone = _place(call, props, vm_cid)
    disks = call.cloud.disks
    with Undo() as undo:
        disk_id = undo.make(
            "disk",
            lambda: disks.create(region, _parameters(props, zone)),
            lambda made: disks.take_back(region, made),
        )
        disks.wait_created(region, disk_id)
    return disk_id


def _place(call: Call, props: DiskProps, vm_cid: str | None) -> tuple[str, str]:
    """Return region and zone: the VM's, else those of the properties or the configuration."""
    if vm_cid:
        vm = call.vm(vm_cid)
        return vm.region, vm.zone
    zone = props.zone or call.config.availability_zone
    if not zone:
        raise CloudError(
            "create_disk without a VM needs a zone: cloud_properties.availability_zone or "
            "alicloud.availability_zone"
        )
    return call.config.region, zone


def _parameters(props: DiskProps, zone: str) -> dict[str, Any]:
    return {
        "ZoneId": zone,
        "Size": props.size_gib,
        "DiskCategory": props.category,
        "PerformanceLevel": props.performance_level or None,
        "Encrypted": props.encrypted or None,
        "KMSKeyId": props.kms_key_id or None,
        "DiskName": resource_name(props.name, prefix="disk-") or None,
        "Description": PERSISTENT,
        "Tag": tags.at_creation(props.tags),
    }
