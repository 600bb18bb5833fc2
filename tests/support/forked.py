"""The executable as processes that need no start: forked off one that has everything imported.

    with Forker(sim.plain_url) as forker:
        forker.start(["--config", "cpi.json"], request).answer()

A call is a process of its own with its own stdin, stdout and stderr; it gets signals and is killed
as any other. It waits on the simulated cloud's clock (on_sim_time), or in real time.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, TESTS, parsed

if TYPE_CHECKING:
    from support.cpi import Answer

_MOST_BYTES = 65536


class Forked:
    """A call that is under way, or over."""

    def __init__(self, forker: Forker, pid: int, stdout: int, stderr: Path) -> None:
        self._forker = forker
        self.pid = pid
        self._stderr = stderr
        self._output = b""
        self._sent: list[signal.Signals] = []
        self._reader = threading.Thread(target=self._read, args=(stdout,), daemon=True)
        self._reader.start()

    def _read(self, stdout: int) -> None:
        with os.fdopen(stdout, "rb") as file:
            self._output = file.read()

    @property
    def is_over(self) -> bool:
        """Whether the process has closed its stdout, as it does when it ends."""
        return not self._reader.is_alive()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; one that is over already misses it."""
        self._sent.append(number)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def end(self, timeout: float = 120) -> Answer | None:
        """Wait for its end; returns its answer, or None where it was killed before one."""
        self._reader.join(timeout)
        assert self.is_over, f"process {self.pid} goes on"
        status = self._forker.status(self.pid)
        stderr = self._stderr.read_text("utf-8", "replace")
        self._stderr.unlink()
        killed = status == -signal.SIGKILL or self._died_at_its_start(status, stderr)
        if killed and not self._output.endswith(b"\n"):
            return None
        assert killed or status == 0, stderr
        return parsed(self._output.decode(), stderr)

    def _died_at_its_start(self, status: int, stderr: str) -> bool:
        """Whether a signal came before the executable handles any: it has asked for nothing."""
        return "RequestId" not in stderr and any(status == -number for number in self._sent)

    def answer(self, timeout: float = 120) -> Answer:
        """Wait for the answer of a call that nobody kills."""
        answer = self.end(timeout)
        assert answer is not None
        return answer


class Forker:
    """A process that forks calls; its threads and locks are no trouble, as it has none."""

    def __init__(self, control: str = "") -> None:
        """Prepare it.

        :param control: the simulated cloud's plain URL, whose clock the calls wait on; or real time
        """
        self._control = control
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory()
        self._count = 0

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.forked", str(theirs.fileno()), self._control],
            pass_fds=[theirs.fileno()],
            env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": f"{SOURCE}:{TESTS}"},
        )
        theirs.close()
        self._socket = ours
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.wait()
        self._folder.cleanup()

    def start(self, options: list[str], text: bytes) -> Forked:
        """Start one call with this text on stdin."""
        with self._lock:
            self._count += 1
            stdin, stderr = (Path(self._folder.name) / f"{self._count}.{n}" for n in ("in", "err"))
            stdin.write_bytes(text)
            read, write = os.pipe()
            with stdin.open("rb") as given, stderr.open("wb") as log:
                asked = json.dumps({"start": options}).encode()
                fds = [given.fileno(), write, log.fileno()]
                socket.send_fds(self._socket, [asked], fds)
                os.close(write)
                pid = int(self._socket.recv(_MOST_BYTES))
            stdin.unlink()
        return Forked(self, pid, read, stderr)

    def status(self, pid: int) -> int:
        """Return the exit status of a process that is at its end; negative for a signal."""
        with self._lock:
            self._socket.send(json.dumps({"wait": pid}).encode())
            return int(self._socket.recv(_MOST_BYTES))


def main() -> None:
    """Fork calls until the other side goes away."""
    channel, control = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]
    program = _program(control)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's is for the other side
    while True:
        message, fds, _, _ = socket.recv_fds(channel, _MOST_BYTES, 3)
        if not message:
            return
        asked: dict[str, Any] = json.loads(message)
        if "wait" in asked:
            _, status = os.waitpid(asked["wait"], 0)
            channel.send(str(os.waitstatus_to_exitcode(status)).encode())
            continue
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            channel.close()
            for number, fd in enumerate(fds):
                os.dup2(fd, number)
                os.close(fd)
            os._exit(program(asked["start"]))
        for fd in fds:
            os.close(fd)
        channel.send(str(pid).encode())


def _program(control: str) -> Any:
    """Import all that a call needs; returns the executable's main."""
    import importlib
    import pkgutil

    import alicloud_cpi
    from alicloud_cpi.__main__ import main as real_main
    from support.on_sim_time import ControlledClock

    for found in pkgutil.walk_packages(alicloud_cpi.__path__, "alicloud_cpi."):
        importlib.import_module(found.name)
    ControlledClock.control = urlsplit(control).netloc
    return lambda options: real_main(options, *([ControlledClock()] if control else []))


if __name__ == "__main__":
    main()
