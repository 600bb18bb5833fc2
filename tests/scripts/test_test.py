"""scripts/test says what it lacks: before it installs anything, or how to install it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs.documents import ROOT
from docs.sandbox import venv_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin") or ""
INSTALL = "apt-get install --yes --no-install-recommends ruby curl"
MISSING = (
    "Missing: ruby, with which tests render the job's templates, "
    "curl, with which tests run the documented commands. "
)

# Stands in for apt-get: notes how it was called, and what was said before.
APT = """#!/bin/sh
echo "$*" >>"$CALLS"
cat "$SAID" >>"$CALLS.said"
echo "E: no such package" >&2
exit "$STATUS"
"""

pytestmark = pytest.mark.skipif(
    not PYTHON, reason="needs a Python that any user may start, in /usr/bin or /usr/local/bin"
)


@pytest.fixture
def machine() -> Iterator[Path]:
    """Give a folder that any user may read: the scripts, with neither ruby nor curl in sight."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(ROOT / "scripts", folder / "scripts", symlinks=True)
        shutil.copy(ROOT / "pyproject.toml", folder)
        binaries = folder / ".venv" / "bin"
        binaries.mkdir(parents=True)
        (binaries / "python").symlink_to(PYTHON)
        (folder / ".venv" / "installed").write_text(venv_stamp())
        tools = folder / "tools"
        tools.mkdir()
        for tool in ("sh", "dirname", "basename", "cat"):
            (tools / tool).symlink_to(shutil.which(tool) or "")
        (tools / "python3").symlink_to(PYTHON)
        yield folder


def run(machine: Path, status: int = 0, *, apt: bool = True, user: int | None = None) -> list[str]:
    """Run scripts/test, which ends where it would start a linter; returns what it said."""
    if apt:
        (machine / "tools" / "apt-get").write_text(APT)
        (machine / "tools" / "apt-get").chmod(0o755)
    said = machine / "said"
    with said.open("w") as stderr:
        done = subprocess.run(
            [machine / "scripts" / "test"],
            cwd=machine,
            env={
                "PATH": str(machine / "tools"),
                "CALLS": str(machine / "calls"),
                "SAID": str(said),
                "STATUS": str(status),
            },
            stdin=subprocess.DEVNULL,
            stderr=stderr,
            user=user,
            check=False,
        )
    *lines, end = said.read_text().splitlines()
    assert done.returncode == 1
    assert "there is no" in end  # nothing is installed in this .venv
    return lines


def calls(machine: Path) -> list[str]:
    """Return how apt-get was called."""
    file = machine / "calls"
    return file.read_text().splitlines() if file.exists() else []


as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root installs Debian packages")


@as_root
def test_it_says_what_it_installs_before_it_does(machine: Path) -> None:
    """The line is there when apt-get starts."""
    message = f"{MISSING}Installing the Debian packages: {INSTALL}"
    assert run(machine) == [message]
    assert calls(machine) == ["update", INSTALL.removeprefix("apt-get ")]
    assert (machine / "calls.said").read_text().splitlines() == [message] * 2


@as_root
def test_it_goes_on_where_nothing_can_be_installed(machine: Path) -> None:
    """With the reason that apt-get gives; those tests are skipped."""
    said = run(machine, status=100)
    assert said[1:] == ["apt-get failed: E: no such package. Those tests are skipped"]


def test_without_root_it_says_how_to_install(machine: Path) -> None:
    """It installs nothing, and goes on."""
    user = NOBODY if os.getuid() == 0 else None
    (machine / "said").touch()
    message = f"{MISSING}Those tests are skipped; to run them: sudo {INSTALL}"
    assert run(machine, user=user) == [message]
    assert calls(machine) == []


def test_without_apt_it_says_what_to_install(machine: Path) -> None:
    """Other systems have it under the same names."""
    message = f"{MISSING}Those tests are skipped; to run them: install ruby and curl"
    assert run(machine, apt=False) == [message]
