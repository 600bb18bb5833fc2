"""The simulator's distribution, built and installed as its users do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSION = re.compile(r"^([\w.-]+==[\w.]+) ", re.MULTILINE)


def ran(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command that has to succeed, and return its stdout."""
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


def source(folder: Path) -> Path:
    """Copy the distribution's folder, with the sources that it links to."""
    made = folder / "simulator"
    leave = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    shutil.copytree(ROOT / "simulator", made, ignore=leave)
    return made


def wheel(folder: Path) -> Path:
    """Build the wheel."""
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps")
    ran(*pip, "--wheel-dir", folder, source(folder), cwd=folder)
    (built,) = folder.glob("alicloud_sim-*.whl")
    return built


def environment(folder: Path, *packages: str | Path) -> Path:
    """Make an environment with nothing but some packages, in the versions of dev.lock."""
    made = folder / "environment"
    ran(sys.executable, "-m", "venv", "--without-pip", made, cwd=folder)
    versions = folder / "versions.txt"
    locked = VERSION.findall((ROOT / "scripts" / "dev.lock").read_text("utf-8"))
    versions.write_text("\n".join(locked), "utf-8")
    pip = (sys.executable, "-m", "pip", "--python", made / "bin" / "python", "install", "--quiet")
    ran(*pip, "--constraint", versions, *packages, cwd=folder)
    return made / "bin"
