"""set_disk_metadata tags a disk; tags that the cloud does not take never fail a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

METADATA = {
    "director": "bosh",
    "deployment": "cf",
    "instance_id": "4f5a",
    "instance_index": 0,
    "instance_group": "database",
    "attached_at": "2026-11-23T03:00:00Z",
}


def test_tags(cpi: Cpi, storage: Storage) -> None:
    """What the Director knows of the disk becomes its tags, every value as text."""
    disk_cid = storage.disk()
    assert cpi.ok("set_disk_metadata", disk_cid, METADATA) is None
    assert storage.found(disk_cid).tags == {**METADATA, "instance_index": "0"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ("", ""),
        (["a", 1], '["a", 1]'),
        ({"a": None}, '{"a": null}'),
        ("数据", "数据"),
        ("数" * 200, "数" * 128),
        ("acs:x", "_acs:x"),
        ("Aliyun", "_Aliyun"),
        ("see https://a/b", "see https:a/b"),
        ("httphttp:////a", "httphttp:a"),
    ],
)
def test_values(cpi: Cpi, storage: Storage, value: Any, text: str) -> None:
    """Any JSON value becomes a text that the cloud takes."""
    disk_cid = storage.disk()
    answer = cpi.call("set_disk_metadata", disk_cid, {"key": value})
    assert (answer.error, storage.found(disk_cid).tags) == (None, {"key": text})
    assert "were not set" not in answer.stderr


def test_repeat(cpi: Cpi, storage: Storage) -> None:
    """The same call again changes nothing; other values replace those present."""
    disk_cid = storage.disk(tags={"team": "data"})
    cpi.ok("set_disk_metadata", disk_cid, METADATA)
    cpi.ok("set_disk_metadata", disk_cid, METADATA)
    cpi.ok("set_disk_metadata", disk_cid, {"Deployment": "cf-2"})
    tags = storage.found(disk_cid).tags
    assert tags == {**METADATA, "instance_index": "0", "team": "data", "deployment": "cf-2"}


def test_attached_disk(cpi: Cpi, storage: Storage) -> None:
    """An attached disk is tagged, as the Director does after each attachment."""
    disk_cid = storage.attached(storage.vm())
    cpi.ok("set_disk_metadata", disk_cid, METADATA)
    assert storage.found(disk_cid).tags["deployment"] == "cf"


@pytest.mark.parametrize("present", [0, 18, 20])
def test_more_than_fit(cpi: Cpi, storage: Storage, present: int) -> None:
    """A resource has at most 20 tags: those present stay, the log names what was dropped."""
    there = {f"there-{number:02}": "x" for number in range(present)}
    disk_cid = storage.disk(tags=there)
    wanted = {f"new-{number:02}": "x" for number in range(25)}
    answer = cpi.call("set_disk_metadata", disk_cid, {**wanted, **dict.fromkeys(there, "y")})
    assert answer.error is None
    tags = storage.found(disk_cid).tags
    assert set(there) <= set(tags)
    assert len(tags) == (20 if present else 19)
    assert "new-24" in answer.stderr


def test_nothing_to_set(cpi: Cpi, storage: Storage) -> None:
    """An empty hash is fine and asks the cloud for nothing but the disk."""
    cpi.ok("set_disk_metadata", storage.disk(), {})
    assert storage.asked("TagResources") == 0


@pytest.mark.parametrize("code", ["QuotaExceed.Tags", "Forbidden.RAM", "Throttling.User"])
def test_refused_by_the_cloud(cpi: Cpi, storage: Storage, code: str) -> None:
    """A refusal, even a lasting one, is a warning in the log: the disk is attached by now."""
    disk_cid = storage.disk()
    storage.refuse("TagResources", code, status=403)
    answer = cpi.call("set_disk_metadata", disk_cid, METADATA)
    assert answer.error is None
    assert code in answer.stderr
    assert disk_cid in answer.stderr


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "html"])
def test_lost_answer(cpi: Cpi, sim: Simulator, storage: Storage, kind: str) -> None:
    """When the answer of TagResources gets lost it is repeated, which changes nothing more."""
    disk_cid = storage.disk()
    sim.add_fault(kind=kind, action="TagResources", effect=True)
    cpi.ok("set_disk_metadata", disk_cid, {"a": "1"})
    assert storage.found(disk_cid).tags == {"a": "1"}


def test_missing_disk(cpi: Cpi) -> None:
    """A disk that is not there is DiskNotFound."""
    refused(cpi.call("set_disk_metadata", "d-gone", METADATA), "DiskNotFound", "d-gone")


@pytest.mark.parametrize("metadata", [None, [], "x"])
def test_bad_metadata(cpi: Cpi, storage: Storage, metadata: object) -> None:
    """Metadata that is no hash is an error that names the argument."""
    refused(cpi.call("set_disk_metadata", storage.disk(), metadata), "CpiError", "metadata")
