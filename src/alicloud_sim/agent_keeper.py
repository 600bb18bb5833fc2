"""Keeps one bosh-agent: python agent_keeper.py PROGRAM ARGUMENT ...

It ends the agent, with all that the agent has started, when its own stdin is closed: by the
simulator, or because the simulator is gone, however it ended. It ends with the agent's status.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

SECONDS_TO_END = 5.0
NOT_STARTED = 127
KILLED = 128


def main(command: list[str]) -> int:
    """Start the agent and stay with it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ignore)
    try:
        agent = subprocess.Popen(  # noqa: S603 - it is the caller's program
            command, stdin=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
        return NOT_STARTED
    threading.Thread(target=_end_with_stdin, args=(agent,), daemon=True).start()
    status = agent.wait()
    _send(agent, signal.SIGKILL)
    return status if status >= 0 else KILLED - status


def _ignore(*_: object) -> None:
    """Do nothing; the agent does not inherit this, as it would SIG_IGN."""


def _end_with_stdin(agent: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1):
        pass
    _send(agent, signal.SIGTERM)
    try:
        agent.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        _send(agent, signal.SIGKILL)


def _send(agent: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal whatever is left of the agent's group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(agent.pid, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
