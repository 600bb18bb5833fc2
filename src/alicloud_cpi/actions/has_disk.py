"""has_disk(disk_cid) -> bool

Tells whether a persistent disk exists, attached or not.
Spec: https://bosh.io/docs/cpi-api-v2-method/has-disk/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext


def run(ctx: CallContext, disk_cid: str) -> bool:
    """Return whether any region that the call looks in has the disk."""
    return ctx.services.disks.find(disk_cid) is not None
