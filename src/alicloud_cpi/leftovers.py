"""``alicloud-cpi leftovers``: what this CPI made and what looks abandoned; changes nothing.

What a call made and could not take back is named in its error. A call that was killed names
nothing: this finds what it left by the marks that the CPI puts on all it makes. What calls that
are under way have made is listed as well: whether a thing is needed is for the operator to say.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi import cpi_json, log
from alicloud_cpi.call import Call
from alicloud_cpi.cloud.disks import AVAILABLE, EPHEMERAL, PERSISTENT
from alicloud_cpi.cloud.images import EVERY_STATUS
from alicloud_cpi.cloud.instances import MADE_BEHIND_NLB, MADE_BY_US
from alicloud_cpi.cloud.lookup import every, tags_of
from alicloud_cpi.cloud.tags import IMAGE_KEY
from alicloud_cpi.errors import CpiError, CpiFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.api import Api

_SNAPSHOT = "BOSH snapshot of"

# An image of ours ends with a UUID (cloud.names.image_name).
_OWN_IMAGE = re.compile(r"-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")

# Usage of a snapshot that no image has.
_UNUSED = "none"

_RUNNING = ("Running", "Starting", "Stopping")

# What the Director and create-env say of every VM as soon as it has been made.
_DIRECTORS_TAGS = frozenset({"deployment", "director"})


class Leftover(NamedTuple):
    """One resource that looks abandoned, and why."""

    kind: str
    id: str
    region: str
    created: str
    name: str
    why: str


def run(path: str | None, clock: Clock) -> int:
    """Print one JSON object per leftover, the oldest first; returns the exit status."""
    secrets = log.Secrets()
    try:
        if path is None:
            raise CpiError("No configuration given: leftovers --config FILE")
        document = cpi_json.load(path)
        secrets.add_from(document)
        log.start(secrets, method="leftovers", request_id="-")
        call = Call(api_version=1, context={}, document=document, clock=clock, secrets=secrets)
        try:
            found = sorted(_leftovers(call), key=lambda leftover: leftover.created)
        finally:
            call.close()
    except CpiFailure as failure:
        sys.stderr.write(f"{secrets.blank(failure.message)}\n")
        return 1
    for leftover in found:
        sys.stdout.write(json.dumps(leftover._asdict()) + "\n")
    return 0


def _leftovers(call: Call) -> Iterator[Leftover]:
    ecs = call.cloud.ecs
    for region in call.cloud.regions:
        yield from _instances(ecs, region)
        disks = list(every(ecs, "DescribeDisks", region, ("Disks", "Disk"), DiskType="data"))
        yield from _disks(disks, region)
        yield from _snapshots(ecs, region, {disk["DiskId"] for disk in disks})
        yield from _images(ecs, region)
        yield from _interfaces(ecs, region)
    for name, region, created in call.cloud.object_store.stemcell_buckets():
        why = "no call that uploads a stemcell leaves its bucket"
        yield Leftover("bucket", name, region, created, "", why)


def _instances(ecs: Api, region: str) -> Iterator[Leftover]:
    for record in every(ecs, "DescribeInstances", region, ("Instances", "Instance")):
        if record.get("Description") not in (MADE_BY_US, MADE_BEHIND_NLB):
            continue
        if record.get("Status") not in _RUNNING:
            started = record.get("StartTime")
            since = f"last started {started}" if started else "never started"
            why = f"{record.get('Status')}, {since}"
        elif _DIRECTORS_TAGS.isdisjoint(tags_of(record)):
            why = "never handed over: it has none of the tags of set_vm_metadata"
        else:
            continue
        yield _leftover("instance", "InstanceId", "InstanceName", record, region, why)


def _disks(disks: list[dict[str, Any]], region: str) -> Iterator[Leftover]:
    reasons = {
        PERSISTENT: "attached to no VM: compare with `bosh disks --orphaned`",
        EPHEMERAL: "its VM is gone",
    }
    for record in disks:
        why = reasons.get(record.get("Description", ""))
        if why and record.get("Status") == AVAILABLE:
            yield _leftover("disk", "DiskId", "DiskName", record, region, why)


def _snapshots(ecs: Api, region: str, disk_ids: set[str]) -> Iterator[Leftover]:
    for record in every(ecs, "DescribeSnapshots", region, ("Snapshots", "Snapshot"), Status="all"):
        if IMAGE_KEY in tags_of(record) and record.get("Usage") == _UNUSED:
            yield _leftover(
                "snapshot", "SnapshotId", "SnapshotName", record, region, "its image is gone"
            )
        if not record.get("Description", "").startswith(_SNAPSHOT):
            continue
        if record.get("Status") == "failed":
            why = "failed"
        elif record.get("SourceDiskId") not in disk_ids:
            why = "its disk is gone: compare with `bosh snapshots`"
        else:
            continue
        yield _leftover("snapshot", "SnapshotId", "SnapshotName", record, region, why)


def _images(ecs: Api, region: str) -> Iterator[Leftover]:
    """Yield images of ours that no VM uses: pages of them are counted, they have no token."""
    number, seen = 1, 0
    while True:
        answer = ecs.call(
            "DescribeImages",
            region,
            ImageOwnerAlias="self",
            Usage="none",
            Status=EVERY_STATUS,
            PageSize=100,
            PageNumber=number,
        )
        images = (answer.get("Images") or {}).get("Image") or []
        for record in images:
            if _OWN_IMAGE.search(record.get("ImageName", "")):
                usable = record.get("Status") == "Available"
                why = "no VM uses it: compare with `bosh stemcells`" if usable else record["Status"]
                yield _leftover("image", "ImageId", "ImageName", record, region, why)
        number, seen = number + 1, seen + len(images)
        if not images or seen >= answer.get("TotalCount", 0):
            return


def _interfaces(ecs: Api, region: str) -> Iterator[Leftover]:
    """Yield primary interfaces without an instance: every one has been made with one."""
    path = ("NetworkInterfaceSets", "NetworkInterfaceSet")
    for record in every(ecs, "DescribeNetworkInterfaces", region, path, Type="Primary"):
        if record.get("Status") == "Available":
            why = f"its VM is gone; keeps {record.get('PrivateIpAddress', 'its address')} taken"
            yield _leftover(
                "interface", "NetworkInterfaceId", "NetworkInterfaceName", record, region, why
            )


def _leftover(
    kind: str, id_field: str, name_field: str, record: dict[str, Any], region: str, why: str
) -> Leftover:
    created = record.get("CreationTime") or record.get("CreatedTime") or ""
    return Leftover(kind, record[id_field], region, created, record.get(name_field, ""), why)
