"""Compile the release's packages from this tree, and play a VM's life with what came of it.

Nothing of the tree is used once the packages are compiled: they are packed, unpacked elsewhere, and
bin/cpi as the templates make it is run against the simulator, as create-env and as a Director start
it. Prints times and sizes. Needs ruby, a C compiler and the headers of OpenSSL and zlib; with
--own-python only ruby, as nothing but the CPI's own package is compiled then.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks import ROOT, archive, compile_release, fetch_blobs, lifecycle, stemcell
from tasks.command_line import Parser, file, folder
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from tasks.director import Call, Show

NEEDS_VENV = True

# Limits of an installed release: MiB on the disk, MiB as a tarball, and seconds of CPU to compile,
# which is four minutes on two cores.
MOST_INSTALLED = 60
MOST_PACKED = 25
MOST_SECONDS = 480

NOBODY = 65534
CALLS = 15
LICENCE = re.compile("LICEN[CS]E|COPYING", re.IGNORECASE)
WIDTH = 64

# Runs a command as another user in a /var of its own, with the packages read-only.
DIRECTOR = """
cd "$0" && mount -t tmpfs tmpfs /var && mkdir -p /var/vcap/packages /var/vcap/jobs &&
mount --bind packages /var/vcap/packages && mount -o remount,ro,bind /var/vcap/packages &&
mount --bind jobs /var/vcap/jobs && cd / &&
exec setpriv --reuid {user} --regid {user} --clear-groups /var/vcap/jobs/alicloud_cpi/bin/cpi
"""


def laid_out(work: Path, own_python: str, release: Path | None) -> list[compile_release.Package]:
    """Lay out the packages to compile: a source release's, or this tree's."""
    if release is None:
        return compile_release.from_tree(work / "sources", own_python=bool(own_python))
    archive.unpack(release, work / "release")
    manifest = archive.read_manifest(work / "release")
    return compile_release.from_release(work / "release", manifest)


def compiled(work: Path, own_python: str = "", release: Path | None = None) -> Path:
    """Compile both packages, move them to another place, and print the sizes.

    :raises Failed: they take too much
    """
    seconds = installed = packed = 0.0
    moved = work / "moved to 'here'"
    for package in laid_out(work, own_python, release):
        outcome = compile_release.compile_package(
            package, work / "var vcap", work / "logs", own_python
        )
        _say(compile_release.report(outcome))
        seconds += outcome.cpu_seconds
        installed += outcome.installed_kib / 1024
        packed += outcome.tarball.stat().st_size / 1024 / 1024
        target = moved / "packages" / package.name
        target.mkdir(parents=True)
        subprocess.run(["/usr/bin/env", "tar", "-xzf", outcome.tarball, "-C", target], check=True)
    shutil.rmtree(work / "var vcap")
    _say(f"both: {seconds:.0f} s of CPU, {installed:.1f} MiB installed, {packed:.1f} MiB packed")
    if installed > MOST_INSTALLED or packed > MOST_PACKED or seconds > MOST_SECONDS:
        raise Failed(f"more than {MOST_INSTALLED} MiB, {MOST_PACKED} MiB or {MOST_SECONDS} s")
    bill = json.loads((moved / "packages" / "bosh-alicloud-cpi" / "sbom.cdx.json").read_text())
    _say(f"of {len(bill['components'])} components, as its bill of materials says")
    if unlicensed := without_licence(moved / "packages", bill):
        raise Failed(f"no text of their licence is installed: {', '.join(unlicensed)}")
    return moved


def without_licence(packages: Path, bill: dict[str, Any]) -> list[str]:
    """Return the installed components of which no licence's text is installed."""
    metadata = (packages / "bosh-alicloud-cpi" / "app").glob("*.dist-info/**/*")
    licensed = {
        re.sub(r"[-_.]+", "-", part.partition(".dist-info")[0].rpartition("-")[0]).lower()
        for path in metadata
        if LICENCE.search(path.name)
        for part in path.parts
        if part.endswith(".dist-info")
    }
    licensed |= {"cpython"} if [*packages.glob("*/lib/python3*/LICENSE.txt")] else set()
    names = {one["name"] for one in bill["components"] if one["scope"] == "required"}
    spared = set() if [*packages.glob("*/lib/python3*")] else {"cpython"}  # an operator's own
    return sorted(names - licensed - spared)


def render_job(sim: Simulator, moved: Path) -> None:
    """Render the job's templates with what the simulator's cpi.json says."""
    from alicloud_sim.__main__ import cpi_settings

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
        is_script = path.startswith("bin/")
        target.chmod(0o750 if is_script else 0o600)
        if os.getuid() == 0:  # as the agent and pre-start do
            os.chown(target, 0 if is_script else NOBODY, NOBODY)


class _Lines:
    """One line for each call."""

    def title(self, text: str) -> None:
        """Write a heading."""
        _say(f"\n{text}")

    @contextmanager
    def running(self, _number: int, _method: str, _meaning: str) -> Iterator[Show]:
        """Show nothing while a call runs."""
        yield lambda _: None

    def call(self, call: Call) -> None:
        """Write what came of a call."""
        shown = call.error or call.result[:WIDTH]
        cost = f"{call.seconds:6.2f} s {call.requests:4} API calls"
        _say(f"{call.method:18} {shown:{WIDTH}} {cost}")

    def end(self, summary: str) -> None:
        """Write the sums."""
        _say(summary)


def play(title: str, sim: Simulator, command: list[str], environment: dict[str, str]) -> None:
    """Play a VM's life and a full stemcell's with this command.

    :raises Failed: a call failed, or something is left
    """
    from tasks.director import Director

    lines = _Lines()
    lines.title(f"{title}, with {', '.join(sorted(environment))}")
    sim.reset()
    director = Director(sim, command, environment, lines)
    before = lifecycle.ids(lifecycle.resources(sim))
    try:
        lifecycle.play(director, sim.world.constants)
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o755)
            image = stemcell.write_image(Path(name) / "image", stemcell.STRETCH_MIB)
            full: tuple[Any, ...] = (str(image), stemcell.PROPERTIES, {})
            cid = director.call("Upload a full stemcell", "create_stemcell", *full)
        director.call("Delete it", "delete_stemcell", cid)
    except lifecycle.CallFailed as failed:
        raise Failed(f"{failed} failed, see above") from None
    lines.end(director.summary())
    if lifecycle.ids(lifecycle.resources(sim)) != before or sim.bugs:
        raise Failed("the simulated cloud is not as it was before")


def compare(commands: dict[str, list[str]], environment: dict[str, str], cid: str) -> None:
    """Time the two most frequent calls in turns, and print medians and ratios."""
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


def listing(root: Path) -> list[Any]:
    """List every file with its size and time: what a call may not change."""
    return sorted(
        (str(path), path.lstat().st_mtime_ns, path.lstat().st_size) for path in root.rglob("*")
    )


def may_mount() -> bool:
    """Say whether this user can give a process mounts of its own: root, outside most containers."""
    trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if os.getuid() or not all(shutil.which(tool) for tool in ("unshare", "mount", "setpriv")):
        return False
    return not subprocess.run(trial, capture_output=True, check=False).returncode


def check(work: Path, own_python: str = "", release: Path | None = None) -> None:
    """Compile under a folder, and play.

    :raises Failed: a call failed or changed the release
    """
    work.chmod(0o755)
    from alicloud_sim import Simulator

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
        director = {"PATH": compile_release.PATH}
        if own_python:
            _say("\nNot played as the Director: the operator's own Python is for create-env")
        elif may_mount():
            command = ["unshare", "--mount", "sh", "-ec", DIRECTOR.format(user=NOBODY), str(moved)]
            play("As the Director, as nobody, packages read-only", sim, command, director)
        else:
            _say("\nNot played as the Director: that takes root on Linux, and mounts of its own")
        if listing(moved) != before:
            raise Failed("a call changed the installed release")
        _say("\nA call of the compiled package beside one of .venv:")
        config = str(moved / "jobs" / "alicloud_cpi" / "config" / "cpi.json")
        tree = [sys.executable, "-m", "alicloud_cpi", "--config", config]
        packages = {name: operator[name] for name in ("BOSH_PACKAGES_DIR", "BOSH_JOBS_DIR")}
        commands = {"compiled": [script], ".venv": tree}
        compare(commands, {**director, **packages}, "i-2zenotthere")


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("test-release", __doc__)
    add = made.add_argument
    add("--keep", type=folder, metavar="FOLDER", help="an empty folder for what is made, kept")
    add("--own-python", action="store_true", help="with this machine's Python, none compiled")
    add("--release", type=file, help="a source release, instead of this tree")
    return made


def run(options: argparse.Namespace) -> int:
    """Compile the packages and try them.

    :raises Failed: blobs are missing, or the release is not good
    """
    own_python = os.path.realpath(sys.executable) if options.own_python else ""
    if not options.release and fetch_blobs.fetch(wheels_only=options.own_python):
        raise Failed("blobs are missing, see above")
    try:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            check(options.keep, own_python, options.release)
            return 0
        with tempfile.TemporaryDirectory() as work:
            check(Path(work), own_python, options.release)
    except KeyboardInterrupt:
        left = f"{options.keep} has what was made" if options.keep else "nothing is left"
        raise Interrupted(left) from None
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
