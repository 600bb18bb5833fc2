"""The agent finds a disk by a stable link, not by a device letter."""

from __future__ import annotations

import pytest

from alicloud_cpi.services.agent_settings import SYSTEM_DISK, device_path

NVME = "/dev/disk/by-id/nvme-Alibaba_Cloud_Elastic_Block_Storage_"


@pytest.mark.parametrize(
    ("disk_id", "serial", "nvme", "expected"),
    [
        ("d-2ze1", "serial1", False, "/dev/disk/by-id/virtio-serial1"),
        ("d-2ze1", "serial1", True, f"{NVME}serial1"),
        ("d-2ze1", "", False, "/dev/disk/by-id/virtio-2ze1"),
        ("d-2ze1", "", True, f"{NVME}2ze1"),
        ("d-d-1", "", False, "/dev/disk/by-id/virtio-d-1"),
    ],
)
def test_device_path(disk_id: str, serial: str, nvme: bool, expected: str) -> None:  # noqa: FBT001
    """The link has the serial number, else the id without ``d-``."""
    assert device_path(disk_id, serial, nvme=nvme) == expected


def test_system_disk() -> None:
    """Its name is the same on every instance type."""
    assert SYSTEM_DISK == "/dev/vda"
