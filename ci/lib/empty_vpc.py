"""Delete what tests left in one VPC, so that terraform can delete the VPC.

    empty_vpc.py vpc-... cn-hangzhou

Deletes instances, their data disks and network interfaces, and ends when the cloud lists none of
them. Every environment has a VPC of its own. Snapshots, images and detached disks are in no VPC and
do not prevent its deletion; `alicloud-cpi leftovers` lists them. cloud.py says where credentials
come from.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from cloud import Cloud, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SECONDS = 900
PAUSE = 2

# Already deleted, or not in a state to be deleted yet: repeated as long as it is listed.
RETRYABLE = ("NotFound", "IncorrectInstanceStatus", "IncorrectDiskStatus", "InvalidOperation")


class Vpc:
    """What is in one VPC, by ids."""

    def __init__(self, cloud: Cloud, vpc_id: str) -> None:
        self._cloud = cloud
        self._vpc_id = vpc_id

    def instances(self) -> list[str]:
        """Return the instances in it."""
        found = self._cloud.rows("DescribeInstances", VpcId=self._vpc_id)
        return [row["InstanceId"] for row in found]

    def interfaces(self) -> list[str]:
        """Return the network interfaces in it that are not a service's own."""
        found = self._cloud.rows("DescribeNetworkInterfaces", VpcId=self._vpc_id)
        return [row["NetworkInterfaceId"] for row in found if not row.get("ServiceManaged")]

    def data_disks(self, instances: Iterable[str]) -> list[str]:
        """Return the data disks of instances."""
        return [
            row["DiskId"]
            for instance in instances
            for row in self._cloud.rows("DescribeDisks", InstanceId=instance, DiskType="data")
        ]

    def delete(self, action: str, parameter: str, resource_id: str, **more: str) -> None:
        """Request the deletion of one resource; a retryable refusal is no failure."""
        sys.stdout.write(f"{action} {resource_id}\n")
        try:
            self._cloud.send("ecs", action, **{parameter: resource_id}, **more)
        except Refused as refused:
            if not any(code in refused.code for code in RETRYABLE):
                raise


def delete_all(remaining: Callable[[], list[str]], delete: Callable[[str], None]) -> None:
    """Repeat until nothing is listed.

    :raises SystemExit: naming what is still there
    """
    deadline = time.monotonic() + SECONDS
    while left := remaining():
        if time.monotonic() > deadline:
            sys.exit(f"Still there after {SECONDS} s: {', '.join(left)}")
        for resource_id in left:
            delete(resource_id)
        time.sleep(PAUSE)


def empty(vpc: Vpc) -> None:
    """Delete everything, in the order of its dependencies."""
    disks = vpc.data_disks(vpc.instances())
    delete_all(vpc.instances, lambda i: vpc.delete("DeleteInstance", "InstanceId", i, Force="true"))
    for disk in disks:
        vpc.delete("DeleteDisk", "DiskId", disk)
    delete_all(
        vpc.interfaces, lambda i: vpc.delete("DeleteNetworkInterface", "NetworkInterfaceId", i)
    )


def main(vpc_id: str, region: str) -> int:
    """Empty the VPC.

    :raises SystemExit: with the cloud's refusal
    """
    try:
        empty(Vpc(Cloud(region), vpc_id))
    except Refused as refused:
        sys.exit(str(refused))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
