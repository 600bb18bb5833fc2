"""The .venv that scripts make: quietly, once, and anew after an interruption."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from scripts.mini import Mini

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INSTALLING = "Installing into .venv, which takes about half a minute ..."
ANEW = ".venv is not complete: making it anew"


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    """Give a small repository without .venv."""
    return Mini(tmp_path)


def test_the_first_run_installs_and_says_so(mini: Mini) -> None:
    """Once: pip's warnings, here of a folder that is not there, are not shown."""
    first = mini.run()
    assert mini.is_complete
    assert first.stderr.splitlines()[0] == INSTALLING
    assert len(first.stderr.splitlines()) == 2
    assert "no-such-folder" not in first.stderr
    second = mini.run()
    assert INSTALLING not in second.stderr
    assert second.stderr.splitlines() == first.stderr.splitlines()[1:]
    mini.require("# a change of the lock\n")
    assert INSTALLING in mini.run().stderr
    assert mini.is_complete


def test_what_pip_cannot_do_is_shown(mini: Mini) -> None:
    """Its errors, and none of its warnings; the next run starts anew."""
    mini.require(f"no-such-distribution==1 --hash=sha256:{'0' * 64}\n")
    done = mini.run()
    assert done.returncode == 1
    assert "scripts/call: pip could not install what the scripts need:" in done.stderr
    assert "ERROR: No matching distribution found for no-such-distribution==1" in done.stderr
    assert "WARNING" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not mini.is_complete


def test_a_file_with_another_hash_is_refused(mini: Mini) -> None:
    """What is installed is what was looked at."""
    lock = mini.folder / "scripts" / "dev.lock"
    lock.write_text(lock.read_text().rpartition(":")[0] + f":{'0' * 64}\n")
    done = mini.run()
    assert done.returncode == 1
    assert "HASHES" in done.stderr.upper()
    assert not mini.is_complete


def _without_packages(venv: Path) -> None:
    venv.mkdir()
    (venv / "bin").mkdir()
    (venv / "pyvenv.cfg").touch()


def _without_interpreter(venv: Path) -> None:
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to("/no/such/python3")
    (venv / "installed").write_text("anything")


def _unfinished(venv: Path) -> None:
    (venv / "bin").mkdir(parents=True)
    (venv / "incomplete").touch()
    (venv / "bin" / "python").symlink_to(shutil.which("true") or "")


@pytest.mark.parametrize("left", [_without_packages, _without_interpreter, _unfinished])
def test_a_half_made_environment_is_made_anew(mini: Mini, left: Callable[[Path], None]) -> None:
    """Whatever a first run that was killed has left, or a Python that was removed since."""
    left(mini.venv)
    done = mini.run()
    assert mini.is_complete, done.stderr
    assert ANEW in done.stderr


def test_an_interrupted_first_run_is_mended_by_the_next(mini: Mini) -> None:
    """Ctrl-C while pip waits for an index that does not answer."""
    with socket.create_server(("127.0.0.1", 0)) as index:
        index.settimeout(60)
        url = f"http://127.0.0.1:{index.getsockname()[1]}/simple"
        environment = mini.environment(PIP_INDEX_URL=url, PIP_FIND_LINKS="")
        del environment["PIP_NO_INDEX"]
        with subprocess.Popen(
            ["./scripts/call", "request.json"],
            cwd=mini.folder,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            connection, _ = index.accept()
            os.killpg(process.pid, signal.SIGINT)
            _, stderr = process.communicate(timeout=30)
            connection.close()
    assert process.returncode == 130
    assert stderr.splitlines() == [
        INSTALLING,
        "scripts/call: interrupted: .venv is not complete; the next run makes it anew",
    ]
    assert not mini.is_complete
    done = mini.run()
    assert mini.is_complete, done.stderr
    assert ANEW in done.stderr


def test_two_first_runs_at_once_install_once(mini: Mini) -> None:
    """scripts/simulate in one terminal, scripts/call in another."""
    both = [
        subprocess.Popen(
            ["./scripts/call", "request.json"],
            cwd=mini.folder,
            env=mini.environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    texts = [process.communicate(timeout=300)[1] for process in both]
    assert mini.is_complete
    assert "".join(texts).count(INSTALLING) == 1
    assert "Waiting for another script, which installs into .venv ..." in "".join(texts)
