"""One bench of the fault matrix, and calls that take turns on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.matrix_scenarios import Bench
from races.racing import Track
from support.forked import Forker

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def track() -> Iterator[Track]:
    """Give a bench whose calls can be raced."""
    with Bench() as bench, Forker(bench.sim.plain_url) as forker:
        yield Track(bench, forker)
