"""Tarballs of a release that depend on their content alone.

Two builds of the same files give the same bytes: entries are sorted, without owners and times, and
with one of two modes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.errors import Failed, WrongValue

if TYPE_CHECKING:
    from collections.abc import Iterator

EXECUTABLE, ORDINARY = 0o755, 0o644

# Seconds since 1970 in tarballs, and what compilers put in place of the date: 1980, as zip files
# have no earlier time.
EPOCH = 315532800


def unpack(tarball: Path, folder: Path) -> None:
    """Unpack a tarball into a new folder, also with the Python 3.11.2 of Debian 12.

    :raises WrongValue: it is not one
    """
    folder.mkdir(parents=True)
    tar = ["/usr/bin/env", "tar", "-xzf", str(tarball), "-C", str(folder)]
    if subprocess.run(tar, capture_output=True, check=False).returncode:
        raise WrongValue(f"{tarball} is not a tarball that can be unpacked")


def pack(folder: Path, target: Path) -> None:
    """Write a tarball of all that is in a folder."""
    with (
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=EPOCH) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in sorted(folder.rglob("*")):
            name = f"./{path.relative_to(folder).as_posix()}"
            entry = _without_origin(tar.gettarinfo(path, name))
            entry.mtime = _time_in_byte_code(path) or EPOCH
            if entry.isreg():
                with path.open("rb") as content:
                    tar.addfile(entry, content)
            else:
                tar.addfile(entry)


def _time_in_byte_code(source: Path) -> int:
    """Return the time that the byte code of a module expects its source to have, or 0.

    Python takes byte code with another time in it for old, and compiles the module at each start.
    """
    if source.suffix != ".py":
        return 0
    for byte_code in (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc"):
        _, flags, time, _ = struct.unpack("<4I", byte_code.read_bytes()[:16])
        if flags == 0:  # 1 and 3: checked by a hash, or not at all (PEP 552)
            return int(time)
    return 0


def digest(file: Path) -> str:
    """Return the SHA-256 of a file as a release's manifest has it."""
    with file.open("rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"


def yaml(text: str) -> Any:
    """Read YAML with Ruby, which create-env needs anyway.

    :raises Failed: there is no ruby, or the text is not YAML
    """
    script = "puts JSON.dump(YAML.safe_load($stdin.read, permitted_classes: [Symbol]))"
    done = subprocess.run(
        ["/usr/bin/env", "ruby", "-ryaml", "-rjson", "-e", script],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise Failed(f"ruby, which has to be installed, cannot read YAML: {''.join(reason)}")
    return json.loads(done.stdout)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of an unpacked release.

    :raises WrongValue: there is none
    """
    if not (folder / "release.MF").is_file():
        raise WrongValue("the tarball is not a release: there is no release.MF in it")
    found: dict[str, Any] = yaml((folder / "release.MF").read_text("utf-8"))
    return found


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of an unpacked release, as JSON: that is YAML too."""
    (folder / "release.MF").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def normalize(release: Path) -> None:
    """Rewrite a source release so that it depends on its content alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "release"
        unpack(release, folder)
        manifest = read_manifest(folder)
        for tarball, record in _parts(folder, manifest):
            content = Path(name) / "content" / tarball.relative_to(folder)
            unpack(tarball, content)
            pack(content, tarball)
            record["sha1"] = digest(tarball)
        write_manifest(folder, manifest)
        pack(folder, release)


def _parts(folder: Path, manifest: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the tarballs in a source release with their records."""
    for kind in ("packages", "jobs"):
        for record in manifest.get(kind, []):
            yield folder / kind / f"{record['name']}.tgz", record
    if manifest.get("license"):
        yield folder / "license.tgz", manifest["license"]


def _without_origin(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    if entry.isfile() or entry.isdir():
        entry.mode = EXECUTABLE if entry.mode & 0o100 else ORDINARY
    return entry
