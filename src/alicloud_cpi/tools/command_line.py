"""The command lines of the tools, and what is common to running them."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from alicloud_cpi.errors import CpiFailure
from alicloud_cpi.redaction import Secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alicloud_cpi.clock import Clock

_FAILED = 1


def run(arguments: Sequence[str], clock: Clock) -> int:
    """Run one of the tools; returns its exit status.

    :param arguments: the name of the tool, then its own arguments
    """
    options = _parser().parse_args(arguments)
    secrets = Secrets()
    # Findings say what is wrong; without a handler, logging would write warnings to stderr.
    logging.getLogger("alicloud_cpi").addHandler(logging.NullHandler())
    try:
        if options.tool == "trace":
            from alicloud_cpi.tools import trace

            return trace.run(options)
        if options.tool == "doctor":
            from alicloud_cpi.tools import doctor

            return doctor.run(options, clock, secrets)
        from alicloud_cpi.tools import validate

        return validate.run(options, clock, secrets)
    except CpiFailure as failure:
        sys.stderr.write(f"{secrets.redact(failure.message)}\n")
        return _FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="alicloud-cpi", allow_abbrev=False)
    tools = parser.add_subparsers(dest="tool", required=True)
    _add_validate(tools.add_parser("validate", help="check a cloud-config, manifest or stemcell"))
    _add_doctor(tools.add_parser("doctor", help="check configuration, credentials and network"))
    _add_trace(tools.add_parser("trace", help="show what a call in a log spent its time on"))
    return parser


def _add_validate(parser: argparse.ArgumentParser) -> None:
    parser.description = "Check every entry of a cloud-config or manifest; exit 1 on an error."
    add = parser.add_argument
    add(
        "file",
        type=Path,
        metavar="FILE.yml",
        help="cloud-config, manifest or stemcell.MF",
    )
    add("--config", metavar="CPI_JSON", help="the job's cpi.json: its defaults count")
    add("--online", action="store_true", help="ask the cloud, too; needs --config, changes nothing")
    add("--stemcell", metavar="IMAGE_ID", help="with --online: test VM types by dry run")
    add("-v", "--var", action="append", default=[], metavar="NAME=VALUE", help="of a ((NAME))")
    add("-l", "--vars-file", action="append", default=[], type=Path, metavar="FILE.yml")
    add("--json", action="store_true", help="one JSON object per finding")


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.description = "Check what the CPI needs. Exit 1 if something fails."
    parser.add_argument("--config", required=True, metavar="CPI_JSON", help="the job's cpi.json")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.add_argument(
        "--write", action="store_true", help="also create a bucket of OSS, and delete it"
    )


def _add_trace(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Show the requests and waits of one call: LOG is what `bosh task N --cpi` shows."
    )
    add = parser.add_argument
    add("log", type=Path, metavar="LOG", help="a log of the CPI; - for stdin")
    add("--call", metavar="ID", help="the CPI request id, such as cpi-000042, if there are several")
    add("--config", help=argparse.SUPPRESS)  # bin/cpi adds it to every command
    add("--svg", type=Path, metavar="FILE", help="write the timeline as a picture, too")
