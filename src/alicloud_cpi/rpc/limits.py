"""How long a call may take before its clean-up: whatever the cloud does, each one ends."""

from __future__ import annotations

_MINUTE, _HOUR = 60, 3600

# A change of category copies the disk: an hour and 2 s per GiB, of at most 32 TiB.
_CONVERSION = 20 * _HOUR

# Seconds. More than all waits of the method together, so that only a cloud that fails again and
# again, or answers each request in the last moment, reaches it.
TIME_LIMITS = {
    "info": _MINUTE,
    "create_stemcell": 6 * _HOUR,
    "delete_stemcell": _HOUR,
    "create_vm": _HOUR,
    "delete_vm": _HOUR,
    "has_vm": 15 * _MINUTE,
    "reboot_vm": 30 * _MINUTE,
    "set_vm_metadata": 15 * _MINUTE,
    "get_disks": 15 * _MINUTE,
    "calculate_vm_cloud_properties": 15 * _MINUTE,
    "create_disk": 30 * _MINUTE,
    "has_disk": 15 * _MINUTE,
    "attach_disk": _CONVERSION,
    "detach_disk": _CONVERSION,
    "delete_disk": _CONVERSION,
    "resize_disk": _CONVERSION,
    "update_disk": _CONVERSION,
    "set_disk_metadata": 15 * _MINUTE,
    "snapshot_disk": _CONVERSION,
    "delete_snapshot": 30 * _MINUTE,
    "create_network": 30 * _MINUTE,
    "delete_network": 30 * _MINUTE,
}
