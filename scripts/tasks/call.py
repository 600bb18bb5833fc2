"""Make one call of the CPI with a request from a file, or from stdin.

  scripts/call examples/has_vm.json vm_cid=i-2ze...

Each NAME=VALUE takes the place of "<NAME>" in the request. The response goes to stdout, the log to
stderr. The configuration is the file that CPI_JSON names, or the sim/cpi.json of scripts/simulate.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tasks import ROOT
from tasks.command_line import Parser, say, wait_for
from tasks.errors import Failed, Interrupted, WrongValue

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = True

LOOPBACK = ("127.0.0.1", "::1", "localhost")
SECONDS_TO_CONNECT = 2.0

_PLACEHOLDER = re.compile(r'"<([a-z][a-z0-9_]*)>"')


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("call", __doc__)
    made.add_argument("request", nargs="?", default="-", help="a file; default: stdin")
    made.add_argument("values", nargs="*", metavar="NAME=VALUE", help="for <NAME> in the request")
    return made


def run(options: argparse.Namespace) -> int:
    """Make the call; the exit status is the CPI's."""
    request = filled(options.request, _read(options.request), options.values)
    config = configuration()
    say(f"scripts/call: using {config}")
    _check_simulator(config)
    starter = str(Path(__file__).with_name("run_cpi.py"))
    command = [sys.executable, "-I", "-S", "-X", "utf8", starter, "--config", str(config)]
    with tempfile.TemporaryFile() as stdin:
        stdin.write(request.encode())
        stdin.seek(0)
        try:
            return wait_for(command, stdin=stdin)
        except KeyboardInterrupt:
            raise Interrupted("the response and the log say what the call left") from None


def filled(name: str, text: str, given: list[str]) -> str:
    """Return a request with values in place of its placeholders.

    :raises WrongValue: one is missing, or is not in the request
    """
    pairs = [pair.partition("=") for pair in given]
    if wrong := [key for key, equals, _ in pairs if not equals]:
        raise WrongValue(f"{wrong[0]!r} is not NAME=VALUE")
    values = {key: value for key, _, value in pairs}
    wanted = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    shown = ", ".join(f"{key}=VALUE" for key in wanted) or "none"
    if unknown := [key for key in values if key not in wanted]:
        raise WrongValue(f"{name} has no <{unknown[0]}>; it takes {shown}")
    if missing := [key for key in wanted if key not in values]:
        names = " ".join(f"{key}=VALUE" for key in missing)
        raise WrongValue(f"{name} needs {names}")
    return _PLACEHOLDER.sub(lambda found: json.dumps(values[found[1]]), text)


def _read(name: str) -> str:
    """Read a request, which has to be JSON.

    :raises WrongValue: it cannot be read, or is something else
    """
    if name == "-" and sys.stdin.isatty():
        raise WrongValue("name a request of examples/, or write one to stdin")
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
        json.loads(text)
    except OSError as error:
        raise WrongValue(f"{name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise WrongValue(f"{name} is not JSON: {error}") from error
    return text


def configuration() -> Path:
    """Find the configuration to use.

    :raises WrongValue: CPI_JSON names no file
    :raises Failed: there is none
    """
    if named := os.environ.get("CPI_JSON"):
        if not Path(named).is_file():
            raise WrongValue(f"CPI_JSON names {named}, and there is no such file")
        return Path(named).absolute()
    places = [folder / "sim" / "cpi.json" for folder in (Path.cwd(), ROOT)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise Failed(
            f"there is no {places[-1]}: start scripts/simulate in another terminal, "
            "or name a configuration in CPI_JSON"
        )
    return found


def _check_simulator(config: Path) -> None:
    """Refuse a configuration whose simulator has ended; the CPI would try for minutes.

    :raises Failed: nothing listens there
    """
    for host, port in _loopback_endpoints(config):
        try:
            socket.create_connection((host, port), SECONDS_TO_CONNECT).close()
        except ConnectionRefusedError:
            raise Failed(
                f"no simulator runs: nothing listens on {host}:{port}, where {config} points; "
                "start scripts/simulate in another terminal"
            ) from None
        except OSError:
            continue


def _loopback_endpoints(config: Path) -> set[tuple[str, int]]:
    try:
        document: Any = json.loads(config.read_bytes())
        alicloud = document["cloud"]["properties"]["alicloud"].items()
        urls = [urlsplit(value) for name, value in alicloud if name.endswith("_endpoint")]
        ports = {(url.hostname, url.port) for url in urls}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return set()  # what is wrong with it, the CPI says
    return {(host, port) for host, port in ports if host in LOOPBACK and port}
