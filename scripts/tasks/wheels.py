"""The distributions that the release ships: resolved, locked, downloaded.

One lock serves all machines: it names every version once, with the hash of each file that is
shipped for it. pip does the downloading, with the indexes that this machine's pip knows.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tasks import ROOT
from tasks.blobs import FOLDER, Blob, described, read, write
from tasks.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCK = ROOT / "src" / "requirements.lock"
TOOLS_LOCK = ROOT / "src" / "build-requirements.lock"
TOOLS = ("pip", "setuptools")

# What only parts of the SDKs need that the CPI never loads (src/alicloud_cpi/aliyun/sdk.py): oss2's
# client-side encryption and the SDK's own client. By what needs it.
LEFT_OUT = {
    "aliyun-python-sdk-kms": "oss2",
    "cryptography": "aliyun-python-sdk-core",
    "jmespath": "aliyun-python-sdk-core",
}

# Their wheels have machine code that the CPI does not need: the source makes a pure one
# (packages/bosh-alicloud-cpi/packaging), in a hundredth of the size.
AS_SOURCE = ("pyyaml",)

# What wheels with machine code are shipped for: the packaged Python, and an operator's own.
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = {
    "Linux x86-64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "Linux arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "macOS arm64": ("macosx_11_0_arm64",),
    "macOS x86-64": ("macosx_10_15_x86_64", "macosx_10_12_x86_64"),
}
PURE = ("--only-binary", ":all:", "--implementation", "py", "--abi", "none", "--platform", "any")
SOURCE = ("--no-binary", ":all:")

_WHEEL = re.compile(r"^.+-(?P<python>[^-]+)-(?P<abi>[^-]+)-(?P<platform>[^-]+)\.whl$")
_DISTRIBUTION = re.compile(
    r"^(?P<name>.+?)-(?P<version>\d[^-]*?)(?:-[^-]+-[^-]+-[^-]+\.whl|\.tar\.gz)$"
)


class Locked(NamedTuple):
    """A distribution and the hashes of its files."""

    name: str
    version: str
    hashes: list[str]

    def requirement(self) -> str:
        """Word it for pip."""
        hashes = "".join(f" \\\n    --hash=sha256:{digest}" for digest in sorted(self.hashes))
        return f"{self.name}=={self.version}{hashes}\n"


def fetch(blobs: Iterable[Blob]) -> None:
    """Download wheels and sources as config/blobs.yml names them; the caller checks the outcome."""
    kinds: dict[tuple[str, ...], list[Blob]] = {}
    for blob in blobs:
        kinds.setdefault(_kind(blob.name), []).append(blob)
    for kind, group in kinds.items():
        wanted = [Locked(*_distribution(blob.name), [blob.sha256]) for blob in group]
        download(kind, wanted, FOLDER / "wheels")


def update() -> None:
    """Resolve pyproject.toml anew; write both locks, blobs/wheels and config/blobs.yml."""
    folder = FOLDER / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[Path] = []
    for lock, wanted in ((LOCK, dependencies()), (TOOLS_LOCK, list(TOOLS))):
        entries = []
        for name, version in resolve(wanted):
            files = _files(name, version, folder)
            hashes = [described("", file).sha256 for file in files]
            entries.append(Locked(name, version, hashes))
            kept += files
            sys.stdout.write(f"{name} {version}: {len(files)} files\n")
        head = (
            "# Written by scripts/vendor-wheels: every file that the release ships, by its hash.\n"
        )
        lock.write_text(head + "".join(entry.requirement() for entry in entries), "utf-8")
    for file in set(folder.iterdir()) - set(kept):
        file.unlink()
    others = [blob for blob in read() if not blob.path.startswith("wheels/")]
    write([*others, *(described(f"wheels/{file.name}", file) for file in kept)])


def dependencies() -> list[str]:
    """Return what pyproject.toml says that the CPI needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return list(project["dependencies"])


def resolve(wanted: list[str]) -> list[tuple[str, str]]:
    """Return names and versions of everything that these requirements need."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    done = subprocess.run([*pip, "--report", "-", *wanted], stdout=subprocess.PIPE, check=True)
    found = [item["metadata"] for item in json.loads(done.stdout)["install"]]
    return sorted(
        (_canonical(item["name"]), item["version"])
        for item in found
        if _canonical(item["name"]) not in LEFT_OUT
    )


def download(options: tuple[str, ...], wanted: list[Locked], folder: Path) -> bool:
    """Let pip download these with these options."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.writelines(entry.requirement() for entry in wanted)
        requirements.flush()
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "--no-deps", *options, "--dest", folder, "--requirement", requirements.name],
            capture_output=True,
            check=False,
        )
    return done.returncode == 0


def _files(name: str, version: str, folder: Path) -> list[Path]:
    """Download a distribution for all machines: one file where one serves them all."""
    wanted = [Locked(name, version, [])]
    with tempfile.TemporaryDirectory() as empty:
        new = Path(empty)
        found = name not in AS_SOURCE and (
            download((*PURE, "--python-version", "3.13"), wanted, new) or _binaries(wanted, new)
        )
        if not found:
            download(SOURCE, wanted, new)
        names = sorted(file.name for file in new.iterdir())
        if not names:
            raise Failed(f"{name} {version} cannot be downloaded")
        for file in new.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
    return [folder / file for file in names]


def _binaries(wanted: list[Locked], folder: Path) -> bool:
    for machine, tags in MACHINES.items():
        platforms = [option for tag in tags for option in ("--platform", tag)]
        for python in PYTHONS:
            options = ("--only-binary", ":all:", "--python-version", python, *platforms)
            if not download(options, wanted, folder):
                if not any(folder.iterdir()):
                    return False
                raise Failed(f"{wanted[0].name}: nothing for {machine}, Python {python}")
    return True


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _kind(name: str) -> tuple[str, ...]:
    """Return the options that make pip choose this very file."""
    found = _WHEEL.match(name)
    if not found:
        return SOURCE
    if found["platform"] == "any":
        return (*PURE, "--python-version", "3.13")
    platforms = [option for tag in found["platform"].split(".") for option in ("--platform", tag)]
    digits = found["python"].removeprefix("cp")
    options = ("--only-binary", ":all:", "--implementation", "cp", "--python-version", digits)
    return (*options, "--abi", found["abi"], *platforms)


def _distribution(name: str) -> tuple[str, str]:
    found = _DISTRIBUTION.match(name)
    if not found:
        raise ValueError(name)
    return _canonical(found["name"]), found["version"]
