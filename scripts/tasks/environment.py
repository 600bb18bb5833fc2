"""Makes .venv with everything in it, once per change of pyproject.toml or scripts/dev.lock.

Only the standard library: this runs before anything is installed. A file in .venv marks an
installation that has not finished; one that was interrupted is removed and made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tasks import ROOT
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VENV = ROOT / ".venv"
LOCK = ROOT / "scripts" / "dev.lock"

_INSTALLED, _INCOMPLETE = "installed", "incomplete"
_TOOL = "setuptools"  # what builds the source distributions among the others
_LAST_LINES = 10


def ensure() -> Path:
    """Return the Python of .venv, made or mended where needed.

    :raises Failed: it cannot be made
    :raises Interrupted: by Ctrl-C, while it was being made
    """
    if not _is_current():
        with _one_at_a_time():
            if not _is_current():
                _make_current()
    return python_of(VENV)


def python_of(venv: Path) -> Path:
    """Return the path of an environment's Python."""
    return venv / "bin" / "python"


def stamp(root: Path = ROOT) -> str:
    """Return what .venv/installed holds when the environment fits the sources."""
    files = (root / "pyproject.toml", root / LOCK.relative_to(ROOT))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def create(venv: Path) -> None:
    """Make an empty environment with pip in it, also where Debian's python3-venv is missing.

    :raises Failed: this Python has neither venv nor pip
    """
    if _run([sys.executable, "-m", "venv", str(venv)]).returncode == 0:
        return
    _remove(venv)
    with tempfile.TemporaryDirectory() as tools:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", tools, "virtualenv"]
        path = {**os.environ, "PYTHONPATH": tools}
        made = _run(pip)
        if made.returncode == 0:
            made = _run([sys.executable, "-m", "virtualenv", "--quiet", str(venv)], path)
    if made.returncode:
        needed = "its modules venv and ensurepip (Debian: python3-venv)"
        raise Failed(f"{sys.executable} cannot make {venv}: it needs {needed}")


def install_locked(venv: Path, lock: Path) -> None:
    """Install exactly what a lock names, each file by its hash.

    :raises Failed: pip failed
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as first:
        first.write(_entry(lock, _TOOL))
        first.flush()
        # Nothing is built with a tool that no lock names.
        hashed = ("--require-hashes", "--no-deps", "--no-build-isolation", "--requirement")
        pip(venv, "install", *hashed, first.name)
        pip(venv, "install", *hashed, str(lock))


def _make_current() -> None:
    _say("Installing into .venv, which takes about half a minute ...")
    try:
        if not _is_usable():
            if VENV.exists():
                _say(".venv is not complete: making it anew")
            _remove(VENV)
            VENV.mkdir()
            _marker(_INCOMPLETE).touch()
            create(VENV)
        _marker(_INCOMPLETE).touch()
        install_locked(VENV, LOCK)
        pip(VENV, "install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        _check_lock()
    except KeyboardInterrupt:
        raise Interrupted(".venv is not complete; the next run makes it anew") from None
    except OSError as error:
        raise Failed(f".venv cannot be made: {error}") from error
    # Byte code is made now, so that the first call is as fast as the next.
    lib = str(VENV / "lib")
    _run([str(python_of(VENV)), "-m", "compileall", "-q", str(ROOT / "src"), lib])
    _marker(_INSTALLED).write_text(stamp())
    _marker(_INCOMPLETE).unlink()


def _is_current() -> bool:
    installed = _marker(_INSTALLED)
    return (
        installed.is_file()
        and installed.read_text() == stamp()
        and not _marker(_INCOMPLETE).exists()
        and os.access(python_of(VENV), os.X_OK)
    )


def _is_usable() -> bool:
    """Say whether what is there can be installed into."""
    if _marker(_INCOMPLETE).exists() or not os.access(python_of(VENV), os.X_OK):
        return False
    probe = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return _run([str(python_of(VENV)), "-c", probe]).returncode == 0


def _check_lock() -> None:
    """Refuse a lock that lacks something pyproject.toml asks for."""
    found = _run([str(python_of(VENV)), "-m", "pip", "check"])
    if found.returncode:
        problem = found.stdout.strip().splitlines()[0]
        raise Failed(f"scripts/dev.lock does not fit pyproject.toml ({problem}): run scripts/lock")


def _entry(lock: Path, name: str) -> str:
    """Return a requirement of a lock with its hashes."""
    _, found, rest = f"\n{lock.read_text()}".partition(f"\n{name}==")
    lines = rest.splitlines(keepends=True)
    last = next(index for index, line in enumerate(lines) if not line.rstrip().endswith("\\"))
    return found.lstrip() + "".join(lines[: last + 1])


def pip(venv: Path, *arguments: str) -> None:
    """Run pip; its warnings are dropped, its errors shown.

    :raises Failed: with what pip said
    """
    options = ("--quiet", "--disable-pip-version-check", "--no-input")
    root = ("--root-user-action", "ignore") if arguments[0] == "install" else ()
    pip = [str(python_of(venv)), "-m", "pip", *arguments[:1], *options, *root, *arguments[1:]]
    done = _run(pip)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        errors = [line for line in lines if line.lstrip().startswith(("ERROR", "error"))]
        shown = "\n  ".join(errors or lines[-_LAST_LINES:])
        raise Failed(f"pip could not install what the scripts need:\n  {shown}")


def _run(
    command: list[str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _marker(name: str) -> Path:
    return VENV / name


def _remove(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait until no other script installs."""
    folder = os.open(ROOT / "scripts", os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Waiting for another script, which installs into .venv ...")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
