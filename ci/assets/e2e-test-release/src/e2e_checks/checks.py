"""Checks of the VM of an errand in the cloud; each returns what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud import Cloud

# A file on the persistent disk, written by one run of the errand and checked by the next.
STORE = "/var/vcap/store"
MARK = "e2e-mark"
MARKED = "kept\n"


def load_balancer(cloud: Cloud, vm: str, slb: str, group: str, nlb_group: str) -> list[str]:
    """Check that the VM is among the servers of all three."""
    balancer = cloud.send("slb", "DescribeLoadBalancerAttribute", LoadBalancerId=slb)
    servers = {server["ServerId"] for server in balancer["BackendServers"]["BackendServer"]}
    found = cloud.send("slb", "DescribeVServerGroupAttribute", VServerGroupId=group)
    members = {server["ServerId"] for server in found["BackendServers"]["BackendServer"]}
    answer = cloud.send("nlb", "ListServerGroupServers", ServerGroupId=nlb_group)
    nlb_members = {server["ServerId"] for server in answer["Servers"]}
    places = {slb: servers, group: members, nlb_group: nlb_members}
    return [f"{vm} is no server of {place}" for place, known in places.items() if vm not in known]


def spot(cloud: Cloud, vm: str) -> list[str]:
    """Check that the VM is a spot instance."""
    listed = cloud.rows("DescribeInstances", InstanceIds=f'["{vm}"]')
    strategies = [record["SpotStrategy"] for record in listed]
    return [] if strategies and strategies[0] != "NoSpot" else [f"{vm} is no spot instance"]


def encryption(cloud: Cloud, vm: str) -> list[str]:
    """Check that every disk of the VM is encrypted."""
    disks = cloud.rows("DescribeDisks", InstanceId=vm)
    if not disks:
        return [f"{vm} has no disk"]
    return [f"{disk['DiskId']} is not encrypted" for disk in disks if not disk["Encrypted"]]


def disk_migration(cloud: Cloud, vm: str, category: str, size_gib: str, earlier: str) -> list[str]:
    """Check the persistent disk's category and size, and the file that an earlier run wrote."""
    disks = cloud.rows("DescribeDisks", InstanceId=vm, DiskType="data")
    if (category, int(size_gib)) not in [(disk["Category"], disk["Size"]) for disk in disks]:
        complaints = [f"{vm} has no data disk of {size_gib} GiB, {category}"]
    else:
        complaints = []
    mark = Path(os.environ.get("STORE") or STORE) / MARK
    if earlier == "true" and (not mark.is_file() or mark.read_text() != MARKED):
        complaints.append(f"{mark} is lost")
    mark.write_text(MARKED)
    return complaints


CHECKS: dict[str, Callable[..., list[str]]] = {
    "load-balancer": load_balancer,
    "spot": spot,
    "encryption": encryption,
    "disk-migration": disk_migration,
}
