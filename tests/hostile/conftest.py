"""Inputs that nobody would write, the same ones every time, and a CPI that gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from faults.matrix_scenarios import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile(
    "hostile",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    # One simulated cloud serves all examples: what one leaves must not trouble the next.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("hostile")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a simulated cloud, and a CPI full of secrets."""
    with Bench() as found:
        yield found
