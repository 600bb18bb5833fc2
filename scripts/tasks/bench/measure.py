"""The bench's measurements, one after the other, and where their results are written.

Without the Go release's executable, its recorded figures (go_release.json) are used, those of short
calls as multiples of what a Python takes to do nothing, because machines differ.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alicloud_sim import Simulator
from tasks.bench import calls, picture, table, uploads, waits
from tasks.bench.subjects import Stage, Subject, go, ours

if TYPE_CHECKING:
    import argparse

RECORDED = Path(__file__).with_name("go_release.json")
BEGIN, END = "<!-- bench: written by scripts/bench -->", "<!-- end of bench -->"
PICTURE = "performance.svg"


def run(options: argparse.Namespace) -> None:
    """Measure, and write the table and the picture."""
    subjects = [ours(options.python, options.cpi or "")]
    if options.go:
        subjects.append(go(options.go))
    with ExitStack() as stack:
        stages = [
            stack.enter_context(Stage(subject, stack.enter_context(Simulator())))
            for subject in subjects
        ]
        own, *others = measure(stages, options)
    own["waits"] = measure_waits(subjects[0], short=options.short)
    if others and options.record:
        RECORDED.write_text(json.dumps(others[0], indent=1) + "\n")
    theirs = others[0] if others else recorded(own["walls"]["nothing"])
    options.into.mkdir(parents=True, exist_ok=True)
    (options.into / PICTURE).write_text(picture.drawn(own["lifecycle"], theirs["lifecycle"]))
    rows = table.rows(own, theirs)
    kind = "measured in turns" if others else "as recorded, short calls scaled to this machine"
    text = f"{machine(options)} The Go release's figures: {kind}.\n\n{table.markdown(rows)}"
    write(options.into / "performance.md", f"{text}\n![Wall time per call]({PICTURE})\n")
    sys.stdout.write(f"{text}\n")


def measure(stages: list[Stage], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure what two subjects are compared by."""
    short = options.short
    report("short calls")
    found: list[dict[str, Any]] = [
        {"walls": walls} for walls in calls.walls(stages, options.python, options.rounds)
    ]
    report("the life of a VM")
    for stage, result in zip(stages, found, strict=True):
        lifecycle = calls.lifecycle(stage, **_pace(short=short))
        result["lifecycle"] = [
            {name: getattr(done, name) for name in ("method", "seconds", "cloud", "requests")}
            for done in lifecycle
        ]
        result["connections"] = max(done.connections for done in lifecycle)
        result["peak"] = max(done.peak_mib for done in lifecycle)
        result["cpu"] = calls.cpu_of_a_vm(stage, **_pace(short=short))
    report("create_vm with all that a VM joins")
    for stage, result in zip(stages, found, strict=True):
        done = [
            calls.connected(stage, "instant" if short else "realistic")
            for _ in range(options.repeats)
        ]
        middle = sorted(done, key=lambda one: one.seconds)[len(done) // 2]
        result["connected"] = {"seconds": middle.seconds, "cloud": middle.cloud}
    for result, sent in zip(found, measure_uploads(stages, options), strict=True):
        result["uploads"] = sent
    return found


def _pace(*, short: bool) -> dict[str, Any]:
    """Return the cloud's pace; nobody sees an instant reboot under way, and the CPI would wait."""
    return {"pace": "instant", "instance__reboot": 0.5} if short else {"pace": "fast"}


def measure_uploads(stages: list[Stage], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure stemcell uploads, in turns."""
    found: list[dict[str, Any]] = [{} for _ in stages]
    with tempfile.TemporaryDirectory() as folder:
        tarball = uploads.stemcell(Path(folder), 16 if options.short else 1024)
        for name, slow in (("late", False), ("slow", True)):
            report(f"uploads, requests {name}")
            sent: list[list[uploads.Sent]] = [[] for _ in stages]
            for _ in range(options.repeats):
                for stage, runs in zip(stages, sent, strict=True):
                    runs.append(uploads.upload(stage, tarball, slow=slow))
            for result, runs in zip(found, sent, strict=True):
                result[name] = {
                    field: statistics.median(getattr(run, field) for run in runs)
                    for field in uploads.Sent._fields
                }
    return found


def measure_waits(subject: Subject, *, short: bool) -> dict[str, Any]:
    """Compute how late waits are, and measure some."""
    report("waits")
    seconds = waits.MEASURED_IN_SHORT if short else waits.MEASURED
    with Simulator() as sim:
        measured = waits.measured(subject, sim, seconds)
    return {"computed": waits.computed()._asdict(), "measured": measured._asdict()}


def recorded(nothing: float) -> dict[str, Any]:
    """Return the Go release's figures, short calls scaled to the speed of this machine."""
    found: dict[str, Any] = json.loads(RECORDED.read_text())
    scale = nothing / found["walls"]["nothing"]
    found["walls"] = {
        name: calls.scaled(name, seconds, scale) for name, seconds in found["walls"].items()
    }
    return found


def machine(options: argparse.Namespace) -> str:
    """Describe what this was measured on."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    what = "an installed bin/cpi" if options.cpi else "this tree's sources"
    form = " (the short form, whose figures mean nothing)" if options.short else ""
    load = os.getloadavg()[2]
    return (
        f"Measured on {time.strftime('%Y-%m-%d')} with {what}{form}: {os.cpu_count()} cores shared "
        f"with other work (load {load:.1f} in the last 15 minutes), {system}, "
        f"Python {platform.python_version()}."
    )


def write(document: Path, text: str) -> None:
    """Put the text between the marks of a document; make one if there is none."""
    old = document.read_text() if document.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = old.partition(BEGIN)
    document.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}")


def report(what: str) -> None:
    """Say what is being measured."""
    sys.stderr.write(f"{what} ...\n")
