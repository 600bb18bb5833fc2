"""Sizes and texts as BOSH writes them, in the cloud's terms.

BOSH counts disks in MiB, ECS in GiB, and every disk category has a smallest size. The same
rounding serves create_disk, resize_disk, update_disk and a VM's own disks, so that a disk that
was rounded up at birth is not "shrunk" by a later call that asks for its original size.
"""

from __future__ import annotations

MIB_PER_GIB = 1024

# Smallest size in GiB per disk category (properties.md, "Disk types").
_MINIMUM_GIB = {"cloud": 5, "cloud_auto": 40}
_MINIMUM_GIB_OTHERS = 20


def gib(size_mib: int) -> int:
    """Whole GiB that hold this many MiB."""
    return -(-size_mib // MIB_PER_GIB)


def disk_gib(size_mib: int, category: str) -> int:
    """Size in GiB of a data disk of this category: rounded up, at least the category's minimum."""
    return max(gib(size_mib), _MINIMUM_GIB.get(category, _MINIMUM_GIB_OTHERS))


def cut(text: str, length: int) -> str:
    """Return the text, shortened to at most this many characters."""
    return text if len(text) <= length else text[:length]
