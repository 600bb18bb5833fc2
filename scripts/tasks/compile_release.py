"""Compile a source release into a tarball that create-env installs in seconds.

It fits machines of this kind: operating system, processor, OpenSSL 3, a C library as new as this
one's. Packages are compiled as the agent of a compile VM does it, under a folder instead of
/var/vcap: sources are in data/compile/NAME; the result goes to data/packages/NAME/VERSION, to which
packages/NAME is a symlink; the packaging script has PATH and the BOSH_* variables, no HOME and
nothing on stdin.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentTypeError
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tasks import ROOT, archive
from tasks.command_line import Parser, file, new_file, say
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

NEEDS_VENV = False

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
STEMCELL = "ubuntu-jammy/1"


class Package(NamedTuple):
    """A package's sources, and the packages that are compiled before it."""

    name: str
    dependencies: list[str]
    version: str
    sources: Path


class Compiled(NamedTuple):
    """A compiled package, and what compiling it took."""

    package: Package
    tarball: Path
    seconds: float
    cpu_seconds: float
    installed_kib: int


def files(name: str, *, spared: str = "") -> dict[str, Path]:
    """Return the sources of a package by their paths in it, as create-release finds them.

    :param spared: a folder of blobs that may be missing
    :raises ValueError: a pattern of its spec matches nothing
    """
    spec = archive.yaml((ROOT / "packages" / name / "spec").read_text("utf-8"))
    found = {"packaging": ROOT / "packages" / name / "packaging"}
    for pattern in spec["files"]:
        matches = {
            str(path.relative_to(base)): path
            for base in (ROOT / "blobs", ROOT / "src")
            for path in base.glob(pattern)
            if path.is_file()
        }
        if not matches and pattern.split("/")[0] != spared:
            raise ValueError(f"packages/{name}/spec: nothing matches {pattern}")
        found |= matches
    return found


def from_tree(folder: Path, *, own_python: bool = False) -> list[Package]:
    """Lay out the packages of this working tree under a folder, in the order to compile them.

    :param own_python: leave CPython's source out, as an operator's own Python is used
    """
    spared = "cpython" if own_python else ""
    packages = []
    for spec in (ROOT / "packages").glob("*/spec"):
        name = spec.parent.name
        for path, source in files(name, spared=spared).items():
            target = folder / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        dependencies = archive.yaml(spec.read_text("utf-8"))["dependencies"]
        packages.append(Package(name, dependencies, "dev", folder / name))
    return _ordered(packages)


def from_release(folder: Path, manifest: dict[str, Any]) -> list[Package]:
    """Unpack the packages of an unpacked release, in the order to compile them."""
    packages = []
    for record in manifest["packages"]:
        name = record["name"]
        sources = folder / "sources" / name
        archive.unpack(folder / "packages" / f"{name}.tgz", sources)
        packages.append(Package(name, record["dependencies"], record["fingerprint"], sources))
    return _ordered(packages)


def _ordered(packages: list[Package]) -> list[Package]:
    ordered: list[Package] = []
    while len(ordered) < len(packages):
        done = {package.name for package in ordered}
        ordered += [
            package
            for package in packages
            if package.name not in done and done.issuperset(package.dependencies)
        ]
    return ordered


def compile_package(package: Package, root: Path, logs: Path, own_python: str = "") -> Compiled:
    """Compile one package under a folder that stands for /var/vcap; pack the result.

    :param own_python: what an operator names in ALICLOUD_CPI_PYTHON, if anything
    :raises Failed: its packaging script failed
    """
    sources = root / "data" / "compile" / package.name
    installed = root / "data" / "packages" / package.name / package.version
    link = root / "packages" / package.name
    for parent in (sources.parent, link.parent, installed, logs):
        parent.mkdir(parents=True, exist_ok=True)
    shutil.move(package.sources, sources)
    link.symlink_to(installed)
    log = logs / f"{package.name}.log"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    with log.open("wb") as output:
        done = subprocess.run(
            ["/usr/bin/env", "bash", "-x", "packaging"],
            cwd=sources,
            env={
                "PATH": PATH,
                "BOSH_COMPILE_TARGET": str(sources),
                "BOSH_INSTALL_TARGET": str(link),
                "BOSH_PACKAGE_NAME": package.name,
                "BOSH_PACKAGE_VERSION": package.version,
                "SOURCE_DATE_EPOCH": str(archive.EPOCH),  # for compilers: no date of today
                **({"ALICLOUD_CPI_PYTHON": own_python} if own_python else {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    took = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        tail = log.read_text("utf-8", "replace").splitlines()[-20:]
        raise Failed("\n".join([f"{package.name}: packaging failed, see {log}", *tail]))
    shutil.rmtree(sources)
    tarball = root / f"{package.name}.tgz"
    archive.pack(installed, tarball)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Compiled(package, tarball, took, cpu, _kib(installed))


def report(compiled: Compiled) -> str:
    """Say in one line what a package took."""
    size = compiled.tarball.stat().st_size / 1024 / 1024
    return (
        f"{compiled.package.name}: {compiled.seconds:.0f} s ({compiled.cpu_seconds:.0f} s of CPU), "
        f"{compiled.installed_kib / 1024:.1f} MiB installed, {size:.1f} MiB packed"
    )


def _kib(folder: Path) -> int:
    blocks = {}
    for parent, _, names in os.walk(folder):
        for path in (Path(parent), *(Path(parent, name) for name in names)):
            stat = path.lstat()
            blocks[stat.st_ino] = stat.st_blocks
    return sum(blocks.values()) // 2


def compile_release(release: Path, target: Path, stemcell: str) -> None:
    """Write a compiled release tarball of a source release tarball."""
    with _work_folder() as work:
        folder = work / "release"
        archive.unpack(release, folder)
        manifest = archive.read_manifest(folder)
        records = []
        (folder / "compiled_packages").mkdir()
        for package in from_release(folder, manifest):
            compiled = compile_package(package, work / "vcap", target.parent / "compile-logs")
            sys.stdout.write(report(compiled) + "\n")
            sys.stdout.flush()
            tarball = folder / "compiled_packages" / f"{package.name}.tgz"
            shutil.move(compiled.tarball, tarball)
            records.append(
                {
                    "name": package.name,
                    "version": package.version,
                    "fingerprint": package.version,
                    "sha1": archive.digest(tarball),
                    "stemcell": stemcell,
                    "dependencies": package.dependencies,
                }
            )
        del manifest["packages"]
        manifest["compiled_packages"] = records
        archive.write_manifest(folder, manifest)
        shutil.rmtree(folder / "packages")
        shutil.rmtree(folder / "sources")
        archive.pack(folder, target)
    sys.stdout.write(f"{target}: {target.stat().st_size / 1024 / 1024:.1f} MiB\n")


@contextmanager
def _work_folder() -> Iterator[Path]:
    """Give a folder whose path is the same for each build: it is part of what is compiled.

    :raises Failed: it is not ours
    """
    folder = Path(tempfile.gettempdir()) / f"alicloud-cpi-compile-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    opened = _open_own(folder)
    try:
        _clear(folder)
        yield folder
        _clear(folder)
    finally:
        os.close(opened)


def _open_own(folder: Path) -> int:
    """Open a folder that has to be ours, and lock it.

    :raises Failed: it is not ours
    """
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise Failed(f"{folder} cannot be used: {error.strerror}") from error
    if os.fstat(opened).st_uid != os.getuid():
        raise Failed(f"{folder} belongs to another user")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"Waiting for another build, which uses {folder} ...")
        fcntl.flock(opened, fcntl.LOCK_EX)
    return opened


def _clear(folder: Path) -> None:
    """Remove what a build left in its folder."""
    for path in folder.iterdir():
        shutil.rmtree(path)


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("compile-release", __doc__)
    add = made.add_argument
    add("release", type=file, help="a source release, as scripts/create-release --tarball makes it")
    add("target", type=new_file, help="the compiled release to write")
    add("--stemcell", default=STEMCELL, type=_stemcell, help=f"to name in it; default: {STEMCELL}")
    return made


def run(options: argparse.Namespace) -> int:
    """Compile a release tarball."""
    try:
        compile_release(options.release, options.target, options.stemcell)
    except KeyboardInterrupt:
        raise Interrupted(f"{options.target} is not written") from None
    return 0


def _stemcell(text: str) -> str:
    """Read OS/VERSION."""
    if not re.fullmatch(r"[a-z0-9-]+/[0-9.]+", text):
        raise ArgumentTypeError(f"{text!r} is not OS/VERSION, such as {STEMCELL}")
    return text
