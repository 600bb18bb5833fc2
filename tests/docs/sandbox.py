"""A copy of the repository in which documented commands are run, with a simulator of its own.

Scripts, sources and examples are the repository's; what a command writes is in the copy.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from docs.documents import ROOT

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

LINKED = ("docs", "examples", "jobs", "src", "tests")
COPIED = ("mkdocs.yml", "pyproject.toml")
TOP = ("CHANGELOG.md", "CONTRIBUTING.md", "README.md", "README.zh.md", "SECURITY.md")

# Placeholders in documents for values of the machine.
PORTS = re.compile(r"127\.0\.0\.1:(PORT|8443)")
SOME_VM = "i-2ze..."
READY = "simulator ready"


class Sandbox:
    """Runs the commands of one document in their order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._simulator: subprocess.Popen[str] | None = None
        self._port = 0
        self._vm_cid = ""
        for name in (*LINKED, *TOP):
            (folder / name).symlink_to(ROOT / name)
        for name in COPIED:
            shutil.copy(ROOT / name, folder / name)
        shutil.copytree(
            ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__py*")
        )
        self._make_venv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._simulator is not None:
            self.stop_simulator()

    def run(self, command: str) -> str:
        """Run one command, which must succeed, and return its stdout."""
        if command.startswith("./scripts/simulate"):
            self._start(command)
            return ""
        text = command.replace(SOME_VM, self._vm_cid or SOME_VM)
        output = self._ran(["sh", "-c", self._with_port(text)], 120)
        self._vm_cid = self._vm_cid or next(iter(re.findall(r"\"(i-2ze\w+)\"", output)), "")
        return output

    def start(
        self, *words: str, folder: str = ".", stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script of the copy and return its result, also if it fails."""
        script, *arguments = words
        return subprocess.run(
            [self._folder / "scripts" / script, *arguments],
            cwd=self._folder / folder,
            env={**self._environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def stop_simulator(self) -> None:
        """End the simulator as Ctrl-C does."""
        assert self._simulator is not None
        self._simulator.send_signal(signal.SIGINT)
        self._simulator.communicate(timeout=30)
        self._simulator = None

    @property
    def port(self) -> int:
        """The simulator's port."""
        return self._port

    def python(self, text: str) -> str:
        """Run a Python program."""
        ported = re.sub(r"\bport=8443\b", f"port={self._port}", self._with_port(text))
        return self._ran([sys.executable, "-W", "ignore", "-c", ported], 60)

    @property
    def settings(self) -> Path:
        """The cpi.json that the simulator wrote."""
        return self._folder / "sim" / "cpi.json"

    def _ran(self, command: list[str], seconds: int) -> str:
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _with_port(self, text: str) -> str:
        return PORTS.sub(f"127.0.0.1:{self._port}", text)

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}

    def _start(self, command: str) -> None:
        """Start the simulator, always on a free port."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        words = re.sub(r" --port \d+| *#.*", "", command).split()
        self._simulator = subprocess.Popen(
            [*words, "--port", str(self._port)],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._simulator.stdout is not None
        assert any(line.startswith(READY) for line in self._simulator.stdout), (
            "the simulator did not start"
        )

    def _make_venv(self) -> None:
        """Create a .venv that scripts accept as complete, with this interpreter."""
        binaries = self._folder / ".venv" / "bin"
        binaries.mkdir(parents=True)
        (binaries.parent / "lib").symlink_to(f"{sys.prefix}/lib")
        python = binaries / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        (binaries.parent / "installed").write_text(venv_stamp())


def venv_stamp() -> str:
    """Return the mark of a .venv for these sources (scripts/tasks/environment.py)."""
    files = (ROOT / "pyproject.toml", ROOT / "scripts" / "dev.lock")
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def refused(output: str) -> list[str]:
    """Return the errors in a command's JSON output, the CPI's and the simulator's."""
    found = []
    for line in output.splitlines():
        document = json.loads(line) if line.startswith("{") else {}
        if document.get("error"):
            found.append(str(document["error"]))
    return found
