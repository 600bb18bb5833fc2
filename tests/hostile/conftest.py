"""Inputs that nobody would write, the same ones every time, and a CPI that gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.matrix_scenarios import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a simulated cloud, and a CPI full of secrets."""
    with Bench() as found:
        yield found
