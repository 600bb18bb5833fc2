"""Full stemcells in tests: disk images, the tarballs they come in, and their properties."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from typing import TYPE_CHECKING, Any

from alicloud_sim.oss.records import Bucket, OssObject, Upload

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from support.cpi import Answer
    from support.storage import Storage

KIB = 1024
MIB = 1024 * 1024

PROPERTIES: dict[str, Any] = {
    "name": "bosh-alicloud-kvm-ubuntu-jammy-go_agent",
    "version": "1.500",
    "infrastructure": "alicloud",
    "hypervisor": "kvm",
    "disk": 5120,
    "disk_format": "raw",
    "container_format": "bare",
    "os_type": "linux",
    "os_distro": "ubuntu",
    "architecture": "x86_64",
    "root_device_name": "/dev/vda1",
}


def properties(**changes: Any) -> dict[str, Any]:
    """Word a stemcell's cloud_properties; None removes one."""
    changed = {**PROPERTIES, **changes}
    return {key: value for key, value in changed.items() if value is not None}


def image(*stretches: int) -> bytes:
    """Make a disk image: so many random bytes, or so many zeros where the number is negative."""
    source = random.Random(1)  # noqa: S311 - the same bytes every time
    return b"".join(source.randbytes(size) if size > 0 else bytes(-size) for size in stretches)


def archive(members: Iterable[tuple[str | tarfile.TarInfo, bytes]], **options: Any) -> bytes:
    """Pack members into a tar archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", **options) as tar:
        for name, content in members:
            header = tarfile.TarInfo(name) if isinstance(name, str) else name
            if header.isreg():
                header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return packed.getvalue()


def tarball(folder: Path, content: bytes, name: str = "root.img") -> str:
    """Write a stemcell's tarball as the stemcell builder does; returns its path."""
    path = folder / "image"
    path.write_bytes(gzip.compress(archive([(name, content)]), 1))
    return str(path)


def left(storage: Storage) -> list[str]:
    """List what the account still has: buckets and what is in them, images, snapshots."""
    in_oss = [row.id for kind in (Bucket, OssObject, Upload) for row in storage.all(kind)]
    images = [made.id for made in storage.own_images()]
    return in_oss + images + [snapshot.id for snapshot in storage.snapshots()]


def ended_well(storage: Storage, answer: Answer) -> None:
    """Expect the one image of an encrypted stemcell that supports NVMe, and nothing else."""
    assert answer.error is None, answer.error
    (made,) = storage.own_images()
    assert (made.id, made.status, made.encrypted) == (answer.result, "Available", True)
    assert made.nvme_supported
    assert left(storage) == [made.id, *made.snapshot_ids]
