"""The executable: one request on stdin, one response on stdout, logs on stderr.

The exit status is 0 once a response is written, also for an error: ``bosh create-env`` discards
the JSON error of a CPI that exits otherwise (contract section 2).
"""

from __future__ import annotations

import argparse
import fcntl
import os
import select
import sys
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from alicloud_cpi import signals
from alicloud_cpi.clock import SystemClock
from alicloud_cpi.errors import CpiError, Interrupted
from alicloud_cpi.rpc import protocol
from alicloud_cpi.rpc.dispatcher import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alicloud_cpi.clock import Clock


_STDERR = 2


def main(argv: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Respond to the request on stdin; returns the exit status.

    :param argv: the arguments, if not those of the process
    :param clock: the clock that waits use, if not the machine's
    """
    clock = clock or SystemClock()
    signals.forbid_core_dumps()
    if reason := _refused_output():
        # Before anything is created: nobody would learn of it.
        if sys.stderr:
            sys.stderr.write(f"stdout cannot be used: {reason}\n")
        return 1
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments[:1] and arguments[0] in _TOOLS:
        from alicloud_cpi.tools import command_line

        return _printed(partial(command_line.run, arguments, clock))
    try:
        options = _parsed(arguments)
    except CpiError as error:
        _write(protocol.failure(error, error.message))
        return 0
    if options.command == "leftovers":
        from alicloud_cpi import leftovers

        return _printed(partial(leftovers.run, options.config, clock))
    return _respond(Dispatcher(options.config, clock))


def _printed(run: Callable[[], int]) -> int:
    """Run a command and write out what it has printed; returns its status."""
    try:
        status = run()
        sys.stdout.flush()
    except BrokenPipeError:
        return 1  # the reader has seen enough
    return status


def _respond(dispatcher: Dispatcher) -> int:
    """Respond to the request on stdin; returns the exit status."""
    response = ""
    try:
        signals.handle()
        response = _response(dispatcher)
        signals.ignore()
    except Interrupted as interrupted:
        # One that comes after the response changes nothing.
        response = response or dispatcher.interrupted(interrupted)
    try:
        _write(response)
    except OSError as error:
        dispatcher.not_written(response, error)
        return 1
    return 0


def _response(dispatcher: Dispatcher) -> str:
    try:
        return dispatcher.respond(_read())
    except CpiError as error:
        return protocol.failure(error, error.message)


# They come first on the command line, and have arguments of their own.
_TOOLS = ("validate", "doctor", "trace")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are reported as JSON like any other."""

    def error(self, message: str) -> NoReturn:
        raise CpiError(f"Wrong command line: {message}; start the CPI with --config FILE")


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    options = _parser().parse_args(arguments)
    if options.command in _TOOLS:
        raise CpiError(f"Wrong command line: '{options.command}' must be the first argument")
    return options


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


def _refused_output() -> str:
    """Return why the response could not be written; empty where that is not known yet.

    Also keep files and connections from getting the numbers of closed standard streams.
    """
    if sys.stdout is None:
        return "it is closed"
    if sys.stdin is None or sys.stderr is None:
        while os.open(os.devnull, os.O_RDWR) <= _STDERR:
            pass
    if fcntl.fcntl(1, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        return "it is open for reading only"
    poll = select.poll()
    poll.register(1, 0)
    if any(events & select.POLLERR for _, events in poll.poll(0)):
        return "its reader is gone"
    return ""


def _read() -> bytes:
    """Return the request on stdin.

    :raises CpiError: stdin cannot be read
    """
    if not sys.stdin:
        # The caller closed it.
        return b""
    try:
        os.set_blocking(0, True)
        return sys.stdin.buffer.read(protocol.MAX_REQUEST_BYTES + 1)
    except OSError as error:
        raise CpiError(f"The request on stdin cannot be read: {error.strerror}") from None


def _write(response: str) -> None:
    sys.stdout.write(response + "\n")
    sys.stdout.flush()


def start() -> NoReturn:
    """Run ``main`` as a process."""
    status = main()
    # Skip the interpreter's shutdown: connections and temporary files are closed already.
    os._exit(status)


if __name__ == "__main__":
    start()
