"""scripts/audit: what is not accepted with a reason, or cannot be checked, fails."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.concourse import ROOT, tasks

if TYPE_CHECKING:
    from pathlib import Path

FOUND = {
    "name": "requests",
    "version": "2.0.0",
    "vulns": [{"id": "PYSEC-2026-1", "aliases": ["GHSA-1"], "fix_versions": ["2.0.1"]}],
}
CLEAN: dict[str, Any] = {"name": "six", "version": "1.17.0", "vulns": []}
UNKNOWN = {"name": "six", "skip_reason": "Dependency not found"}

# Stands in for pip-audit: answers for the lock that it is asked about.
TOOL = """#!/bin/sh
for last; do :; done
echo "$*" >>"{calls}"
case "$last" in */src/requirements.lock) cat "{answer}";; *) echo '{{"dependencies": []}}';; esac
"""


class Audit:
    """A copy of what scripts/audit reads, with a stand-in for pip-audit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("scripts", "config"):
            shutil.copytree(ROOT / name, folder / name, symlinks=True)
        (folder / "src").mkdir()
        for name in ("requirements.lock", "build-requirements.lock"):
            shutil.copy(ROOT / "src" / name, folder / "src")
        self._tool = folder / "pip-audit"
        self._answer = folder / "answer.json"
        self._calls = folder / "calls"
        self._tool.write_text(TOOL.format(calls=self._calls, answer=self._answer))
        self._tool.chmod(0o755)

    def accept(self, text: str) -> None:
        """Write the exceptions."""
        (self._folder / "config" / "audit.toml").write_text(text)

    def run(self, *rows: dict[str, Any], answer: str = "") -> subprocess.CompletedProcess[str]:
        """Audit, where pip-audit answers these rows, or something else."""
        self._answer.write_text(answer or json.dumps({"dependencies": rows}))
        command = [str(self._folder / "scripts" / "audit"), "--tool", str(self._tool)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def locks(self) -> set[str]:
        """Return the locks that pip-audit was asked about."""
        words = (line.split() for line in self._calls.read_text().splitlines())
        return {line[-1].removeprefix(f"{self._folder}/") for line in words}


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """Give a copy without exceptions."""
    made = Audit(tmp_path)
    made.accept("")
    return made


def accepted(**changes: str) -> str:
    """Write an exception; an empty value leaves its key out."""
    entry = {"id": '"GHSA-1"', "package": '"requests"', "reason": '"why"', "until": "2999-01-01"}
    lines = [f"{name} = {value}" for name, value in {**entry, **changes}.items() if value]
    return "\n".join(["[[accepted]]", *lines])


def test_every_lock_is_audited(audit: Audit) -> None:
    """Those of the release, of development and of the audit itself, by their hashes."""
    done = audit.run(CLEAN)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 dependencies in 4 locks, 0 exceptions: no problems\n"
    written = {str(path.relative_to(ROOT)) for path in ROOT.glob("*/*.lock")}
    assert audit.locks() == written


def test_a_vulnerability_fails_and_is_named(audit: Audit) -> None:
    """With its lock, its version and what mends it."""
    done = audit.run(CLEAN, FOUND)
    assert done.returncode == 1
    expected = "src/requirements.lock: requests 2.0.0: PYSEC-2026-1, fixed in 2.0.1"
    assert done.stdout.splitlines()[0] == expected


@pytest.mark.parametrize("name", ["PYSEC-2026-1", "GHSA-1"])
def test_an_accepted_one_does_not(audit: Audit, name: str) -> None:
    """By any of its names."""
    audit.accept(accepted(id=f'"{name}"'))
    assert audit.run(CLEAN, FOUND).returncode == 0


@pytest.mark.parametrize(
    ("exception", "rows", "expected"),
    [
        (accepted(), [CLEAN], "GHSA-1 of requests is not found: remove the exception"),
        (accepted(package='"six"'), [FOUND], "requests 2.0.0: PYSEC-2026-1, fixed in 2.0.1"),
        (
            accepted(until="2020-01-01"),
            [FOUND],
            "the exception for GHSA-1 of requests ended on 2020-01-01",
        ),
        ("", [UNKNOWN], "src/requirements.lock: six cannot be checked: Dependency not found"),
    ],
)
def test_what_else_fails(
    audit: Audit, exception: str, rows: list[dict[str, Any]], expected: str
) -> None:
    """An exception that is not needed, is another package's or has ended; a row without a check."""
    audit.accept(exception)
    done = audit.run(*rows)
    assert done.returncode == 1
    assert expected in done.stdout


@pytest.mark.parametrize(
    ("exception", "named"),
    [
        (accepted(reason=""), "needs reason"),
        (accepted(reason='" "'), "needs reason"),
        (accepted(until=""), "needs until, a date"),
        (accepted(until='"soon"'), "needs until, a date"),
        (accepted(because='"x"'), "unknown key: because"),
        ("[[accepted]\n", "audit.toml"),
    ],
)
def test_an_exception_without_a_reason_is_refused(audit: Audit, exception: str, named: str) -> None:
    """In one line, before anything is asked."""
    audit.accept(exception)
    done = audit.run(CLEAN)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("answer", ["no JSON", "{}", "[]"])
def test_a_tool_that_fails_is_no_success(audit: Audit, answer: str) -> None:
    """Whatever it prints instead of its answer."""
    done = audit.run(answer=answer)
    assert done.returncode == 1
    assert "pip-audit failed for src/requirements.lock" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_exceptions_that_are_kept_are_complete(audit: Audit) -> None:
    """Those of the repository."""
    audit.accept((ROOT / "config" / "audit.toml").read_text())
    assert audit.run(CLEAN).returncode in (0, 1)


def test_the_pipeline_runs_it() -> None:
    """Each week too."""
    assert "exec bosh-cpi-src/scripts/audit\n" in tasks()["audit"].script.read_text()
