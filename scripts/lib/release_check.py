"""Compiles the release from this tree and plays a VM's life with it, as its callers start it.

Nothing of the tree is used once the packages are compiled: they are packed, unpacked elsewhere,
and bin/cpi as the templates make it is run against the simulator.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import compiling
import demo
from blobs import ROOT

from alicloud_sim import Simulator
from alicloud_sim.__main__ import cpi_settings

# What an installed release may take: MiB on the disk, MiB as a tarball, and seconds of CPU to
# compile, which is four minutes on two cores.
MOST_INSTALLED = 60
MOST_PACKED = 25
MOST_SECONDS = 480

NOBODY = 65534
CALLS = 15

# Runs a command as another user in a /var of its own, with the packages read-only.
DIRECTOR = """
cd "$0" && mount -t tmpfs tmpfs /var && mkdir -p /var/vcap/packages /var/vcap/jobs &&
mount --bind packages /var/vcap/packages && mount -o remount,ro,bind /var/vcap/packages &&
mount --bind jobs /var/vcap/jobs && cd / &&
exec setpriv --reuid {user} --regid {user} --clear-groups /var/vcap/jobs/alicloud_cpi/bin/cpi
"""


def laid_out(work: Path, own_python: str, release: Path | None) -> list[compiling.Package]:
    """Lay out the packages to compile: a source release's, or this tree's."""
    if release is None:
        return compiling.from_tree(work / "sources", own_python=bool(own_python))
    compiling.unpack(release, work / "release")
    manifest = compiling.yaml((work / "release" / "release.MF").read_text("utf-8"))
    return compiling.from_release(work / "release", manifest)


def compiled(work: Path, own_python: str = "", release: Path | None = None) -> Path:
    """Compile both packages, move them to where they were not compiled, and tell the sizes."""
    seconds = installed = packed = 0.0
    moved = work / "moved to 'here'"
    for package in laid_out(work, own_python, release):
        outcome = compiling.compile_package(package, work / "var vcap", work / "logs", own_python)
        _say(compiling.report(outcome))
        seconds += outcome.cpu_seconds
        installed += outcome.installed_kib / 1024
        packed += outcome.tarball.stat().st_size / 1024 / 1024
        target = moved / "packages" / package.name
        target.mkdir(parents=True)
        subprocess.run(["/usr/bin/env", "tar", "-xzf", outcome.tarball, "-C", target], check=True)
    shutil.rmtree(work / "var vcap")
    _say(f"both: {seconds:.0f} s of CPU, {installed:.1f} MiB installed, {packed:.1f} MiB packed")
    if installed > MOST_INSTALLED or packed > MOST_PACKED or seconds > MOST_SECONDS:
        sys.exit(f"more than {MOST_INSTALLED} MiB, {MOST_PACKED} MiB or {MOST_SECONDS} s")
    bill = json.loads((moved / "packages" / "bosh-alicloud-cpi" / "sbom.cdx.json").read_text())
    _say(f"of {len(bill['components'])} components, as its bill of materials says")
    return moved


def render_job(sim: Simulator, moved: Path) -> None:
    """Render the job's templates with what the simulator's cpi.json says."""
    settings = cpi_settings(sim)["cloud"]["properties"]
    properties = {
        "alicloud": settings["alicloud"],
        "agent": {"mbus": settings["agent"]["mbus"]},
        "blobstore": {"address": "127.0.0.1", "agent": {"user": "agent", "password": "agent"}},
    }
    script = ROOT / "tests" / "release" / "render.rb"
    done = subprocess.run(
        ["/usr/bin/env", "ruby", script, ROOT / "jobs" / "alicloud_cpi", "create-env"],
        input=json.dumps(properties).encode() + b"\n",
        stdout=subprocess.PIPE,
        check=True,
    )
    for path, rendered in json.loads(done.stdout.splitlines()[1]).items():
        target = moved / "jobs" / "alicloud_cpi" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rendered["text"], "utf-8")
        target.chmod(0o750 if path.startswith("bin/") else 0o640)
        if os.getuid() == 0:
            os.chown(target, 0, NOBODY)


def stemcell(folder: Path) -> str:
    """Write the image of a small full stemcell."""
    content = random.Random(1).randbytes(1 << 20) + bytes(1 << 20)  # noqa: S311
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo("root.img")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    path = folder / "image"
    path.write_bytes(gzip.compress(packed.getvalue()))
    path.chmod(0o644)
    return str(path)


def play(title: str, sim: Simulator, command: list[str], environment: dict[str, str]) -> None:
    """Play a VM's life and a full stemcell's with this command."""
    _say(f"\n{title}, with {', '.join(sorted(environment))}")
    sim.reset()
    director = demo.Director(sim, command, environment)
    before = demo.resources(sim)
    try:
        demo.play(director, sim.world.constants)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            properties = {
                "name": "bosh-alicloud-kvm-ubuntu-jammy-go_agent",
                "version": "1",
                "disk": 5120,
                "disk_format": "raw",
                "os_type": "linux",
                "os_distro": "ubuntu",
                "architecture": "x86_64",
            }
            image = director.call("create_stemcell", stemcell(Path(folder)), properties, {})
        director.call("delete_stemcell", image)
    except demo.CallFailed as failed:
        sys.exit(f"FAILED in {failed}")
    director.total()
    if demo.resources(sim) != before or sim.bugs:
        sys.exit("FAILED: the simulated cloud is not as it was")


def compare(commands: dict[str, list[str]], environment: dict[str, str], cid: str) -> None:
    """Time the two calls that are made most, turn by turn, and tell medians and ratios."""
    for method, arguments in (("info", []), ("has_vm", [cid])):
        request = json.dumps({"method": method, "arguments": arguments, "context": {}}).encode()
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(CALLS):
            for name, command in commands.items():
                start = time.perf_counter()
                subprocess.run(
                    command, input=request, env=environment, capture_output=True, check=True
                )
                times[name].append(time.perf_counter() - start)
        medians = {name: statistics.median(taken) for name, taken in times.items()}
        shown = [f"{name} {1000 * took:.0f} ms" for name, took in medians.items()]
        fastest = [f"{name} {1000 * min(taken):.0f} ms" for name, taken in times.items()]
        ratio = statistics.median(a / b for a, b in zip(*times.values(), strict=True))
        _say(f"{method}: medians {', '.join(shown)}; fastest {', '.join(fastest)}; {ratio:.2f}x")


def listing(folder: Path) -> list[Any]:
    """List every file with its size and time: what a call may not change."""
    return sorted(
        (str(path), path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*")
    )


def may_mount() -> bool:
    """Say whether this user can give a process mounts of its own: root, outside most containers."""
    trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if os.getuid() or not all(shutil.which(tool) for tool in ("unshare", "mount", "setpriv")):
        return False
    return not subprocess.run(trial, capture_output=True, check=False).returncode


def check(work: Path, own_python: str = "", release: Path | None = None) -> None:
    """Do all of it under a folder."""
    work.chmod(0o755)
    moved = compiled(work, own_python, release)
    with Simulator(pace="fast") as sim:
        render_job(sim, moved)
        before = listing(moved)
        script = str(moved / "jobs" / "alicloud_cpi" / "bin" / "cpi")
        operator = {
            "PATH": os.environ["PATH"],
            "HOME": str(work),
            "BOSH_PACKAGES_DIR": str(moved / "packages"),
            "BOSH_JOBS_DIR": str(moved / "jobs"),
            # An operator's environment is an operator's.
            "PYTHONPATH": str(ROOT / "tests"),
            "PYTHONHOME": "/nonexistent",
            "LC_ALL": "C",
        }
        play("As create-env", sim, [script], operator)
        director = {"PATH": compiling.PATH}
        if own_python:
            _say("\nNot played as the Director: the operator's own Python is for create-env")
        elif may_mount():
            command = ["unshare", "--mount", "sh", "-ec", DIRECTOR.format(user=NOBODY), str(moved)]
            play("As the Director, as nobody, packages read-only", sim, command, director)
        else:
            _say("\nNot played as the Director: that takes root on Linux, and mounts of its own")
        if listing(moved) != before:
            sys.exit("FAILED: a call changed the installed release")
        _say("\nA call of the compiled package beside one of .venv:")
        config = str(moved / "jobs" / "alicloud_cpi" / "config" / "cpi.json")
        tree = [sys.executable, "-m", "alicloud_cpi", "--config", config]
        packages = {name: operator[name] for name in ("BOSH_PACKAGES_DIR", "BOSH_JOBS_DIR")}
        commands = {"compiled": [script], ".venv": tree}
        compare(commands, {**director, **packages}, "i-2zenotthere")


def main() -> int:
    """Compile the packages of this tree and try them; blobs/ must be complete."""
    parser = argparse.ArgumentParser(prog="scripts/test-release", description=main.__doc__)
    parser.add_argument("--keep", type=Path, help="an empty folder for what is made, kept")
    parser.add_argument(
        "--own-python", action="store_true", help="with this machine's Python, none compiled"
    )
    parser.add_argument("--release", type=Path, help="a source release, instead of this tree")
    options = parser.parse_args()
    release = options.release.absolute() if options.release else None
    own_python = os.path.realpath(sys.executable) if options.own_python else ""
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        check(options.keep.absolute(), own_python, release)
        return 0
    with tempfile.TemporaryDirectory() as work:
        check(Path(work), own_python, release)
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
