"""Run the whole fault matrix, the interruptions and the load of fifty processes.

Writes their tables into docs/reliability.md. Takes a quarter of an hour on two cores.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tasks import ROOT
from tasks.command_line import Parser, count, wait_for
from tasks.errors import Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = True

# Names of the tables in the document, too.
PARTS = ("all", "matrix", "interruptions", "kills", "load")


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("faults", __doc__)
    cores = os.cpu_count() or 1
    made.add_argument("processes", nargs="?", type=count, default=cores, help="default: one a core")
    made.add_argument("--only", choices=PARTS, default="all", help="run one part")
    return made


def run(options: argparse.Namespace) -> int:
    """Run all of it; exit status 1 when something leaked or failed."""
    path = os.pathsep.join(str(ROOT / name) for name in ("src", "tests"))
    program = str(ROOT / "tests" / "faults" / "matrix_run.py")
    command = [sys.executable, program, str(options.processes), options.only]
    try:
        return wait_for(command, env={**os.environ, "PYTHONPATH": path})
    except KeyboardInterrupt:
        raise Interrupted("docs/reliability.md is unchanged") from None
