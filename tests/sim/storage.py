"""What the tests of disks, snapshots and images need: instances from the seed, and waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.support import ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

LONG = 3600.0
HOST = "i-2zestorage0000000001"
OTHER_HOST = "i-2zestorage0000000002"
GIB = 2**30
BUCKET, KEY = "stemcells", "stemcell/image.raw"
MAPPING = {"DiskDeviceMapping.1.OSSBucket": BUCKET, "DiskDeviceMapping.1.OSSObject": KEY}


def add_host(sim: Simulator, host: str = HOST, **fields: Any) -> str:
    """Add an instance as a record; give its id."""
    row = {"status": "Running", "zone_id": ZONE, "instance_type": "ecs.g6.large", **fields}
    sim.seed({"instance": [{"id": host, **row}]})
    return host


def add_disk(sim: Simulator, **fields: Any) -> str:
    """Add a disk as a record that was attached once; give its id."""
    row = {"zone_id": ZONE, "size_gib": 40, "performance_level": "PL1", "attached_at": 1.0}
    (disk_id,) = sim.seed({"disk": [{**row, **fields}]})["disk"]
    return disk_id


def held_disk(sim: Simulator, host: str = HOST, **fields: Any) -> str:
    """Add a disk as a record that an instance holds; give its id."""
    held = {"status": "In_use", "instance_id": host, "device": "/dev/xvdb", **fields}
    return add_disk(sim, **held)


def attach(cloud: Cloud, disk_id: str, host: str = HOST) -> None:
    """Attach a disk and wait until it is there."""
    cloud.ok("AttachDisk", InstanceId=host, DiskId=disk_id)
    cloud.sim.advance(LONG)


def disk(cloud: Cloud, disk_id: str) -> Any:
    """Describe one disk."""
    (shown,) = cloud.disks(disk_id)
    return shown


def statuses(cloud: Cloud, disk_id: str) -> list[str]:
    """Read a disk's status until it settles; each read lets a change that is due go on."""
    seen: list[str] = []
    while True:
        status = str(disk(cloud, disk_id)["Status"])
        if seen[-1:] == [status]:
            return seen
        seen.append(status)


def snapshots(cloud: Cloud, *ids: str, **params: Any) -> list[Any]:
    """Describe snapshots, some or all."""
    if ids:
        params["SnapshotIds"] = json.dumps(ids)
    return list(cloud.ok("DescribeSnapshots", **params)["Snapshots"]["Snapshot"])


def add_snapshot(sim: Simulator, **fields: Any) -> str:
    """Add a finished snapshot as a record; give its id."""
    (snapshot_id,) = sim.seed({"snapshot": [fields]})["snapshot"]
    return snapshot_id


def images(cloud: Cloud, *ids: str, status: str | None = "ALL", **params: Any) -> list[Any]:
    """Describe images of any status, one or all."""
    given = {"Status": status, "ImageId": ids[0] if ids else None, **params}
    return list(cloud.ok("DescribeImages", **given)["Images"]["Image"])


def add_image(sim: Simulator, **fields: Any) -> str:
    """Add an own image as a record, with a snapshot under it; give its id."""
    under = add_snapshot(sim, disk_type="system", size_gib=fields.get("size_gib", 5))
    (image_id,) = sim.seed({"image": [{"snapshot_ids": [under], **fields}]})["image"]
    return image_id


def tasks(cloud: Cloud, **params: Any) -> list[Any]:
    """Describe tasks."""
    return list(cloud.ok("DescribeTasks", **params)["TaskSet"]["Task"])


def create_snapshot(cloud: Cloud, disk_id: str, **params: Any) -> str:
    """Make a snapshot and give its id."""
    return str(cloud.ok("CreateSnapshot", DiskId=disk_id, **params)["SnapshotId"])


def store(sim: Simulator, key: str = KEY, content: bytes | None = None, **fields: Any) -> None:
    """Put an object into the bucket, zeros unless it has a content."""
    row = {"id": f"{BUCKET}/{key}", "bucket": BUCKET, "key": key, "size": 3 * GIB, **fields}
    if content is not None:
        writer = sim.world.blobs.writer()
        writer.data(content)
        row |= {"data": sim.world.blobs.add(writer.done()), "size": len(content)}
    sim.seed({"oss_bucket": [{"id": BUCKET}], "oss_object": [row]})


def start_import(cloud: Cloud, **params: Any) -> tuple[str, str]:
    """Import an image and give its id and its task's."""
    answer = cloud.ok("ImportImage", **{**MAPPING, **params})
    assert answer["RegionId"] == "cn-beijing"
    return answer["ImageId"], answer["TaskId"]


def task_attribute(cloud: Cloud, task: str) -> Any:
    """Describe one task."""
    return cloud.ok("DescribeTaskAttribute", TaskId=task)
