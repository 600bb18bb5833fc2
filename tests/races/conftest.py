"""One bench of the fault matrix, and calls that take turns on it.

The races are the same in every run, and few; RACES=200 runs so many others of each test.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

from faults.matrix_scenarios import Bench
from races.racing import Track
from support.forked import Forker

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile(
    "races",
    derandomize="RACES" not in os.environ,
    database=None,
    deadline=None,
    # A race takes half a second: the first schedule that fails is shown as it is.
    phases=[Phase.explicit, Phase.generate],
    max_examples=int(os.environ.get("RACES", "4")),
    # One simulated cloud serves all examples: each starts afresh.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("races")


@pytest.fixture(scope="module")
def track() -> Iterator[Track]:
    """Give a bench whose calls can be raced."""
    with Bench() as bench, Forker(bench.sim.plain_url) as forker:
        yield Track(bench, forker)
