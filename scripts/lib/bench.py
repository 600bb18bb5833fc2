"""scripts/bench: measures the CPI against the simulator and writes docs/performance.md's numbers.

Ours and the Go release's calls take turns where the Go release's executable is given; else its
recorded figures stand beside ours (bench_go.json), those of short calls as multiples of what a
Python takes to do nothing, because machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bench_calls
import bench_picture
import bench_table
import bench_uploads
import bench_waits
from bench_subjects import Stage, Subject, go, ours

from alicloud_sim import Simulator

ROOT = Path(__file__).parents[2]
RECORDED = Path(__file__).with_name("bench_go.json")
BEGIN, END = "<!-- bench: written by scripts/bench -->", "<!-- end of bench -->"
PICTURE = "performance.svg"


def main() -> int:
    """Measure and write; exit status 0 whatever the numbers are."""
    options = parsed()
    subjects = [ours(options.python, options.cpi)]
    if options.go:
        subjects.append(go(options.go))
    with ExitStack() as stack:
        stages = [
            stack.enter_context(Stage(subject, stack.enter_context(Simulator())))
            for subject in subjects
        ]
        own, *others = measure(stages, options)
    own["waits"] = waits(subjects[0], short=options.short)
    if others and options.record:
        RECORDED.write_text(json.dumps(others[0], indent=1) + "\n")
    theirs = others[0] if others else recorded(own["walls"]["nothing"])
    into = Path(options.into)
    into.mkdir(parents=True, exist_ok=True)
    (into / PICTURE).write_text(bench_picture.drawn(own["lifecycle"], theirs["lifecycle"]))
    rows = bench_table.rows(own, theirs)
    kind = "measured in turns" if others else "as recorded, short calls scaled to this machine"
    table = f"{machine(options)} The Go release's figures: {kind}.\n\n{bench_table.markdown(rows)}"
    write(into / "performance.md", f"{table}\n![Wall time per call]({PICTURE})\n")
    sys.stdout.write(f"{table}\n")
    return 0


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--short", action="store_true", help="seconds instead of minutes, to see that it works")
    add("--go", default="", metavar="CPI", help="the Go release's executable, to measure it too")
    add("--record", action="store_true", help="keep its figures for runs without it")
    add("--python", default=sys.executable, help="runs the CPI, and the Python that does nothing")
    add("--cpi", default="", metavar="BIN", help="an installed bin/cpi instead of this tree")
    add("--into", default=str(ROOT / "docs"), metavar="FOLDER", help="where the results go")
    options = parser.parse_args()
    options.rounds, options.repeats = (1, 1) if options.short else (21, 3)
    return options


def measure(stages: list[Stage], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure everything that two subjects can be compared by."""
    short = options.short
    tell("short calls")
    found: list[dict[str, Any]] = [
        {"walls": walls} for walls in bench_calls.walls(stages, options.python, options.rounds)
    ]
    tell("the life of a VM")
    for stage, result in zip(stages, found, strict=True):
        calls = bench_calls.lifecycle(stage, **_pace(short=short))
        result["lifecycle"] = [
            {name: getattr(done, name) for name in ("method", "seconds", "cloud", "requests")}
            for done in calls
        ]
        result["connections"] = max(done.connections for done in calls)
        result["peak"] = max(done.peak_mib for done in calls)
        result["cpu"] = bench_calls.cpu_of_a_vm(stage, **_pace(short=short))
    tell("create_vm with all that a VM joins")
    for stage, result in zip(stages, found, strict=True):
        done = [
            bench_calls.connected(stage, "instant" if short else "realistic")
            for _ in range(options.repeats)
        ]
        middle = sorted(done, key=lambda one: one.seconds)[len(done) // 2]
        result["connected"] = {"seconds": middle.seconds, "cloud": middle.cloud}
    for result, sent in zip(found, uploads(stages, options), strict=True):
        result["uploads"] = sent
    return found


def _pace(*, short: bool) -> dict[str, Any]:
    """Tell how fast the cloud is; a reboot that nobody can see under way would be waited for."""
    return {"pace": "instant", "instance__reboot": 0.5} if short else {"pace": "fast"}


def uploads(stages: list[Stage], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure stemcells on their way, in turns."""
    found: list[dict[str, Any]] = [{} for _ in stages]
    with tempfile.TemporaryDirectory() as folder:
        tarball = bench_uploads.stemcell(Path(folder), 16 if options.short else 1024)
        for name, slow in (("late", False), ("slow", True)):
            tell(f"uploads, requests {name}")
            sent: list[list[bench_uploads.Sent]] = [[] for _ in stages]
            for _ in range(options.repeats):
                for stage, runs in zip(stages, sent, strict=True):
                    runs.append(bench_uploads.upload(stage, tarball, slow=slow))
            for result, runs in zip(found, sent, strict=True):
                result[name] = {
                    field: statistics.median(getattr(run, field) for run in runs)
                    for field in bench_uploads.Sent._fields
                }
    return found


def waits(subject: Subject, *, short: bool) -> dict[str, Any]:
    """Compute how late waits are, and measure some."""
    tell("waits")
    seconds = bench_waits.MEASURED_IN_SHORT if short else bench_waits.MEASURED
    with Simulator() as sim:
        measured = bench_waits.measured(subject, sim, seconds)
    return {"computed": bench_waits.computed()._asdict(), "measured": measured._asdict()}


def recorded(nothing: float) -> dict[str, Any]:
    """Return the Go release's figures, its short calls as long as this machine would take."""
    found: dict[str, Any] = json.loads(RECORDED.read_text())
    scale = nothing / found["walls"]["nothing"]
    found["walls"] = {
        name: bench_calls.scaled(name, seconds, scale) for name, seconds in found["walls"].items()
    }
    return found


def machine(options: argparse.Namespace) -> str:
    """Describe what this was measured on."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    what = "an installed bin/cpi" if options.cpi else "this tree's sources"
    form = " (the short form: no figures to go by)" if options.short else ""
    load = os.getloadavg()[2]
    return (
        f"Measured on {time.strftime('%Y-%m-%d')} with {what}{form}: {os.cpu_count()} cores shared "
        f"with other work (load {load:.1f} in the last 15 minutes), {system}, "
        f"Python {platform.python_version()}."
    )


def write(document: Path, text: str) -> None:
    """Put the text between the marks of a document; make one where there is none."""
    old = document.read_text() if document.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = old.partition(BEGIN)
    document.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}")


def tell(what: str) -> None:
    """Say what is being measured."""
    sys.stderr.write(f"{what} ...\n")


if __name__ == "__main__":
    sys.exit(main())
