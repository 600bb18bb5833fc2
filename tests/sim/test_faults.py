"""Scripted faults and call limits."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from sim.support import ZONE, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

DISK: dict[str, Any] = {"ZoneId": ZONE, "DiskCategory": "cloud_essd", "Size": 20}


def test_error_at_nth_call(cloud: Cloud, sim: Simulator) -> None:
    """An error hits the calls it names, from the nth on, as often as it says."""
    sim.add_fault(
        kind="error",
        action="CreateDisk",
        nth=2,
        count=2,
        code="ServiceUnavailable",
        headers={"x-acs-retry-after": "10"},
    )
    answers = [cloud.call("CreateDisk", **DISK) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 503, 503, 200]
    assert answers[1].headers["x-acs-retry-after"] == "10"
    assert len(cloud.disks()) == 2


def test_faults_choose_by_parameter(cloud: Cloud, sim: Simulator) -> None:
    """A rule with params hits only calls that have them."""
    sim.add_fault(
        kind="error", params={"DiskId": "d-b"}, code="Made.Up", message="as told", status=418
    )
    assert cloud.call("DeleteDisk", DiskId="d-a").status == 404
    hit = cloud.call("DeleteDisk", DiskId="d-b")
    assert (hit.code, hit.status, hit.json["Message"]) == ("Made.Up", 418, "as told")


@pytest.mark.parametrize(
    ("kind", "raised", "made"),
    [
        ("reset", ConnectionResetError, 0),
        ("lost", http.client.RemoteDisconnected, 1),
        ("truncated", http.client.IncompleteRead, 1),
    ],
)
def test_lost_answers(
    cloud: Cloud, sim: Simulator, kind: str, raised: type[Exception], made: int
) -> None:
    """A reset comes before the effect; a lost or truncated answer after it."""
    sim.add_fault(kind=kind, action="CreateDisk")
    with pytest.raises(raised):
        cloud.call("CreateDisk", **DISK)
    assert len(cloud.disks()) == made


def test_effect_can_be_chosen(cloud: Cloud, sim: Simulator) -> None:
    """Each fault can come before or after the effect."""
    sim.add_fault(kind="lost", action="CreateDisk", effect=False)
    with pytest.raises(http.client.RemoteDisconnected):
        cloud.call("CreateDisk", **DISK)
    assert cloud.disks() == []
    sim.add_fault(kind="error", action="CreateDisk", effect=True, code="InternalError")
    assert cloud.call("CreateDisk", **DISK, ClientToken="t").status == 500
    (disk,) = cloud.disks()
    assert cloud.create_disk(ClientToken="t") == disk["DiskId"]


@pytest.mark.parametrize(
    ("rule", "status", "body"),
    [
        ({"kind": "html"}, 502, b"<html>"),
        ({"kind": "empty"}, 200, b""),
        ({"kind": "status", "status": 504}, 504, b""),
    ],
)
def test_odd_answers(
    cloud: Cloud, sim: Simulator, rule: dict[str, Any], status: int, body: bytes
) -> None:
    """Pages of proxies, empty bodies and bare statuses."""
    sim.add_fault(**rule)
    answer = cloud.call("DescribeRegions")
    assert answer.status == status
    assert answer.body.startswith(body)


def test_delay_and_stall(cloud: Cloud, sim: Simulator) -> None:
    """A delayed answer comes late; a stalled one not at all, and the others meanwhile."""
    sim.add_fault(kind="delay", action="DescribeRegions", seconds=0.05)
    started = time.monotonic()
    assert cloud.call("DescribeRegions").status == 200
    assert time.monotonic() - started >= 0.05
    sim.add_fault(kind="stall", action="CreateDisk", seconds=0.05)
    with pytest.raises(http.client.RemoteDisconnected):
        cloud.call("CreateDisk", **DISK)
    assert cloud.disks() == []


def test_rate_limit(cloud: Cloud, sim: Simulator) -> None:
    """A bucket admits its burst, then its rate on the world's clock."""
    sim.add_limit(action="DescribeRegions", rate=1, burst=2, retry_after_ms=500)
    answers = [cloud.call("DescribeRegions") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 400]
    assert answers[2].code == "Throttling.User"
    assert answers[2].headers["x-acs-retry-after"] == "500"
    assert cloud.call("DescribeZones").status == 200
    sim.advance(1)
    assert cloud.call("DescribeRegions").status == 200


def test_minute_limit(cloud: Cloud, sim: Simulator) -> None:
    """A quota per minute starts afresh with the next minute, for all actions together if wide."""
    sim.advance(60 - sim.world.clock.now() % 60)
    sim.add_limit(per_minute=2, wide=True, code="Throttling")
    assert cloud.call("DescribeRegions").status == 200
    assert cloud.call("DescribeZones").status == 200
    assert cloud.call("DescribeZones").code == "Throttling"
    sim.advance(59)
    assert cloud.call("DescribeZones").code == "Throttling"
    sim.advance(1)
    assert cloud.call("DescribeZones").status == 200


def test_control_api_of_faults(cloud: Cloud) -> None:
    """Faults and limits are added, listed and cleared over HTTP."""
    added = cloud.control("POST", "faults", {"kind": "lost", "action": "DeleteDisk"})
    cloud.control("POST", "faults", {"limit": {"rate": 1}})
    listed = cloud.control("GET", "faults")
    assert [rule["id"] for rule in listed["faults"]] == [added["id"]]
    assert listed["limits"][0]["code"] == "Throttling.User"
    cloud.control("DELETE", f"faults/{added['id']}")
    assert cloud.control("GET", "faults")["faults"] == []
    cloud.control("DELETE", "faults")
    assert cloud.control("GET", "faults")["limits"] == []
    assert cloud.control("POST", "faults", {"kind": "flood"})["status"] == 400
    assert json.dumps(listed)
