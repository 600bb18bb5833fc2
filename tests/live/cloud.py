"""The account as a run looks at it: what there is, and where a VM is registered.

What is read may lag behind what was done, so stories compare with ``eventually``.
"""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from live import buckets
from live.api import services

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud import Row

    from live.settings import Live

PATIENCE = 90
LONGEST_PAUSE = 3

# How the names of buckets begin that a stemcell's image goes through.
BUCKET = "bosh-stemcell-"

# DescribeImages shows Available ones only, unless told otherwise.
EVERY_IMAGE = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"


class Backend(NamedTuple):
    """A VM's place in a load balancer; the default group of a classic one knows no port."""

    port: int
    weight: int


class Cloud:
    """Reads what there is in the run's region."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._api = services(live)

    def instance(self, vm_cid: str) -> Row | None:
        """Find an instance."""
        return _only(self._api.rows("DescribeInstances", InstanceIds=json.dumps([vm_cid])))

    def disk(self, disk_cid: str) -> Row | None:
        """Find a disk."""
        return _only(self._api.rows("DescribeDisks", DiskIds=json.dumps([disk_cid])))

    def disks_of(self, vm_cid: str, kind: str) -> list[Row]:
        """Return the disks of an instance that are system or data disks."""
        return self._api.rows("DescribeDisks", InstanceId=vm_cid, DiskType=kind)

    def snapshot(self, snapshot_cid: str) -> Row | None:
        """Find a snapshot."""
        return _only(self._api.rows("DescribeSnapshots", SnapshotIds=json.dumps([snapshot_cid])))

    def image(self, image_id: str) -> Row | None:
        """Find an image, whatever its status."""
        return _only(self._api.rows("DescribeImages", ImageId=image_id, Status=EVERY_IMAGE))

    def settings(self, vm_cid: str) -> Row:
        """Return what an instance's agent finds in its user data."""
        text = self._api.send("ecs", "DescribeUserData", InstanceId=vm_cid)["UserData"]
        found: Row = json.loads(base64.b64decode(text))
        return found

    def needs_nvme(self, instance_type: str) -> bool:
        """Tell whether a type shows its disks as NVMe ones only."""
        asked = {"InstanceTypes.1": instance_type}
        answer = self._api.send("ecs", "DescribeInstanceTypes", **asked)
        (found,) = answer["InstanceTypes"]["InstanceType"]
        return bool(found["NvmeSupport"] == "required")

    def eip(self, address: str) -> tuple[str, str]:
        """Return status and holder of an elastic IP address."""
        answer = self._api.send("vpc", "DescribeEipAddresses", EipAddress=address)
        (found,) = answer["EipAddresses"]["EipAddress"]
        return found["Status"], found["InstanceId"]

    def balancer(self, slb_id: str, vm_cid: str) -> list[Backend]:
        """Return an instance's places in the default group of a classic load balancer."""
        answer = self._api.send("slb", "DescribeLoadBalancerAttribute", LoadBalancerId=slb_id)
        return _places(answer["BackendServers"]["BackendServer"], vm_cid)

    def vserver_group(self, group_id: str, vm_cid: str) -> list[Backend]:
        """Return an instance's places in a VServer group."""
        answer = self._api.send("slb", "DescribeVServerGroupAttribute", VServerGroupId=group_id)
        return _places(answer["BackendServers"]["BackendServer"], vm_cid)

    def nlb_group(self, group_id: str, vm_cid: str) -> list[Backend]:
        """Return an instance's places in a server group of a network load balancer."""
        asked = {"ServerGroupId": group_id, "ServerIds.1": vm_cid}
        answer = self._api.send("nlb", "ListServerGroupServers", **asked)
        return _places(answer["Servers"], vm_cid)

    def own_images(self) -> list[Row]:
        """List the account's own images, whatever their status."""
        return self._api.rows("DescribeImages", ImageOwnerAlias="self", Status=EVERY_IMAGE)

    def buckets(self) -> set[str]:
        """List the buckets that uploads of stemcells have made; none are made without one."""
        return buckets.named(self._live, BUCKET) if "full_stemcell" in self._live else set()

    def tagged(self, action: str, key: str, value: str, **parameters: str) -> list[Row]:
        """Return the rows of a list of ECS that carry a tag."""
        tag = {"Tag.1.Key": key, "Tag.1.Value": value}
        return self._api.rows(action, **parameters, **tag)


def eventually(look: Callable[[], Any], expected: Any, patience: float = PATIENCE) -> None:
    """Expect to see something before long."""
    give_up, pause = time.monotonic() + patience, 0.1
    while (seen := look()) != expected and time.monotonic() < give_up:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    assert seen == expected


def tags_of(row: Row | None) -> dict[str, str]:
    """Return the tags of what was found."""
    assert row is not None
    return {tag["TagKey"]: tag["TagValue"] for tag in row.get("Tags", {}).get("Tag", [])}


def fields_of(row: Row | None, *names: str) -> tuple[Any, ...]:
    """Return some fields of what was found; nothing of what was not."""
    return tuple(row.get(name) for name in names) if row else ()


def _only(rows: list[Row]) -> Row | None:
    assert len(rows) <= 1
    return rows[0] if rows else None


def _places(rows: list[Row], vm_cid: str) -> list[Backend]:
    mine = [row for row in rows if row["ServerId"] == vm_cid]
    return sorted(Backend(int(row.get("Port") or 0), int(row["Weight"])) for row in mine)
