"""A copy of the repository for each test of the scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from docs.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Give a copy whose .venv is made already."""
    with Sandbox(tmp_path) as made:
        yield made
