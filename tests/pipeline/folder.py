"""A folder as Concourse lays it out for a task, and the task's script run in it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from pipeline.concourse import ROOT, SOURCE, tasks

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/usr/local/bin:/usr/bin:/bin"


class Folder:
    """Inputs and outputs of a task as sibling folders, with this repository as bosh-cpi-src."""

    def __init__(self, path: Path) -> None:
        self.path = path / "work"
        self._tools = path / "tools"
        self._tools.mkdir()
        self.path.mkdir()
        (self.path / SOURCE).symlink_to(ROOT)

    def put(self, name: str, content: str | bytes = "") -> Path:
        """Write a file of an input."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def tool(self, name: str, body: str) -> None:
        """Put a stand-in of a tool that is not here in front; it notes how it was called."""
        file = self._tools / name
        file.write_text(
            f'#!/bin/bash\nprintf "%s\\n" "$*" >>"{self._tools}/{name}.calls"\n{body}\n'
        )
        file.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        """Return the arguments of a stand-in's calls."""
        file = self._tools / f"{name}.calls"
        return file.read_text().splitlines() if file.exists() else []

    def run(self, task: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a task's script as a person does, with these variables and hardly any other."""
        home = self.path.parent / "home"
        home.mkdir(exist_ok=True)
        return subprocess.run(
            [tasks()[task].script],
            cwd=self.path,
            env={"PATH": f"{self._tools}:{PATH}", "HOME": str(home), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
