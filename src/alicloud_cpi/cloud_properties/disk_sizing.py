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
# GiB. Sizes are not rounded up to these: nobody means such a disk by a small size.
_LEVEL_MINIMUM_GIB = {"PL2": 461, "PL3": 1261}

# The IOPS that can be bought for an AutoPL disk besides its baseline of 1800 and 50 for each GiB:
# both together at most 1000 for each GiB, and 50000 more (help page of CreateDisk).
_MOST_IOPS = 50_000
_IOPS_PER_GIB = 1000
_BASELINE_IOPS = 1800
_BASELINE_IOPS_PER_GIB = 50


def to_gib(size_mib: int) -> int:
    """Return the whole GiB that hold this many MiB."""
    return -(-size_mib // MIB_PER_GIB)


def level_minimum_gib(performance_level: str) -> int:
    """Return the least size of a cloud_essd of a performance level, as far as none is rounded."""
    return _LEVEL_MINIMUM_GIB.get(performance_level, 0)


def most_provisioned_iops(size_gib: int) -> int:
    """Return how many IOPS can be bought for a cloud_auto disk of this size."""
    baseline = min(_BASELINE_IOPS + _BASELINE_IOPS_PER_GIB * size_gib, _MOST_IOPS)
    return max(0, min(_MOST_IOPS, _IOPS_PER_GIB * size_gib - baseline))


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
