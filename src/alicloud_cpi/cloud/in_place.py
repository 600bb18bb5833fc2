"""Changing a disk where it is, or telling the Director that it has to copy it.

A disk that cannot be changed in place is copied by the Director, but only when it hears
NotSupported: any other error leaves the disk detached and the deployment broken (contract
section 1).
"""

from __future__ import annotations

from contextlib import contextmanager

from alicloud_cpi.cloud.wire.failures import UNREACHABLE, ApiError
from alicloud_cpi.errors import DiskNotFound, NotSupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_cpi.cloud.disks import Disk

_GONE = "InvalidDiskId.NotFound"


@contextmanager
def in_place(disk: Disk) -> Iterator[None]:
    """Turn the cloud's refusal of the one request in this block into NotSupported.

    A refusal is an answer that says no, for want of permission too. What leaves the outcome open
    or only asks for patience, a lost answer or throttling, stays what it is.

    :raises NotSupported: the cloud said no
    :raises DiskNotFound: the disk went away
    """
    try:
        yield
    except ApiError as failure:
        if failure.effect_unknown or failure.throttled or failure.code == UNREACHABLE:
            raise
        if failure.code == _GONE:
            raise DiskNotFound(disk.id) from failure
        raise NotSupported(f"Disk '{disk.id}' stays as it is: {failure.message}") from failure
