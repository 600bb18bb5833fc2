"""Resolve the dependencies in pyproject.toml anew and lock them for the release.

Writes src/requirements.lock, src/build-requirements.lock, blobs/wheels and the wheels' part of
config/blobs.yml. Look at the difference before committing it. Needs Python 3.11.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tasks import ROOT
from tasks.command_line import Parser, wait_for
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = False

# Of the Pythons that the release supports, the oldest needs the most distributions.
PYTHON = "python3.11"


def parser() -> Parser:
    """Describe the command line."""
    return Parser("vendor-wheels", __doc__)


def run(_: argparse.Namespace) -> int:
    """Write the locks.

    :raises Failed: there is no Python 3.11
    """
    python = shutil.which(PYTHON)
    if python is None:
        raise Failed(f"{PYTHON} is needed, and there is no such command")
    try:
        return wait_for([python, "-B", ROOT / "scripts" / "lib" / "wheels.py"])
    except KeyboardInterrupt:
        left = "the locks and config/blobs.yml may not fit each other: git restore src config"
        raise Interrupted(left) from None
