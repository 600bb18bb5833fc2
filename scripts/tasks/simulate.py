"""Run the simulator of Alibaba Cloud until Ctrl-C.

It writes DIR/cpi.json, a configuration for the CPI that points at it, DIR/environment.sh with the
keys for other programs, and DIR/ca.pem. scripts/call uses the first.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from tasks import ROOT
from tasks.command_line import Parser, folder, port, program, seconds, wait_for
from tasks.errors import Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = True

PACES = ("instant", "fast", "realistic")


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("simulate", __doc__)
    add = made.add_argument
    add("--port", type=port, default=0, help="loopback port to listen on; default: any free one")
    add("--pace", choices=PACES, default="fast", help="how long changes take; default: fast")
    add("--dir", type=folder, default=ROOT / "sim", help="default: sim in this repository")
    add(
        "--read-lag",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="how old the state is that reads show; default: 0",
    )
    add(
        "--agent",
        type=program,
        metavar="PATH",
        help="a bosh-agent, which each instance gets while it runs; default: none",
    )
    return made


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    # A shell starts a command in the background with SIGINT ignored; here it is how to end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "alicloud_sim", "serve"]
    command += ["--port", str(options.port), "--pace", options.pace, "--dir", str(options.dir)]
    command += ["--read-lag", str(options.read_lag)]
    if options.agent:
        command += ["--agent", options.agent]
    try:
        return wait_for(command)
    except KeyboardInterrupt:
        left = f"the simulated cloud is gone; {options.dir / 'cpi.json'} stays, and points nowhere"
        raise Interrupted(left) from None
