"""A create_network of any range that is killed: a repeat creates another one, the first is listed.

All other calls are killed at each of their requests by scripts/faults.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from faults.matrix_scenarios import Request
from races.racing import Stop
from support.books import Books
from support.world import REGION, ZONE

if TYPE_CHECKING:
    from races.racing import Track


@pytest.mark.parametrize("requests", range(7))
def test_a_network_of_any_range(track: Track, requests: int) -> None:
    """Killed before, in and after each of its requests."""
    track.prepare()
    vpc_id = track.bench.sim.world.constants[f"{REGION}.vpc"]
    place = {"vpc_id": vpc_id, "availability_zone": ZONE}
    request = Request("create_network", [{"netmask_bits": 24, "cloud_properties": place}])
    track.begin()
    books = Books(track.bench.sim)
    books.open()
    stop = Stop(0, requests, signal.SIGKILL)
    killed = track.race([request], requests * [0], stop)
    again = track.bench.cpi.call(request.method, *request.arguments)
    assert again.error is None
    for answer in [*killed, again]:
        books.note(request, answer)
    assert len(books.held) >= 1
    assert books.problems(track.bench.cpi) == []
