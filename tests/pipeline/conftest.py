"""A folder for each test that runs a task's script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.folder import Folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Give a folder with nothing but the source."""
    return Folder(tmp_path)
