"""DescribeSnapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import (
    HOST,
    LONG,
    add_disk,
    add_host,
    add_snapshot,
    create_snapshot,
    held_disk,
    snapshots,
)
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def test_filters(cloud: Cloud, sim: Simulator) -> None:
    """Filters are ANDed; an empty id filter matches nothing, an unknown id is left out."""
    add_host(sim)
    held, free = held_disk(sim), add_disk(sim, type="system")
    alpha = create_snapshot(cloud, held, SnapshotName="alpha-1", Tag__1__Key="a")
    sim.advance(LONG)
    assert snapshots(cloud)[0]["Status"] == "accomplished"
    beta = create_snapshot(cloud, free, SnapshotName="beta-1")

    def ids(**params: Any) -> set[str]:
        return {shown["SnapshotId"] for shown in snapshots(cloud, **params)}

    assert ids() == {alpha, beta}
    assert ids(DiskId=held) == ids(InstanceId=HOST) == ids(Tag__1__Key="a") == {alpha}
    assert ids(Status="all", SnapshotName="*-1") == {alpha, beta}
    assert ids(SourceDiskType="system") == {beta}
    assert ids(SnapshotType="auto") == ids(Encrypted="true") == ids(Usage="disk") == set()
    assert ids(SnapshotIds="[]") == set()
    assert ids(SnapshotIds=f'["{alpha}", "s-unknown"]') == {alpha}
    assert ids(Status="progressing", DiskId=held) == set()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Status": "lost"}, "InvalidStatus.NotFound"),
        ({"SnapshotType": "x"}, "InvalidSnapshotType.NotFound"),
        ({"Usage": "x"}, "InvalidUsage"),
        ({"SourceDiskType": "x"}, "InvalidSourceDiskType"),
        ({"SnapshotIds": "s-1"}, "InvalidSnapshotIds.Malformed"),
        ({"MaxResults": 101}, "InvalidParameter"),
        ({"DryRun": "true"}, "DryRunOperation"),
        ({"SnapshotLinkId": "sl-1"}, "SimulatorUnsupported.SnapshotLinkId"),
    ],
)
def test_list_refusals(cloud: Cloud, asked: dict[str, Any], code: str) -> None:
    """Filters that make no sense are refused."""
    assert cloud.call("DescribeSnapshots", **asked).code == code


def test_pages(cloud: Cloud, sim: Simulator) -> None:
    """Both ways of paging go through all snapshots, the newest first."""
    made = []
    for _ in range(12):
        made.append(add_snapshot(sim))
        sim.advance(1)
    first = cloud.ok("DescribeSnapshots", PageSize=5, PageNumber=3)
    assert [s["SnapshotId"] for s in first["Snapshots"]["Snapshot"]] == made[1::-1]
    assert first["TotalCount"] == 12
    page = cloud.ok("DescribeSnapshots", MaxResults=10)
    rest = cloud.ok("DescribeSnapshots", NextToken=page["NextToken"])
    assert [s["SnapshotId"] for s in rest["Snapshots"]["Snapshot"]] == made[1::-1]
    assert rest["NextToken"] == ""


def test_accounts_are_apart(cloud: Cloud, sim: Simulator) -> None:
    """Another account sees no snapshot of ours."""
    made = create_snapshot(cloud, add_disk(sim))
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    assert snapshots(other) == []
    assert other.call("DeleteSnapshot", SnapshotId=made).code == "InvalidSnapshotId.NotFound"
