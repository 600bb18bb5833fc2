"""snapshot_disk takes a snapshot, says of what, and returns when it can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused
from support.world import MARK

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

METADATA = {
    "agent_id": "a-1",
    "instance_id": "4f5a",
    "director_name": "bosh",
    "director_uuid": "d-1",
    "deployment": "cf",
    "job": "database",
    "index": 0,
}


@pytest.mark.parametrize("category", ["cloud_efficiency", "cloud_essd"])
def test_usable_afterwards(cpi: Cpi, storage: Storage, category: str) -> None:
    """The snapshot is one of the disk, and usable when the call returns."""
    disk_cid = storage.attached(storage.vm(), category=category)
    snapshot_cid = cpi.ok("snapshot_disk", disk_cid, METADATA)
    (snapshot,) = storage.snapshots()
    assert (snapshot.id, snapshot.disk_id) == (snapshot_cid, disk_cid)
    assert snapshot.usable
    assert storage.found(disk_cid).status == "In_use"


def test_free_disk(cpi: Cpi, storage: Storage) -> None:
    """A disk that is free now but was attached once has snapshots too."""
    disk_cid = storage.disk(attached_at=1.0)
    snapshot_cid = cpi.ok("snapshot_disk", disk_cid, METADATA)
    assert [snapshot.id for snapshot in storage.snapshots()] == [snapshot_cid]


def test_waits(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A snapshot that takes long is waited for."""
    sim.set_pace(snapshot__create=1800)
    cpi.ok("snapshot_disk", storage.disk(attached_at=1.0), METADATA)
    assert storage.snapshots()[0].status == "accomplished"


def test_each_call_takes_one(cpi: Cpi, storage: Storage) -> None:
    """The same call again is another snapshot."""
    disk_cid = storage.disk(attached_at=1.0)
    assert cpi.ok("snapshot_disk", disk_cid, METADATA) != cpi.ok(
        "snapshot_disk", disk_cid, METADATA
    )
    assert len(storage.snapshots()) == 2


def test_metadata(cpi: Cpi, storage: Storage) -> None:
    """Name and description say of which instance it is, and all of the metadata is in the tags."""
    cpi.ok("snapshot_disk", storage.disk(attached_at=1.0), METADATA)
    (snapshot,) = storage.snapshots()
    assert snapshot.name == "cf.database.0"
    assert snapshot.description == "BOSH snapshot of cf/database/0"
    assert snapshot.tags == {**METADATA, "index": "0", **MARK}


@pytest.mark.parametrize(
    ("metadata", "name", "tags"),
    [
        (None, "", {}),
        ({}, "", {}),
        ({"index": None, "job": "db"}, "db", {"index": "", "job": "db"}),
        ({"index": 7}, "snapshot-7", {"index": "7"}),
        ({"index": True, "x": 1.5}, "true", {"index": "true", "x": "1.5"}),
        ({"deployment": "autoscaler"}, "snapshot-autoscaler", {"deployment": "autoscaler"}),
        ({"deployment": "Auto"}, "snapshot-Auto", {"deployment": "Auto"}),
        (
            {"deployment": "数据", "job": "a b"},
            "snapshot-...a.b",
            {"deployment": "数据", "job": "a b"},
        ),
        ({"deployment": "d" * 200}, "d" * 128, {"deployment": "d" * 128}),
        ({"job": "http://a"}, "http...a", {"job": "http:a"}),
        ({"acs:x": ["y"]}, "", {"_acs:x": '["y"]'}),
    ],
)
def test_any_metadata(
    cpi: Cpi, storage: Storage, metadata: dict[str, Any] | None, name: str, tags: dict[str, str]
) -> None:
    """Whatever the values are, they take a form that the cloud takes."""
    cpi.ok("snapshot_disk", storage.disk(attached_at=1.0), metadata)
    (snapshot,) = storage.snapshots()
    assert (snapshot.name, snapshot.tags) == (name, {**tags, **MARK})


def test_metadata_left_out(cpi: Cpi, storage: Storage) -> None:
    """The metadata may be left out."""
    cpi.ok("snapshot_disk", storage.disk(attached_at=1.0))
    assert len(storage.snapshots()) == 1


def test_long_description(cpi: Cpi, storage: Storage) -> None:
    """The description is cut to what the cloud takes."""
    cpi.ok("snapshot_disk", storage.disk(attached_at=1.0), {"deployment": "d" * 400})
    assert len(storage.snapshots()[0].description) == 256


def test_many_tags(cpi: Cpi, storage: Storage) -> None:
    """More metadata than a snapshot has tags does not fail the call; the log says what is left."""
    metadata = {f"key-{number:02}": number for number in range(30)}
    answer = cpi.call("snapshot_disk", storage.disk(attached_at=1.0), metadata)
    assert answer.error is None
    assert len(storage.snapshots()[0].tags) == 20
    assert "key-29" in answer.stderr


def test_missing_disk(cpi: Cpi) -> None:
    """A disk that is not there is DiskNotFound."""
    refused(cpi.call("snapshot_disk", "d-gone", METADATA), "DiskNotFound", "d-gone")


def test_never_attached(cpi: Cpi, storage: Storage) -> None:
    """A disk that was never attached has no snapshots: the cloud's code says so, nothing stays."""
    disk_cid = storage.disk()
    answer = cpi.call("snapshot_disk", disk_cid, METADATA)
    refused(answer, "CloudError", "NeverAttached", disk_cid)
    assert not answer.ok_to_retry
    assert storage.snapshots() == []


def test_failing_snapshot(cpi: Cpi, storage: Storage) -> None:
    """A snapshot that fails is deleted, and the error says both."""
    storage.set(snapshot__fails=True)
    answer = cpi.call("snapshot_disk", storage.disk(attached_at=1.0), METADATA)
    refused(answer, "CloudError", "Snapshot 's-", "failed", "Cleaned up: snapshot")
    assert storage.snapshots() == []


def test_never_usable(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A snapshot that is not done after an hour is deleted."""
    sim.set_pace(snapshot__create=7200)
    answer = cpi.call("snapshot_disk", storage.disk(attached_at=1.0), METADATA)
    refused(answer, "CloudError", "Gave up", "progressing", "Cleaned up")
    assert storage.snapshots() == []


def test_left_behind(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A failed snapshot that cannot be deleted either is named."""
    storage.set(snapshot__fails=True)
    sim.change_key(sim.world.constants["access_key_id"], denied=["DeleteSnapshot"])
    answer = cpi.call("snapshot_disk", storage.disk(attached_at=1.0), METADATA)
    refused(answer, "CloudError", "LEFT BEHIND", storage.snapshots()[0].id)


def test_unfinished_snapshot(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """While another snapshot of the disk is being made, the request is repeated."""
    disk_cid = storage.disk(attached_at=1.0, category="cloud_essd")
    sim.set_pace(snapshot__create=40)
    cpi.ok("snapshot_disk", disk_cid, METADATA)
    cpi.ok("snapshot_disk", disk_cid, METADATA)
    assert len(storage.snapshots()) == 2


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
@pytest.mark.parametrize("lag", [0, 3])
def test_lost_answer(cpi: Cpi, sim: Simulator, storage: Storage, kind: str, lag: float) -> None:
    """When the answer of CreateSnapshot gets lost, the repeat takes no second snapshot."""
    disk_cid = storage.disk(attached_at=1.0)
    sim.set_lag(lag)
    sim.add_fault(kind=kind, action="CreateSnapshot", effect=True)
    snapshot_cid = cpi.ok("snapshot_disk", disk_cid, METADATA)
    assert [snapshot.id for snapshot in storage.snapshots()] == [snapshot_cid]


@pytest.mark.parametrize("metadata", ["x", [], 5])
def test_bad_metadata(cpi: Cpi, storage: Storage, metadata: object) -> None:
    """Metadata that is no hash is an error that names the argument."""
    answer = cpi.call("snapshot_disk", storage.disk(attached_at=1.0), metadata)
    refused(answer, "CpiError", "metadata")
    assert storage.snapshots() == []
