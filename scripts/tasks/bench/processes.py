"""Starts processes one after the other through a small process (runner.py), which measures them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

# What a Director leaves of the environment.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


class Runner:
    """A small process that starts others and measures them; used by one thread at a time."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("runner.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C is for the script, which then ends this process.
            process_group=0,
        )

    def run(
        self, command: Iterable[str], environment: dict[str, str], text: bytes = b""
    ) -> tuple[dict[str, float], str, str]:
        """Run one process; returns what was measured, its stdout and its stderr."""
        folder = Path(self._folder.name)
        (folder / "stdin").write_bytes(text)
        job = {"command": [*command], "environment": environment, "folder": str(folder)}
        asked, answered = self._process.stdin, self._process.stdout
        if asked is None or answered is None:
            raise RuntimeError("the small process has no pipes")
        asked.write(json.dumps(job).encode() + b"\n")
        asked.flush()
        found = json.loads(answered.readline())
        return found, (folder / "stdout").read_text(), (folder / "stderr").read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, and the one that it measures."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._folder.cleanup()
