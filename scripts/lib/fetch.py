"""Bring the blobs of config/blobs.yml into blobs/: from a folder, with pip, with apt.

Nothing here names a host: pip and apt are used as this machine has them set up. What comes is
taken only with the size and SHA-256 that config/blobs.yml gives.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import wheels
from blobs import FOLDER, Blob, problem, read

SUITES = ("unstable", "testing", "stable")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def copy(blobs: list[Blob], source: Path) -> None:
    """Take the blobs that lie anywhere under a folder."""
    files = {file.name: file for file in source.rglob("*") if file.is_file()}
    for blob in blobs:
        file = files.get(blob.name)
        if file and not problem(blob, file):
            _place(blob, file)


def fetch_python(blob: Blob) -> None:
    """Take CPython's source out of Debian's, which carries it unchanged."""
    with tempfile.TemporaryDirectory() as name:
        apt = _Apt(Path(name))
        if not apt.usable:
            return
        package = "python" + ".".join(re.findall(r"\d+", blob.name)[:2])
        for file in apt.sources(package, blob.sha256):
            if not problem(blob, file):
                _place(blob, file)


class _Apt:
    """This machine's Debian archive, asked for sources without a change to the machine."""

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


def _complain(blob: Blob) -> None:
    sys.stderr.write(f"blobs/{blob.path}: {problem(blob)}\n")
    if blob.path.startswith("wheels/"):
        sys.stderr.write("  pip found no such file in its indexes.\n")
    else:
        sys.stderr.write(
            f"  This machine's Debian archive has no source with SHA-256 {blob.sha256}.\n"
            "  It is CPython's own release, in XZ format: put it there yourself, or name its\n"
            "  folder with --from.\n"
        )


def main() -> int:
    """Bring what is missing; exit status 0 when nothing is missing any more."""
    parser = argparse.ArgumentParser(prog="scripts/fetch-blobs", description=main.__doc__)
    parser.add_argument("--from", dest="source", type=Path, help="a folder to look into first")
    parser.add_argument("--check", action="store_true", help="look at what is there, fetch nothing")
    parser.add_argument("--wheels", action="store_true", help="do without CPython's source")
    options = parser.parse_args()
    blobs = [blob for blob in read() if blob.path.startswith("wheels/") or not options.wheels]
    if options.source:
        copy(_missing(blobs), options.source)
    if not options.check:
        wheels.fetch(blob for blob in _missing(blobs) if blob.path.startswith("wheels/"))
        for blob in _missing(blobs):
            if blob.path.startswith("cpython/"):
                fetch_python(blob)
    missing = _missing(blobs)
    for blob in missing:
        _complain(blob)
    sys.stdout.write(f"{len(blobs) - len(missing)} of {len(blobs)} blobs are in place\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
