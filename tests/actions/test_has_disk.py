"""has_disk answers a JSON boolean: an error would abort cloud-check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage


@pytest.mark.parametrize("status", ["Creating", "Available", "ReIniting"])
def test_there_is_one(cpi: Cpi, storage: Storage, status: str) -> None:
    """A disk is there, whatever it is up to."""
    assert cpi.ok("has_disk", storage.disk(status=status)) is True


@pytest.mark.parametrize("status", ["Attaching", "In_use", "Detaching"])
def test_attached(cpi: Cpi, storage: Storage, status: str) -> None:
    """An attached disk, or one on its way, is there."""
    assert cpi.ok("has_disk", storage.attached(storage.vm(), status=status)) is True


def test_there_is_none(cpi: Cpi, storage: Storage) -> None:
    """A disk that never was, or is gone, is false and no error; so is one of somebody else."""
    disk_cid = storage.make()
    cpi.ok("delete_disk", disk_cid)
    assert cpi.ok("has_disk", disk_cid) is False
    assert cpi.ok("has_disk", "d-never") is False
    assert cpi.ok("has_disk", storage.disk(account="1200000000000002")) is False


def test_just_made_under_read_lag(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """What create_disk has answered is there for the next call, also when reads lag."""
    sim.set_lag(3)
    assert cpi.ok("has_disk", storage.make()) is True


def test_only_regions_that_are_configured(cpi: Cpi, storage: Storage) -> None:
    """A disk is looked for in the call's region and in cross_regions, nowhere else."""
    disk_cid = storage.disk(region="cn-hangzhou", zone_id="cn-hangzhou-h")
    assert cpi.ok("has_disk", disk_cid) is False
    assert {call["params"]["RegionId"] for call in cpi.sim.calls()} == {"cn-beijing"}
    cpi.configure(cross_regions=["cn-hangzhou"])
    assert cpi.ok("has_disk", disk_cid) is True
    assert {call["action"] for call in cpi.sim.calls()} == {"DescribeDisks"}


def test_failed_look_is_no_answer(cpi: Cpi, storage: Storage) -> None:
    """A look that fails is an error, never false: cloud-check would forget the disk."""
    disk_cid = storage.disk()
    storage.refuse("DescribeDisks", "InternalError")
    refused(cpi.call("has_disk", disk_cid), "CloudError", "InternalError", disk_cid)


@pytest.mark.parametrize("disk_cid", ["", "  ", 7, None, ["d-1"]])
def test_bad_cid(cpi: Cpi, disk_cid: object) -> None:
    """A cid that is no text is an error that names the argument."""
    refused(cpi.call("has_disk", disk_cid), "CpiError", "disk_cid")
