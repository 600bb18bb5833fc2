"""Where a disk appears inside a VM.

Stable links under /dev/disk/by-id, made from the disk's serial number: virtio, or NVMe on the
instance types that require it (API reference, semantics section 5, "Devices").
"""

from __future__ import annotations

_VIRTIO = "/dev/disk/by-id/virtio-{}"
_NVME = "/dev/disk/by-id/nvme-Alibaba_Cloud_Elastic_Block_Storage_{}"

SYSTEM = "/dev/vda"


def device_path(disk_id: str, serial_number: str, *, nvme: bool) -> str:
    """Return the link to a disk; one made before serial numbers goes by its id without ``d-``."""
    serial = serial_number or disk_id.removeprefix("d-")
    return (_NVME if nvme else _VIRTIO).format(serial)
