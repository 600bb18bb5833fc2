"""Run random lives of VMs, disks, stemcells and networks, with random faults and kills.

Eight processes for five minutes against one simulated cloud, which has to hold in the end exactly
what the answers said. A failure prints the seed, with which the same decisions are made again.
"""

from __future__ import annotations

import os
import secrets
import sys
from typing import TYPE_CHECKING

from tasks import ROOT
from tasks.command_line import Parser, count, wait_for
from tasks.errors import Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = True


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("soak", __doc__)
    made.add_argument("--minutes", type=count, default=5, help="default: 5")
    made.add_argument("--processes", type=count, default=8, help="default: 8")
    made.add_argument("--seed", type=count, help="default: a new one, which is printed")
    return made


def run(options: argparse.Namespace) -> int:
    """Run it; exit status 1 when something was lost, left or doubled."""
    path = os.pathsep.join(str(ROOT / name) for name in ("src", "tests"))
    seed = options.seed or secrets.randbelow(10**6) + 1
    words = [options.minutes * 60, seed, options.processes]
    command = [sys.executable, "-m", "soak.soak", *map(str, words)]
    try:
        return wait_for(command, env={**os.environ, "PYTHONPATH": path})
    except KeyboardInterrupt:
        raise Interrupted(f"seed {seed}") from None
