"""Bring the blobs that config/blobs.yml lists into blobs/, and say what is missing.

Wheels come with pip, CPython's source with apt-get or from a folder. Each file is taken only with
the size and the SHA-256 that config/blobs.yml gives. No host is named: pip and apt are used as this
machine has them set up.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tasks import wheels
from tasks.blobs import FOLDER, Blob, problem, read
from tasks.command_line import Parser, existing_folder
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = False

SUITES = ("unstable", "testing", "stable")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def copy(blobs: list[Blob], source: Path) -> None:
    """Copy the blobs that are anywhere under a folder."""
    files = {file.name: file for file in source.rglob("*") if file.is_file()}
    for blob in blobs:
        file = files.get(blob.name)
        if file and not problem(blob, file):
            _place(blob, file)


def fetch_python(blob: Blob) -> None:
    """Take CPython's source from Debian's source package, which has it unchanged."""
    with tempfile.TemporaryDirectory() as name:
        apt = _Apt(Path(name))
        if not apt.usable:
            return
        package = "python" + ".".join(re.findall(r"\d+", blob.name)[:2])
        for file in apt.sources(package, blob.sha256):
            if not problem(blob, file):
                _place(blob, file)


class _Apt:
    """Downloads sources from this machine's Debian archive without changing the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.usable = bool(shutil.which("apt-get")) and KEYRING.exists()
        if not self.usable:
            return
        folder.chmod(0o755)
        found = self._run("apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)")
        hosts = [line.split()[1] for line in found.splitlines() if line.startswith("Debian ")]
        archive = min((uri for uri in hosts if "security" not in uri), key=len, default="")
        self.usable = bool(archive)
        lines = [f"deb-src [signed-by={KEYRING}] {archive} {suite} main\n" for suite in SUITES]
        (folder / "sources.list").write_text("".join(lines))
        (folder / "lists").mkdir()
        (folder / "cache").mkdir()
        self._options = [
            f"-oDir::Etc::sourcelist={folder}/sources.list",
            "-oDir::Etc::sourceparts=/dev/null",
            f"-oDir::State::lists={folder}/lists",
            f"-oDir::Cache={folder}/cache",
            # A mirror may lag behind its own Release file; the digest in config/blobs.yml decides.
            "-oAcquire::Check-Valid-Until=false",
        ]

    def sources(self, package: str, sha256: str) -> list[Path]:
        """Download the source of the version that holds a file with this digest."""
        self._run("apt-get", *self._options, "update")
        listed = self._run("apt-cache", *self._options, "showsrc", package)
        for paragraph in listed.split("\n\n"):
            version = re.search(r"^Version: (\S+)$", paragraph, re.MULTILINE)
            if version and sha256 in paragraph:
                wanted = f"{package}={version[1]}"
                self._run(
                    "apt-get", *self._options, "source", "--download-only", "--tar-only", wanted
                )
        return sorted(self._folder.glob("*.orig.tar.*"))

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, check=False
        )
        return done.stdout


def _place(blob: Blob, file: Path) -> None:
    target = FOLDER / blob.path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


def _missing(blobs: list[Blob]) -> list[Blob]:
    return [blob for blob in blobs if problem(blob)]


def _explain(blob: Blob) -> None:
    if blob.path.startswith("wheels/"):
        sys.stderr.write("  pip found no such file in its indexes.\n")
    else:
        sys.stderr.write(
            f"  This machine's Debian archive has no source with SHA-256 {blob.sha256}.\n"
            "  Put CPython's own release there, in XZ format, or name its folder with --from.\n"
        )


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("fetch-blobs", __doc__)
    add = made.add_argument
    add("--from", dest="source", type=existing_folder, metavar="FOLDER", help="where to look first")
    add("--check", action="store_true", help="look at what is there, fetch nothing")
    add("--wheels", action="store_true", help="do without CPython's source")
    return made


def run(options: argparse.Namespace) -> int:
    """Bring what is missing; exit status 0 when nothing is missing any more."""
    try:
        return fetch(options.source, wheels_only=options.wheels, check=options.check)
    except KeyboardInterrupt:
        raise Interrupted("blobs/ has what came; the next run fetches the rest") from None


def fetch(source: Path | None = None, *, wheels_only: bool = False, check: bool = False) -> int:
    """Bring the blobs; returns 0 when all of them are in place."""
    blobs = [blob for blob in read() if blob.path.startswith("wheels/") or not wheels_only]
    if source:
        copy(_missing(blobs), source)
    if not check:
        wheels.fetch(blob for blob in _missing(blobs) if blob.path.startswith("wheels/"))
        for blob in _missing(blobs):
            if blob.path.startswith("cpython/"):
                fetch_python(blob)
    missing = _missing(blobs)
    for blob in missing:
        sys.stderr.write(f"blobs/{blob.path}: {problem(blob)}\n")
        if not check:
            _explain(blob)
    sys.stdout.write(f"{len(blobs) - len(missing)} of {len(blobs)} blobs are in place\n")
    return 1 if missing else 0


def require_all() -> None:
    """Check that every blob is in place.

    :raises Failed: one is missing, or is another file
    """
    if fetch(check=True):
        raise Failed("blobs/ is not complete: run scripts/fetch-blobs")
