"""Stands in for the bosh CLI: writes a source release that differs from one build to the next.

As the real one, it packs files with times, with owners, and in any order.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path


def pack(files: list[tuple[str, Path]], target: Path) -> str:
    """Write a tarball in any order, with times and owners; return its digest for a manifest."""
    random.shuffle(files)
    with tarfile.open(target, "w:gz") as tar:
        for name, path in files:
            entry = tar.gettarinfo(path, f"./{name}")
            entry.mtime = int(time.time()) - random.randrange(1000)  # noqa: S311 - any will do
            entry.uid, entry.uname = random.randrange(1000), "somebody"  # noqa: S311 - likewise
            with path.open("rb") as content:
                tar.addfile(entry, content)
    return hashlib.sha1(target.read_bytes()).hexdigest()  # noqa: S324 - manifests have this one too


def files_of(root: Path, folder: Path) -> list[tuple[str, Path]]:
    """List what is packed of a package or a job, by its path in the tarball."""
    spec = (folder / "spec").read_text()
    found = [(str(path.relative_to(folder)), path) for path in folder.rglob("*") if path.is_file()]
    for pattern in re.findall(r"^- (\S+)$", spec.partition("\nfiles:")[2], re.MULTILINE):
        for base in (root / "src", root / "blobs"):
            found += [(str(p.relative_to(base)), p) for p in base.glob(pattern) if p.is_file()]
    return [(name, path) for name, path in found if name != "spec" or folder.parent.name == "jobs"]


def create_release(root: Path, version: str, target: Path) -> None:
    """Write the release."""
    lines = ["---", "name: bosh-alicloud-cpi", f"version: {version}"]
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        for kind in ("jobs", "packages"):
            lines.append(f"{kind}:")
            (made / kind).mkdir()
            for folder in sorted((root / kind).iterdir()):
                digest = pack(files_of(root, folder), made / kind / f"{folder.name}.tgz")
                spec = (folder / "spec").read_text().partition("\nfiles:")[0]
                needed = re.findall(r"^- (\S+)$", spec, re.MULTILINE)
                lines += [f"- name: {folder.name}", "  version: v1", "  fingerprint: v1"]
                lines += [f"  sha1: {digest}", f"  dependencies: [{', '.join(needed)}]"]
        (made / "release.MF").write_text("\n".join([*lines, ""]))
        subprocess.run(["/usr/bin/env", "tar", "-czf", target, "-C", made, "."], check=True)


def option(name: str) -> str:
    """Return the value of an option."""
    return sys.argv[sys.argv.index(name) + 1]


if __name__ == "__main__":
    os.umask(random.choice((0o022, 0o027, 0o077)))  # noqa: S311 - any will do
    create_release(Path(option("--dir")), option("--version"), Path(option("--tarball")))
