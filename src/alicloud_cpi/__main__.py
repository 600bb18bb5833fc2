"""The executable: one request on stdin, one answer on stdout, logs on stderr.

Exit status 0 once an answer is written, also an error: ``bosh create-env`` discards the JSON
error of a CPI that exits otherwise (contract section 2).
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

USAGE = """usage: alicloud-cpi --config CPI_JSON < request.json
       alicloud-cpi leftovers --config CPI_JSON"""

_CONFIG_OPTIONS = ("--config", "-config", "--configFile", "-configFile")


def main(argv: Sequence[str] | None = None) -> int:
    """Answer the request on stdin."""
    from alicloud_cpi import core_dumps, interrupt
    from alicloud_cpi.clock import SystemClock
    from alicloud_cpi.errors import Interrupted
    from alicloud_cpi.rpc import dispatch

    arguments = sys.argv[1:] if argv is None else argv
    if any(argument in ("-h", "--help") for argument in arguments):
        sys.stdout.write(f"{USAGE}\n")
        return 0
    core_dumps.forbid()
    path = config_path(arguments)
    if arguments[:1] == ["leftovers"]:
        from alicloud_cpi import leftovers

        return leftovers.run(path, SystemClock())
    interrupt.listen()
    try:
        # A caller that closed stdin has sent an empty request.
        request = sys.stdin.buffer.read() if sys.stdin else b""
        text = dispatch.answer(request, path, SystemClock())
    except Interrupted as stopped:
        text = dispatch.stopped(stopped)
    interrupt.ignore()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    return 0


def config_path(arguments: Sequence[str]) -> str | None:
    """Return the file that ``--config FILE``, ``--config=FILE`` or ``-configFile=FILE`` names."""
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name not in _CONFIG_OPTIONS:
            continue
        if equals:
            return value
        if position + 1 < len(arguments):
            return arguments[position + 1]
    return None


def start() -> NoReturn:
    """Run as a process that is short: it collects no garbage, and ends without clearing up."""
    import gc

    # Where os has it from: loading os takes a seventh of all that info does.
    from posix import _exit

    gc.disable()
    status = main()
    sys.stdout.flush()
    _exit(status)


if __name__ == "__main__":
    start()
