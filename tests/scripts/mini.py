"""A small repository whose scripts make .venv from a folder of wheels, without a network."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from importlib.metadata import distribution
from typing import TYPE_CHECKING

from docs.documents import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "mini"
version = "1"

[tool.setuptools.packages.find]
where = ["src"]
"""


class Mini:
    """The scripts, a project with nothing in it, and a lock that names its build tool alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self._wheels = folder / "wheels"
        shutil.copytree(ROOT / "scripts", self.folder / "scripts", symlinks=True)
        (self.folder / "src" / "mini").mkdir(parents=True)
        (self.folder / "src" / "mini" / "__init__.py").touch()
        (self.folder / "pyproject.toml").write_text(PYPROJECT)
        (self.folder / "request.json").write_text("{}")
        wheel = self._wheel()
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        version = wheel.name.split("-")[1]
        self._write_lock(f"setuptools=={version} \\\n    --hash=sha256:{digest}\n")

    @property
    def venv(self) -> Path:
        """Where .venv is made."""
        return self.folder / ".venv"

    @property
    def is_complete(self) -> bool:
        """Whether the project is installed in .venv, and nothing says otherwise."""
        if (self.venv / "incomplete").exists() or not (self.venv / "installed").exists():
            return False
        command = [str(self.venv / "bin" / "python"), "-c", "import mini, setuptools"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def require(self, requirement: str) -> None:
        """Add a requirement to the lock."""
        self._write_lock(self._lock.read_text() + requirement)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables with which pip finds the wheels and asks no index."""
        missing = str(self.folder / "no-such-folder")
        links = f"{self._wheels} {missing}"
        known = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": "/dev/null"}
        return {**known, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": links, **more}

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run a script that needs .venv, and then finds no simulator."""
        return subprocess.run(
            ["./scripts/call", "request.json"],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    @property
    def _lock(self) -> Path:
        return self.folder / "scripts" / "dev.lock"

    def _write_lock(self, text: str) -> None:
        self._lock.write_text(text)

    def _wheel(self) -> Path:
        """Pack the setuptools that is installed here into a wheel."""
        found = distribution("setuptools")
        self._wheels.mkdir()
        wheel = self._wheels / f"setuptools-{found.version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as packed:
            for file in found.files or ():
                path = file.locate()
                if os.path.isfile(path) and ".pyc" not in file.name and ".." not in file.parts:  # noqa: PTH113 - locate() gives no Path
                    packed.write(os.fspath(path), str(file))
        return wheel
