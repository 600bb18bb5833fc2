"""A disk is found in its VM by a link that stays, whatever letter the system gives it."""

from __future__ import annotations

import pytest

from alicloud_cpi.agent.device import SYSTEM, device_path

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
    """The link is made of the serial number, else of the id without its d-."""
    assert device_path(disk_id, serial, nvme=nvme) == expected


def test_system_disk() -> None:
    """The agent is told of the system disk by the name it has on every type."""
    assert SYSTEM == "/dev/vda"
