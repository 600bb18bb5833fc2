"""A small full stemcell for scripts/demo and scripts/test-release."""

from __future__ import annotations

import random
import tarfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024
IMAGE_MIB = 256

# A disk image is mostly zeros: in each stretch, so much data comes first.
STRETCH_MIB, DATA_MIB = 32, 8

PROPERTIES: dict[str, Any] = {
    "name": "bosh-alicloud-kvm-ubuntu-noble",
    "version": "1",
    "infrastructure": "alicloud",
    "hypervisor": "kvm",
    "disk": 5120,
    "disk_format": "raw",
    "container_format": "bare",
    "os_type": "linux",
    "os_distro": "ubuntu",
    "architecture": "x86_64",
}


def data_bytes(mib: int) -> int:
    """Return how much data an image of this size has."""
    return mib // STRETCH_MIB * DATA_MIB * MIB


def write_image(path: Path, mib: int = IMAGE_MIB) -> Path:
    """Write the image of a stemcell: a tarball of a sparse disk image, whole stretches of it."""
    disk = path.with_name("root.img")
    data = random.Random(1).randbytes(DATA_MIB * MIB)  # noqa: S311 - the same bytes every time
    with disk.open("wb") as file:
        for start in range(0, mib, STRETCH_MIB):
            file.seek(start * MIB)
            file.write(data)
        file.truncate(mib * MIB)
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        tar.add(disk, "root.img")
    disk.unlink()
    path.chmod(0o644)
    return path
