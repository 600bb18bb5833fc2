"""Two builds of one commit have the same digests: a release can be checked by building it again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from release.rendering import ROOT, needs_ruby

pytestmark = needs_ruby

BOSH = Path(__file__).with_name("bosh.py")

# A package whose compilation sees the time and the folder that it is compiled in.
PACKAGING = """
set -eu
cp module.py "$BOSH_INSTALL_TARGET/"
printf '#!/bin/sh\\necho hello\\n' >"$BOSH_INSTALL_TARGET/hello"
chmod 755 "$BOSH_INSTALL_TARGET/hello"
ln -s hello "$BOSH_INSTALL_TARGET/link"
mkdir -p "$BOSH_INSTALL_TARGET/deep/er"
echo "$BOSH_COMPILE_TARGET" >"$BOSH_INSTALL_TARGET/deep/er/where"
python3 -m compileall -q --invalidation-mode unchecked-hash "$BOSH_INSTALL_TARGET"
if command -v cc >/dev/null; then
  echo '#include <stdio.h>' >date.c
  echo 'int main(void) { puts(__DATE__ " " __TIME__ " " __FILE__); }' >>date.c
  cc "$PWD/date.c" -o "$BOSH_INSTALL_TARGET/date"
fi
"""


class Tree:
    """A small release: the repository's scripts with packages that compile in no time."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        self.folder = folder / "tree"
        self.temporary = temporary
        temporary.mkdir(exist_ok=True)
        shutil.copytree(ROOT / "scripts", self.folder / "scripts", symlinks=True)
        shutil.copytree(ROOT / "jobs", self.folder / "jobs")
        for name, needed in (("first", "[]"), ("second", "\n- first")):
            self.write(f"packages/{name}/packaging", PACKAGING)
            spec = f"---\nname: {name}\n\ndependencies: {needed}\n\nfiles:\n- module.py\n"
            self.write(f"packages/{name}/spec", spec)
        self.write("src/module.py", "X = ('text', 1.5, 'text')\n")
        self.write("config/blobs.yml", "---\n")
        self._tools = folder / "tools"
        self._tools.mkdir()
        bosh = self._tools / "bosh"
        bosh.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{BOSH}" "$@"\n')
        bosh.chmod(0o755)

    def write(self, name: str, text: str) -> None:
        """Write a file of the tree."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(self, script: str, *words: str | Path) -> None:
        """Run a script, which has to succeed."""
        path = f"{self._tools}:{os.environ['PATH']}"
        done = subprocess.run(
            [self.folder / "scripts" / script, *words],
            env={"PATH": path, "TMPDIR": str(self.temporary)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def build(self, folder: Path) -> tuple[Path, Path]:
        """Build a source release and a compiled one."""
        folder.mkdir()
        source, compiled = folder / "source.tgz", folder / "compiled.tgz"
        self.run("create-release", "--version", "1.0.0", "--tarball", source)
        self.run("compile-release", source, compiled)
        return source, compiled


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Give a small release."""
    return Tree(tmp_path, tmp_path / "tmp")


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_two_builds_have_the_same_digests(tree: Tree, tmp_path: Path) -> None:
    """Source and compiled release, from trees at two places with other times and rights."""
    first = tree.build(tmp_path / "first")
    moved = Tree(tmp_path / "elsewhere-than-before", tree.temporary)
    for path in moved.folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (1, 1))
    second = moved.build(tmp_path / "second")
    assert [digest(file) for file in first] == [digest(file) for file in second]


def test_another_content_has_another_digest(tree: Tree, tmp_path: Path) -> None:
    """Nothing is taken from the build before."""
    first = tree.build(tmp_path / "first")
    tree.write("src/module.py", "X = 2\n")
    second = tree.build(tmp_path / "second")
    assert all(digest(a) != digest(b) for a, b in zip(first, second, strict=True))


def test_the_manifest_has_the_digests_of_what_is_packed(tree: Tree, tmp_path: Path) -> None:
    """The Director refuses a part whose digest is another one."""
    for release in tree.build(tmp_path / "built"):
        with tarfile.open(release) as tar:
            tar.extractall(tmp_path / release.stem, filter="data")
        manifest = json.loads((tmp_path / release.stem / "release.MF").read_text())
        parts = {kind: manifest.get(kind, []) for kind in ("jobs", "packages", "compiled_packages")}
        assert sum(map(len, parts.values())) == 3
        for kind, records in parts.items():
            for record in records:
                file = tmp_path / release.stem / kind / f"{record['name']}.tgz"
                assert record["sha1"] == f"sha256:{digest(file)}"


def test_entries_have_no_origin_and_keep_what_matters(tree: Tree, tmp_path: Path) -> None:
    """No owner, no time; programs can still be started, links still lead somewhere."""
    _, compiled = tree.build(tmp_path / "built")
    with tarfile.open(compiled) as tar:
        tar.extractall(tmp_path / "compiled", filter="data")
    with tarfile.open(tmp_path / "compiled" / "compiled_packages" / "second.tgz") as tar:
        entries = {entry.name: entry for entry in tar}
    assert {(entry.uid, entry.gid, entry.uname, entry.mtime) for entry in entries.values()} == {
        (0, 0, "", 315532800)
    }
    assert list(entries) == sorted(entries)
    assert entries["./hello"].mode == 0o755
    assert entries["./module.py"].mode == 0o644
    assert entries["./link"].linkname == "hello"


def test_byte_code_that_checks_a_time_finds_it(tree: Tree, tmp_path: Path) -> None:
    """Else Python would compile that module at each start, as packages cannot be written to."""
    packaging = PACKAGING.replace("unchecked-hash", "timestamp")
    tree.write("packages/second/packaging", packaging)
    _, compiled = tree.build(tmp_path / "built")
    with tarfile.open(compiled) as tar:
        tar.extractall(tmp_path / "compiled", filter="data")
    package = tmp_path / "compiled" / "compiled_packages" / "second.tgz"
    subprocess.run(["/usr/bin/env", "tar", "-xzf", package, "-C", tmp_path], check=True)
    (byte_code,) = (tmp_path / "__pycache__").glob("module.*.pyc")
    _, flags, time, _ = struct.unpack("<4I", byte_code.read_bytes()[:16])
    assert flags == 0
    assert int((tmp_path / "module.py").stat().st_mtime) == time


def test_a_build_that_is_not_alone_says_so(tree: Tree, tmp_path: Path) -> None:
    """The folder of a build is always the same one, as its path is part of what is compiled."""
    tree.build(tmp_path / "built")
    folder = tree.temporary / f"alicloud-cpi-compile-{os.getuid()}"
    assert list(folder.iterdir()) == []
    folder.rmdir()
    folder.symlink_to(tmp_path)
    words = [tmp_path / "built" / "source.tgz", tmp_path / "again.tgz"]
    done = subprocess.run(
        [tree.folder / "scripts" / "compile-release", *words],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tree.temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"{folder} cannot be used" in done.stderr
    assert len(done.stderr.splitlines()) == 1
