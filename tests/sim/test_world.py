"""Transitions, the clock, the pace, read lag, ClientToken, reset."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from sim.support import ZONE, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

DISK: dict[str, Any] = {"ZoneId": ZONE, "DiskCategory": "cloud_essd", "Size": 20}


def status(cloud: Cloud, disk_id: str) -> Any:
    """Describe one disk's status."""
    return cloud.disks(disk_id)[0]["Status"]


def test_due_changes_wait_to_be_seen(cloud: Cloud) -> None:
    """Even when due at once a change shows under way once, and only polls of its record count."""
    mine, other = cloud.create_disk(), cloud.create_disk()
    assert status(cloud, mine) == "Creating"
    assert status(cloud, mine) == "Available"
    assert status(cloud, other) == "Creating"


def test_nobody_has_to_look(cloud: Cloud, sim: Simulator) -> None:
    """A change that nobody sees under way completes a grace after its time."""
    disk_id = cloud.create_disk()
    sim.advance(0.1)
    assert sim.state()["records"]["disk"][disk_id]["status"] == "Creating"
    sim.advance(0.2)
    assert status(cloud, disk_id) == "Available"


def test_pace(cloud: Cloud, sim: Simulator) -> None:
    """A change takes as long as the pace says on the world's clock."""
    sim.set_pace("realistic", call=0)
    sim.set_pace(disk__create=100)
    disk_id = cloud.create_disk()
    for _ in range(3):
        assert status(cloud, disk_id) == "Creating"
        sim.advance(33)
    sim.advance(2)
    assert status(cloud, disk_id) == "Available"


def test_read_lag(cloud: Cloud, sim: Simulator) -> None:
    """Reads see the state of some seconds ago: new disks come late, deleted ones go late."""
    sim.set_lag(5)
    disk_id = cloud.create_disk()
    assert cloud.disks(disk_id) == []
    sim.advance(5)
    assert status(cloud, disk_id) == "Creating"
    sim.advance(6)
    assert status(cloud, disk_id) == "Available"
    cloud.ok("DeleteDisk", DiskId=disk_id)
    assert status(cloud, disk_id) == "Available"
    sim.advance(6)
    assert cloud.disks(disk_id) == []


def test_new_records_are_listed_late(cloud: Cloud, sim: Simulator) -> None:
    """With a listing delay the first list misses a new record, whatever the pace."""
    sim.set_pace(disk__listed=0)
    disk_id = cloud.create_disk()
    assert cloud.disks(disk_id) == []
    assert status(cloud, disk_id) == "Creating"


def test_client_token(cloud: Cloud, sim: Simulator) -> None:
    """A token repeats the answer for the same parameters and refuses others, for a day."""
    first = cloud.create_disk(ClientToken="t")
    assert cloud.create_disk(ClientToken="t") == first
    refused = cloud.call("CreateDisk", **{**DISK, "Size": 21}, ClientToken="t")
    assert (refused.code, refused.status) == ("IdempotentParameterMismatch", 400)
    assert cloud.create_disk(ClientToken="T") != first
    sim.advance(24 * 3600)
    assert cloud.create_disk(ClientToken="t") != first


def test_a_refused_request_spends_its_token(cloud: Cloud, sim: Simulator) -> None:
    """A token that was judged is spent, also by a scripted refusal (real-cloud.md)."""
    bad = {**DISK, "Size": 1}
    assert cloud.call("CreateDisk", **bad, ClientToken="t").status == 400
    again = cloud.call("CreateDisk", **bad, ClientToken="t")
    assert (again.code, again.status) == ("IdempotentFailed", 400)
    assert cloud.call("CreateDisk", **DISK, ClientToken="t").code == "IdempotentParameterMismatch"
    sim.add_fault(kind="error", action="CreateDisk", code="QuotaExceed.PostPaidDisk", status=403)
    assert cloud.call("CreateDisk", **DISK, ClientToken="u").code == "QuotaExceed.PostPaidDisk"
    assert cloud.call("CreateDisk", **DISK, ClientToken="u").code == "IdempotentFailed"
    sim.advance(25 * 3600)
    cloud.create_disk(ClientToken="u")


@pytest.mark.parametrize(
    ("code", "status"),
    [("Throttling.User", 400), ("ServiceUnavailable", 503), ("SignatureNonceUsed", 400)],
)
def test_a_request_that_was_not_judged_leaves_its_token_free(
    cloud: Cloud, sim: Simulator, code: str, status: int
) -> None:
    """Throttling, signatures and failures of the cloud come before the token is looked at."""
    sim.add_fault(kind="error", action="CreateDisk", code=code, status=status)
    assert cloud.call("CreateDisk", **DISK, ClientToken="t").code == code
    cloud.create_disk(ClientToken="t")


def test_a_token_of_the_wrong_form(cloud: Cloud) -> None:
    """A token has up to 64 ASCII characters."""
    long = cloud.call("CreateDisk", **DISK, ClientToken="x" * 65)
    assert long.code == "InvalidParameter"


def test_running_twin(cloud: Cloud, sim: Simulator) -> None:
    """A call whose twin still runs is told so, and gets its answer afterwards."""
    sim.add_fault(kind="delay", action="CreateDisk", seconds=60)
    made: list[str] = []
    slow = threading.Thread(target=lambda: made.append(cloud.create_disk(ClientToken="t")))
    slow.start()
    while not len(sim.world.tokens):
        threading.Event().wait(0.001)
    twin = cloud.call("CreateDisk", **DISK, ClientToken="t")
    assert (twin.code, twin.status) == ("LastTokenProcessing", 403)
    sim.gateway.stopping.set()
    slow.join()
    sim.gateway.stopping.clear()
    assert cloud.create_disk(ClientToken="t") == made[0]


def test_reset_repeats_itself(cloud: Cloud, sim: Simulator) -> None:
    """After a reset the world is its seed again and makes the same ids."""
    first = cloud.create_disk()
    sim.reset()
    assert sim.calls() == []
    assert cloud.disks() == []
    assert cloud.create_disk() == first
