"""set_disk_metadata(disk_cid, metadata)

Tags a persistent disk with what the Director knows of it.
Spec: https://bosh.io/docs/cpi-api-v2-method/set-disk-metadata/

A tag that the cloud refuses is a warning in the log: the disk is attached by now, and failing
would fail the deployment.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.call import Call


def run(call: Call, disk_cid: str, metadata: dict[str, Any]) -> None:
    """Tag the disk.

    :raises DiskNotFound: no such disk
    """
    disk = call.disk(disk_cid)
    call.cloud.tags.add("disk", disk.id, disk.region, metadata, disk.tags)
