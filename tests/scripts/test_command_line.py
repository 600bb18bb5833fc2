"""Every script has help, and answers a wrong value with one line that names it."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from docs.documents import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = sorted(
    path.name for path in (ROOT / "scripts").iterdir() if path.is_symlink() or path.name == "run"
)

WRONG = [
    ("simulate", "--port", "x"),
    ("simulate", "--port", "70000"),
    ("simulate", "--port", "-1"),
    ("simulate", "--pace", "slow"),
    ("simulate", "--read-lag", "nan"),
    ("simulate", "--dir", "pyproject.toml"),
    ("simulate", "--agent", "no-such-program"),
    ("simulate", "--agent", "pyproject.toml"),
    ("simulate", "--prot", "8443"),
    ("bench", "--go", "no-such-program"),
    ("bench", "--into", "pyproject.toml"),
    ("call", "--port", "8443"),
    ("compile-release", "no-such-file", "out.tgz"),
    ("compile-release", "pyproject.toml", "out.tgz", "--stemcell", "noble"),
    ("compile-release", "pyproject.toml", "out.tgz"),
    ("demo", "fast"),
    ("docs", "--dir", "pyproject.toml"),
    ("faults", "0"),
    ("faults", "many"),
    ("faults", "--only", "some"),
    ("fetch-blobs", "--from", "no-such-folder"),
    ("lock", "--upgrad"),
    ("sbom", "--output", "no-such-folder/sbom.json"),
    ("screenshots", "--dir", "pyproject.toml"),
    ("soak", "--minutes", "0"),
    ("soak", "--processes", "x"),
    ("test-release", "--release", "no-such-file"),
    ("test-release", "--keep", "pyproject.toml"),
    ("vendor-wheels", "requests"),
    ("run", "no-such-script"),
]


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """Give the scripts as a clone has them: without .venv."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", symlinks=True)
    for name in ("pyproject.toml", "docs", "config", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run(fresh: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script from the top of the clone."""
    return subprocess.run(
        [f"./scripts/{words[0]}", *words[1:]],
        cwd=fresh,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(fresh.parent), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_has_help(fresh: Path, name: str) -> None:
    """At once: nothing is installed for it."""
    done = run(fresh, name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"scripts/{name}" in done.stdout or name == "run"
    assert len(done.stdout.splitlines()) > 2
    assert not (fresh / ".venv").exists()


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_wrong_value_is_named_in_one_line(fresh: Path, words: tuple[str, ...]) -> None:
    """Exit status 2; nothing is installed or written before."""
    before = sorted(path.name for path in fresh.iterdir())
    done = run(fresh, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("scripts/")
    assert words[-1] in done.stderr or words[-2] in done.stderr
    assert sorted(path.name for path in fresh.iterdir()) == before


def test_the_list_of_scripts_has_all_of_them(fresh: Path) -> None:
    """With what each is for."""
    listed = run(fresh, "run").stdout.splitlines()[1:]
    names = [line.split()[0].removeprefix("scripts/") for line in listed]
    assert names == [name for name in SCRIPTS if name != "run"]
    assert all(len(line.split()) > 4 for line in listed)


@pytest.mark.parametrize("python", ["no-such-python", "/bin/false"])
def test_a_wrong_python_is_named(fresh: Path, python: str) -> None:
    """PYTHON is used or refused, never passed over."""
    done = run(fresh, "demo", PYTHON=python)
    assert done.returncode == 2
    assert done.stderr == (f"scripts/demo: PYTHON is {python}, which is not Python 3.11 or later\n")


def test_without_python_it_says_so(fresh: Path, tmp_path: Path) -> None:
    """A machine with a shell and hardly anything else."""
    few = tmp_path / "few"
    few.mkdir()
    for name in ("sh", "dirname", "basename"):
        (few / name).symlink_to(shutil.which(name) or "")
    done = run(fresh, "demo", PATH=str(few))
    assert done.returncode == 1
    assert done.stderr.startswith("scripts/demo: Python 3.11 or later is needed")
