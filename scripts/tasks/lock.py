"""Resolve what the scripts install anew: scripts/dev.lock (.venv) and scripts/audit.lock.

Each lock names every version and the hash of every file, and serves Python 3.11 to 3.14 on every
system. Run it after a change of the dependencies in pyproject.toml, and look at the difference
before committing it.
"""

from __future__ import annotations

import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from tasks import ROOT, environment
from tasks.command_line import Parser, say
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = False

AUDIT_LOCK = ROOT / "scripts" / "audit.lock"

HEAD = "# Written by scripts/lock: every version, and every file by its hash.\n"
RESOLVER = "uv>=0.8,<1"
AUDIT_TOOL = "pip-audit>=2.9,<3"
OLDEST_PYTHON = "3.11"


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("lock", __doc__)
    add = made.add_argument
    add("--upgrade", action="store_true", help="take the newest versions; default: keep what fits")
    return made


def run(options: argparse.Namespace) -> int:
    """Write both locks.

    :raises Failed: the dependencies cannot be resolved
    """
    pyproject = ROOT / "pyproject.toml"
    build = tomllib.loads(pyproject.read_text("utf-8"))["build-system"]["requires"]
    try:
        with tempfile.TemporaryDirectory() as name:
            venv = Path(name) / "venv"
            environment.create(venv)
            environment.pip(venv, "install", RESOLVER)
            project = ("--extra", "dev", "--no-emit-package", "bosh-alicloud-cpi", str(pyproject))
            _write(venv, environment.LOCK, build, *project, upgrade=options.upgrade)
            _write(venv, AUDIT_LOCK, [*build, AUDIT_TOOL], upgrade=options.upgrade)
    except KeyboardInterrupt:
        raise Interrupted("a lock that is not named above is unchanged") from None
    return 0


def _write(venv: Path, lock: Path, requirements: list[str], *sources: str, upgrade: bool) -> None:
    """Resolve, and replace a lock once that has succeeded."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / lock.name
        if lock.exists() and not upgrade:
            made.write_bytes(lock.read_bytes())  # versions in it are kept where they fit
        command = [str(venv / "bin" / "uv"), "pip", "compile", "--quiet", "--universal"]
        options = ["--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(made)]
        done = subprocess.run(
            [*command, "--python-version", OLDEST_PYTHON, *options, *sources, "-"],
            input="\n".join(requirements),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failed(f"the dependencies cannot be resolved:\n{done.stderr.rstrip()}")
        lock.write_text(HEAD + made.read_text("utf-8").removeprefix(HEAD), "utf-8")
    say(f"{lock.relative_to(ROOT)} written")
