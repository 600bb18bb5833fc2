"""python -m alicloud_sim serve: run the simulator until it is told to stop.

serve writes cpi.json (a CPI's configuration that points at it), environment.sh (keys and authority
for other clients) and ca.pem into its folder, prints a table of what there is, then the line
"simulator ready" that scripts can wait for.
serve need not be said: python -m alicloud_sim --agent PATH serves, with an agent for each instance
(agents.py). python -m alicloud_sim coverage prints which actions and parameters are simulated.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from . import client_environment
from .control_input import MOST_SECONDS
from .pace import TABLES
from .seed import ACCESS_KEY_ID, ACCESS_KEY_SECRET, REGIONS
from .simulator import Simulator

LARGEST_PORT = 65535
READY = "simulator ready"


def cpi_settings(sim: Simulator) -> dict[str, Any]:
    """Make the cpi.json of a CPI that talks to this simulator."""
    region = sim.world.default_region
    services = ("ecs", "slb", "nlb", "alb", "vpc", "oss", "location", "sts")
    alicloud = {
        "region": region,
        "availability_zone": REGIONS[region][2][0],
        "access_key_id": ACCESS_KEY_ID,
        "access_key_secret": ACCESS_KEY_SECRET,
        **{f"{service}_endpoint": sim.url for service in services},
        "ca_cert": sim.ca_pem,
    }
    agent = {
        "mbus": "nats://127.0.0.1:4222",
        "ntp": ["0.pool.ntp.org"],
        "blobstore": {
            "provider": "dav",
            "options": {"endpoint": "http://127.0.0.1:25250", "user": "agent", "password": "agent"},
        },
    }
    properties = {"alicloud": alicloud, "registry": {}, "agent": agent}
    return {"cloud": {"plugin": "alicloud", "properties": properties}}


def write_files(sim: Simulator, folder: Path) -> None:
    """Write cpi.json, environment.sh and ca.pem; two hold a secret, if only a simulated one."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = folder / "ca.pem"
    authority.write_text(sim.ca_pem, "ascii")
    region = sim.world.default_region
    for name, text in (
        ("cpi.json", json.dumps(cpi_settings(sim), indent=2) + "\n"),
        ("environment.sh", client_environment.shell(region, str(authority.resolve()))),
    ):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text, "utf-8")


def _tell(line: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _report(sim: Simulator, folder: Path) -> None:
    lines = {
        "url": f"{sim.url} (plain HTTP on the same port)",
        "page": f"{sim.plain_url}/",
        "control": f"{sim.plain_url}/_sim/",
        "folder": str(folder),
        "pace": sim.world.pace.name,
        **sim.world.constants,
    }
    width = max(map(len, lines))
    for name, value in lines.items():
        sys.stdout.write(f"{name:<{width}}  {value}\n")
    sys.stdout.write(f"{READY} {sim.url}\n")
    sys.stdout.flush()


def port(text: str) -> int:
    """Read a port; 0 is any free one."""
    value = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= value <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: expected 0 to {LARGEST_PORT}")
    return value


def seconds(text: str) -> float:
    """Read a duration."""
    with contextlib.suppress(ValueError):
        value = float(text)
        if 0 <= value <= MOST_SECONDS:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, 0 or more")


def program(text: str) -> str:
    """Read the path of a program."""
    found = shutil.which(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a program that can be started")
    return str(Path(found).absolute())


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sim = Simulator(
        options.port,
        options.pace,
        options.read_lag,
        agent=options.agent,
        agent_folder=options.dir / "agents",
        report=_tell,
    )
    try:
        sim.start()
    except OSError as error:
        sys.stderr.write(f"cannot listen on port {options.port}: {error}\n")
        return 1
    try:
        write_files(sim, options.dir)
        _report(sim, options.dir)
        stop.wait()
    finally:
        sim.stop()
    return 0


def coverage(_: argparse.Namespace) -> int:
    """Print what is simulated, as Markdown."""
    from .coverage import document

    sys.stdout.write(document())
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="alicloud-sim", description="Simulated Alibaba Cloud")
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("serve", help="serve until interrupted")
    run.add_argument("--port", type=port, default=0, help="loopback port; any free one by default")
    run.add_argument("--pace", choices=sorted(TABLES), default="fast", help="how long things take")
    run.add_argument("--dir", type=Path, default=Path("sim"), help="where its files go")
    run.add_argument("--read-lag", type=seconds, default=0.0, metavar="SECONDS", help="stale reads")
    run.add_argument("--agent", type=program, metavar="PATH", help="bosh-agent for each instance")
    run.set_defaults(command=serve)
    tell = commands.add_parser("coverage", help="print which actions and parameters are simulated")
    tell.set_defaults(command=coverage)
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = ["serve", *given]
    options = parser.parse_args(given)
    return int(options.command(options))


if __name__ == "__main__":
    sys.exit(main())
