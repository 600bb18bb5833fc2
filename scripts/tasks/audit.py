"""Check every locked dependency for known vulnerabilities, with pip-audit.

An accepted vulnerability is listed in config/audit.toml with a reason and an end date. It is also a
failure when a dependency cannot be checked, or an exception is not needed or has ended. CPython is
not in pip-audit's databases; src/sbom.cdx.json has its CPE, the name to search others for.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tasks import ROOT, environment
from tasks.command_line import Parser, program, say
from tasks.errors import Failed, Interrupted, WrongValue
from tasks.lock import AUDIT_LOCK

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

NEEDS_VENV = False

EXCEPTIONS = ROOT / "config" / "audit.toml"
LOCKS = (
    ROOT / "src" / "requirements.lock",
    ROOT / "src" / "build-requirements.lock",
    environment.LOCK,
    AUDIT_LOCK,
)


class Accepted(NamedTuple):
    """A vulnerability of a package that is accepted until a day."""

    id: str
    package: str
    reason: str
    until: dt.date


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("audit", __doc__)
    made.add_argument(
        "--tool",
        type=program,
        metavar="PROGRAM",
        help="a pip-audit that is installed; default: the one of scripts/audit.lock",
    )
    return made


def run(options: argparse.Namespace) -> int:
    """Check all locks; exit status 1 when something is found.

    :raises Failed: pip-audit cannot be run
    """
    accepted = read_exceptions(EXCEPTIONS)
    try:
        with tempfile.TemporaryDirectory() as name:
            tool = options.tool or _install(Path(name) / "venv")
            found = [(lock, row) for lock in LOCKS for row in _checked(tool, lock)]
    except KeyboardInterrupt:
        raise Interrupted("nothing is left") from None
    problems = [*judge(found, accepted, dt.datetime.now(dt.UTC).date())]
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    count = f"{len(found)} dependencies in {len(LOCKS)} locks, {len(accepted)} exceptions"
    sys.stdout.write(f"{count}: {len(problems) or 'no'} problems\n")
    return 1 if problems else 0


def judge(
    found: Iterable[tuple[Path, dict[str, Any]]], accepted: list[Accepted], today: dt.date
) -> Iterable[str]:
    """Yield what is wrong."""
    needed = set()
    for lock, row in found:
        where = f"{lock.relative_to(ROOT)}: {row['name']}"
        if "skip_reason" in row:
            yield f"{where} cannot be checked: {row['skip_reason']}"
        for vulnerability in row.get("vulns", ()):
            names = {vulnerability["id"], *vulnerability.get("aliases", ())}
            exceptions = [one for one in accepted if one.id in names and one.package == row["name"]]
            needed.update(exceptions)
            if not exceptions:
                fixed = ", ".join(vulnerability.get("fix_versions", ())) or "no version"
                yield f"{where} {row['version']}: {vulnerability['id']}, fixed in {fixed}"
    for one in accepted:
        if one not in needed:
            yield f"{one.id} of {one.package} is not found: remove the exception"
        elif one.until < today:
            yield f"the exception for {one.id} of {one.package} ended on {one.until}"


def read_exceptions(path: Path) -> list[Accepted]:
    """Read the accepted vulnerabilities.

    :raises WrongValue: an entry is not complete
    """
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("accepted", [])
    except tomllib.TOMLDecodeError as error:
        raise WrongValue(f"{path}: {error}") from error
    return [_exception(path, entry) for entry in entries]


def _exception(path: Path, entry: dict[str, Any]) -> Accepted:
    for name in ("id", "package", "reason"):
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            raise WrongValue(f"{path}: an entry needs {name}, a text: {entry}")
    if type(entry.get("until")) is not dt.date:
        raise WrongValue(f"{path}: {entry['id']} needs until, a date")
    if unknown := set(entry) - set(Accepted._fields):
        raise WrongValue(f"{path}: {entry['id']} has an unknown key: {min(unknown)}")
    return Accepted(**entry)


def _install(venv: Path) -> str:
    say("Installing pip-audit ...")
    environment.create(venv)
    environment.install_locked(venv, AUDIT_LOCK)
    return str(venv / "bin" / "pip-audit")


def _checked(tool: str, lock: Path) -> list[dict[str, Any]]:
    """Return what pip-audit says of each dependency of a lock."""
    options = ("--progress-spinner", "off", "--format", "json", "--require-hashes", "--disable-pip")
    done = subprocess.run(
        [tool, *options, "--requirement", lock], capture_output=True, text=True, check=False
    )
    try:
        rows: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, LookupError, TypeError):
        reason = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise Failed(f"pip-audit failed for {lock.relative_to(ROOT)}: {reason}") from None
    return rows
