"""Resolve the dependencies in pyproject.toml anew and lock them for the release.

Writes src/requirements.lock, src/build-requirements.lock, blobs/wheels and the wheels' part of
config/blobs.yml. Look at the difference before committing it. Needs Python 3.11.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from tasks import ROOT, wheels
from tasks.command_line import Parser, wait_for
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = False

# Of the Pythons that the release supports, the oldest needs the most distributions.
PYTHON = (3, 11)


def parser() -> Parser:
    """Describe the command line."""
    return Parser("vendor-wheels", __doc__)


def run(_: argparse.Namespace) -> int:
    """Write the locks.

    :raises Failed: there is no Python 3.11
    """
    if sys.version_info[:2] != PYTHON:
        return _run_with_oldest_python()
    try:
        wheels.update()
    except KeyboardInterrupt:
        left = "the locks and config/blobs.yml may not fit each other: git restore src config"
        raise Interrupted(left) from None
    return 0


def _run_with_oldest_python() -> int:
    name = "python{}.{}".format(*PYTHON)
    python = shutil.which(name)
    if python is None:
        raise Failed(f"{name} is needed, and there is no such command")
    return wait_for([ROOT / "scripts" / "vendor-wheels"], env={**os.environ, "PYTHON": python})
