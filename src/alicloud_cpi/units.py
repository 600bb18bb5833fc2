"""Sizes, kinds of disks and texts as BOSH writes them, in the cloud's terms.

BOSH counts disks in MiB, ECS in GiB, and every kind of disk has a smallest size. The same
rounding serves create_disk, resize_disk, update_disk and a VM's own disks, so that a disk that
was rounded up at birth is not "shrunk" by a later call that asks for its original size.
"""

from __future__ import annotations

MIB_PER_GIB = 1024

# The category of a disk that nothing is said of, and the only one with performance levels.
DEFAULT_CATEGORY = "cloud_efficiency"
ESSD = "cloud_essd"
CATEGORIES = ("cloud", DEFAULT_CATEGORY, "cloud_ssd", ESSD, "cloud_auto", "ephemeral_ssd")
PERFORMANCE_LEVELS = ("PL0", "PL1", "PL2", "PL3")

# Smallest size in GiB per disk category, as in the Go release; but an ESSD that is asked for as
# PL0, the level for small disks, has the cloud's own (API reference, semantics section 4).
_MINIMUM_GIB = {"cloud": 5, "cloud_auto": 40}
_MINIMUM_GIB_OTHERS = 20
_SMALL = (ESSD, "PL0")
_MINIMUM_GIB_SMALL = 1


def gib(size_mib: int) -> int:
    """Whole GiB that hold this many MiB."""
    return -(-size_mib // MIB_PER_GIB)


def disk_gib(size_mib: int, category: str, performance_level: str, *, present_gib: int = 0) -> int:
    """Size in GiB of a data disk of this kind: rounded up, at least the kind's minimum.

    :param performance_level: empty where none is asked for
    :param present_gib: what the disk has that is there already
    """
    if (category, performance_level) != _SMALL:
        return max(gib(size_mib), _MINIMUM_GIB.get(category, _MINIMUM_GIB_OTHERS))
    wanted = max(gib(size_mib), _MINIMUM_GIB_SMALL)
    # What has the others' minimum may have been rounded up to it at birth: by a release that knew
    # no smaller PL0, or as a disk of another category. It fits as it is. To call that a shrink
    # would have the Director copy all its data into a smaller disk that nobody asked for.
    return present_gib if wanted < present_gib == _MINIMUM_GIB_OTHERS else wanted


def cut(text: str, length: int) -> str:
    """Return the text, shortened to at most this many characters."""
    return text if len(text) <= length else text[:length]
