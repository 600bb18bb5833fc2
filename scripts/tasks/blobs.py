"""config/blobs.yml: the files of the release that are not in the repository.

``bosh create-release`` takes a local blob as it is, whatever config/blobs.yml says of it: this
module is what compares them. The file's format is the bosh CLI's own.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from tasks import ROOT

INDEX = ROOT / "config" / "blobs.yml"
FOLDER = ROOT / "blobs"

_ENTRY = re.compile(
    r"^(?P<path>[^\s:#][^:\n]*):\n"
    r"  size: (?P<size>\d+)\n"
    r"(?:  object_id: (?P<object_id>\S+)\n)?"
    r"  sha: sha256:(?P<sha256>[0-9a-f]{64})\n",
    re.MULTILINE,
)


class Blob(NamedTuple):
    """A file by its path under blobs/; ``object_id`` is its name in a release author's store."""

    path: str
    size: int
    sha256: str
    object_id: str = ""

    @property
    def name(self) -> str:
        """The file's own name."""
        return Path(self.path).name


def read() -> list[Blob]:
    """Return every blob of the release.

    :raises ValueError: the file holds something else
    """
    text = INDEX.read_text("utf-8")
    blobs = [
        Blob(found["path"], int(found["size"]), found["sha256"], found["object_id"] or "")
        for found in _ENTRY.finditer(text)
    ]
    if _ENTRY.sub("", text).strip() not in ("", "---"):
        raise ValueError(f"{INDEX}: unexpected lines")
    return blobs


def write(blobs: list[Blob]) -> None:
    """Write the list, sorted as the bosh CLI sorts it."""
    lines = []
    for blob in sorted(blobs):
        lines += [f"{blob.path}:", f"  size: {blob.size}"]
        lines += [f"  object_id: {blob.object_id}"] if blob.object_id else []
        lines += [f"  sha: sha256:{blob.sha256}"]
    INDEX.write_text("\n".join(["---", *lines]) + "\n", "utf-8")


def described(path: str, file: Path) -> Blob:
    """Describe a file that is to become a blob."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Blob(path, file.stat().st_size, digest)


def problem(blob: Blob, file: Path | None = None) -> str:
    """Return what is wrong with a local blob, or nothing."""
    file = file or FOLDER / blob.path
    if not file.is_file():
        return "missing"
    if file.stat().st_size != blob.size:
        return f"{file.stat().st_size} bytes instead of {blob.size}"
    if described(blob.path, file).sha256 != blob.sha256:
        return "another SHA-256 than config/blobs.yml gives"
    return ""
