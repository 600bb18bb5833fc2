"""Sizes of disks: BOSH counts MiB, ECS counts GiB, and every category has a minimum.

create_disk, resize_disk, update_disk and a VM's own disks use the same rounding, so that a disk
that was rounded up when it was created is not "shrunk" by a later call with the original size.
"""

from __future__ import annotations

MIB_PER_GIB = 1024

# GiB. As in the Go release; a cloud_essd of PL0, the level for small disks, has the cloud's own
# minimum (semantics.md section 4).
_MINIMUM_GIB = {"cloud": 5, "cloud_auto": 40}
_USUAL_MINIMUM_GIB = 20
_PL0_MINIMUM_GIB = 1


def to_gib(size_mib: int) -> int:
    """Return the whole GiB that hold this many MiB."""
    return -(-size_mib // MIB_PER_GIB)


def data_disk_gib(
    size_mib: int, category: str, performance_level: str, *, current_gib: int = 0
) -> int:
    """Return the size of a data disk in GiB: rounded up, at least the minimum.

    :param performance_level: empty where none is asked for
    :param current_gib: the size of a disk that exists already
    """
    if (category, performance_level) != ("cloud_essd", "PL0"):
        return max(to_gib(size_mib), _MINIMUM_GIB.get(category, _USUAL_MINIMUM_GIB))
    wanted = max(to_gib(size_mib), _PL0_MINIMUM_GIB)
    # A disk of the usual minimum may have been rounded up to it, by a release that knew no smaller
    # PL0 or with another category. Calling that a shrink would make the Director copy its data.
    return current_gib if wanted < current_gib == _USUAL_MINIMUM_GIB else wanted
