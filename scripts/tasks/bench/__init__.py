"""Measure the CPI against the simulator, and write the results into docs/performance.md.

With --go, the Go release's calls and ours take turns; without, its recorded figures stand beside
ours. Takes ten minutes on a machine that does nothing else.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tasks import ROOT
from tasks.command_line import Parser, folder, program
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = True


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("bench", __doc__)
    add = made.add_argument
    add("--short", action="store_true", help="seconds instead of minutes, to see that it works")
    add("--go", type=program, metavar="CPI", help="the Go release's executable, to measure it too")
    add("--record", action="store_true", help="keep its figures for runs without it")
    add("--python", type=program, default=sys.executable, help="runs the CPI; default: .venv's")
    add("--cpi", type=program, metavar="BIN", help="an installed bin/cpi instead of this tree")
    add("--into", type=folder, default=ROOT / "docs", metavar="FOLDER", help="default: docs")
    return made


def run(options: argparse.Namespace) -> int:
    """Measure and write; exit status 0 whatever the numbers are.

    :raises Failed: a call failed
    """
    from tasks.bench import measure

    options.rounds, options.repeats = (1, 1) if options.short else (21, 3)
    try:
        measure.run(options)
    except RuntimeError as error:
        raise Failed(f"a call failed, so nothing is written: {error}") from None
    except KeyboardInterrupt:
        raise Interrupted(f"{options.into} is unchanged") from None
    return 0
