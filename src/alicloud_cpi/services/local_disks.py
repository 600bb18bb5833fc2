"""Disks of the host that some instance types have: for ``raw_instance_storage``.

Linux names them in the order in which it finds them. Where all NVMe devices of a VM are local
disks, that is /dev/nvme0n1 and so on; cloud disks are virtio devices there. A type whose cloud
disks are NVMe devices, too, is refused: nothing tells which device is which before the VM runs, and
the agent would partition a cloud disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.cloud_properties.schema import InvalidProperty

if TYPE_CHECKING:
    from alicloud_cpi.cloud_properties.vm import VmProperties
    from alicloud_cpi.services import Services

_NVME_SSD = "local_ssd_pro"
_DEVICE = "/dev/nvme{}n1"


def local_disk_paths(services: Services, properties: VmProperties) -> dict[str, list[str]]:
    """Return the local disks' device paths by instance type; nothing unless they are asked for.

    A type that does not exist is left to CreateInstance.

    :raises InvalidProperty: a type has no local NVMe disks, or they cannot be told from others
    """
    if not properties.raw_instance_storage:
        return {}
    path = "cloud_properties.raw_instance_storage"
    found = services.instance_types.describe(properties.region, properties.instance_types)
    for one in found:
        if not one.local_disks or one.local_category != _NVME_SSD:
            raise InvalidProperty(
                f"{path} needs an instance type with local NVMe disks: {one.id} has none"
            )
        if one.needs_nvme:
            raise InvalidProperty(
                f"{path} needs an instance type whose cloud disks are virtio devices: those of "
                f"{one.id} are NVMe devices, like its local disks"
            )
    return {one.id: [_DEVICE.format(i) for i in range(one.local_disks)] for one in found}
