"""One bench of the fault matrix, and calls that take turns on it."""

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
    derandomize=True,
    database=None,
    deadline=None,
    # A race takes half a second: the first schedule that fails is shown as it is.
    phases=[Phase.explicit, Phase.generate],
    max_examples=int(os.environ.get("RACES", "10")),
    # One simulated cloud serves all examples: each starts afresh.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("races")


@pytest.fixture(scope="module")
def track() -> Iterator[Track]:
    """Give a bench whose calls can be raced."""
    with Bench() as bench, Forker(bench.sim.plain_url) as forker:
        yield Track(bench, forker)
