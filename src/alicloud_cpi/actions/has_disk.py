"""has_disk(disk_cid) -> bool

Tells whether a persistent disk exists, attached or not.
Spec: https://bosh.io/docs/cpi-api-v2-method/has-disk/
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call


def run(call: Call, disk_cid: str) -> bool:
    """Return whether any region that the call looks in has the disk."""
    return call.cloud.disks.find(disk_cid) is not None
