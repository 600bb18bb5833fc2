"""The executable: one request on stdin, one response on stdout, logs on stderr.

The exit status is 0 once a response is written, also for an error: ``bosh create-env`` discards
the JSON error of a CPI that exits otherwise (contract section 2).
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from alicloud_cpi import signals
from alicloud_cpi.clock import SystemClock
from alicloud_cpi.errors import CpiError, Interrupted
from alicloud_cpi.rpc import protocol
from alicloud_cpi.rpc.dispatcher import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alicloud_cpi.clock import Clock


def main(argv: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Respond to the request on stdin; returns the exit status.

    :param argv: the arguments, if not those of the process
    :param clock: the clock that waits use, if not the machine's
    """
    clock = clock or SystemClock()
    signals.forbid_core_dumps()
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments[:1] and arguments[0] in _TOOLS:
        from alicloud_cpi.tools import command_line

        return command_line.run(arguments, clock)
    try:
        options = _parser().parse_args(arguments)
    except CpiError as error:
        return _write(protocol.failure(error, error.message))
    if options.command in _TOOLS:
        wrong = CpiError(f"Wrong command line: '{options.command}' must be the first argument")
        return _write(protocol.failure(wrong, wrong.message))
    if options.command == "leftovers":
        from alicloud_cpi import leftovers

        return leftovers.run(options.config, clock)
    signals.handle()
    dispatcher = Dispatcher(options.config, clock)
    try:
        # sys.stdin is None when the caller closed it: an empty request.
        request = sys.stdin.buffer.read(protocol.MAX_REQUEST_BYTES + 1) if sys.stdin else b""
        response = dispatcher.respond(request)
    except Interrupted as interrupted:
        response = dispatcher.interrupted(interrupted)
    signals.ignore()
    return _write(response)


# They come first on the command line, and have arguments of their own.
_TOOLS = ("validate", "doctor", "trace")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are reported as JSON like any other."""

    def error(self, message: str) -> NoReturn:
        raise CpiError(f"Wrong command line: {message}; start the CPI with --config FILE")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="alicloud-cpi",
        description="BOSH CPI for Alibaba Cloud: reads one JSON request from stdin.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["leftovers", *_TOOLS],
        help="instead of serving a request: leftovers lists what this CPI created and what looks "
        "abandoned; the others have a --help of their own",
    )
    parser.add_argument(
        "--config",
        "-config",
        "--configFile",
        "-configFile",  # as the Go release's bin/cpi writes it
        metavar="FILE",
        help="cpi.json, as the job renders it",
    )
    return parser


def _write(response: str) -> int:
    sys.stdout.write(response + "\n")
    sys.stdout.flush()
    return 0


def start() -> NoReturn:
    """Run ``main`` as a process."""
    status = main()
    sys.stdout.flush()
    # Skip the interpreter's shutdown: connections and temporary files are closed already.
    os._exit(status)


if __name__ == "__main__":
    start()
