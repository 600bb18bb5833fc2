"""The record of calls: numbered, read in parts, and bounded."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim import auth, idempotency
from alicloud_sim.calls import Calls
from sim.support import ZONE, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def numbers(cloud: Cloud, query: str = "") -> list[int]:
    """List the numbers of the calls that an address answers."""
    lines = cloud.send("GET", f"/_sim/calls{query}").body.decode().splitlines()
    return [json.loads(line)["number"] for line in lines]


def test_calls_are_read_in_parts(cloud: Cloud, sim: Simulator) -> None:
    """A reader asks for what came after the last number it has seen, on over a reset."""
    for action in ("DescribeRegions", "DescribeDisks", "DescribeRegions"):
        cloud.call(action)
    first, second, third = numbers(cloud)
    assert (second - first, third - second) == (1, 1)
    assert numbers(cloud, f"?after={first}") == [second, third]
    assert numbers(cloud, "?last=1") == [third]
    assert numbers(cloud, f"?action=DescribeRegions&after={first}") == [third]
    assert cloud.control("GET", "state")["calls"] == {"first": first, "last": third}
    sim.reset()
    assert cloud.control("GET", "state")["calls"] == {"first": third + 1, "last": third}
    cloud.call("DescribeRegions")
    assert numbers(cloud, f"?after={first}") == [third + 1]


@pytest.mark.parametrize(("most", "most_characters"), [(10, 10**6), (10**6, 300)])
def test_the_oldest_calls_make_room(most: int, most_characters: int) -> None:
    """By number or by size, whichever is reached first."""
    calls = Calls(most, most_characters)
    for number in range(100):
        calls.add({"action": f"A{number}"})
    kept = calls.list()
    assert kept[-1] == {"number": 100, "action": "A99"}
    assert len(kept) <= 10
    assert calls.span() == {"first": kept[0]["number"], "last": 100}
    assert len(calls.lines()) <= 330


def test_memory_is_bounded(cloud: Cloud, sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the bounds are reached, further calls take no more memory."""
    monkeypatch.setattr(auth, "MOST_NONCES", 100)
    monkeypatch.setattr(idempotency, "MOST_TOKENS", 20)
    monkeypatch.setattr(sim.gateway, "calls", Calls(100))
    disk: dict[str, Any] = {"ZoneId": ZONE, "DiskCategory": "cloud_essd", "Size": 20}

    def use(count: int) -> None:
        for number in range(count):
            cloud.call("DescribeDisks", DiskIds="[]")
            made = cloud.ok("CreateDisk", ClientToken=f"t-{number}-{count}", **disk)
            sim.advance(60)
            cloud.ok("DeleteDisk", DiskId=made["DiskId"])

    use(100)
    tracemalloc.start()
    try:
        use(20)
        before = tracemalloc.get_traced_memory()[0]
        use(100)
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(sim.world.tokens) == 20
    assert after - before < 100_000
