"""All fault runs by one command (scripts/faults), their tables written into a document.

The matrix of troubles, the interruptions of every call, and the load of fifty processes at once;
the last by itself, as it measures.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faults import load, matrix_tables
from faults.interruptions import (
    INTERRUPTIONS,
    KILLS,
    Interruptions,
    creates,
    interruptions_of,
)
from faults.matrix import FAULTS, LAG, STALL, STALLED, Case, Matrix, Outcome, Step
from faults.matrix_scenarios import SCENARIOS, Bench

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"

ALL, MATRIX, INTERRUPTED, KILLED, LOAD = "all", "matrix", "interruptions", "kills", "load"

RATES = (10.0, 5.0)
MOST = 1.5
BEHIND_ONE = 20


class Task(NamedTuple):
    """One kind of trouble at every request of one scenario."""

    scenario: str
    fault: str


class _Worker:
    """A process with a simulated cloud of its own."""

    matrix: Matrix
    interruptions: Interruptions


def _begin() -> None:
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the pool ends its processes
    _Worker.matrix = Matrix(Bench().__enter__())
    _Worker.interruptions = Interruptions(_Worker.matrix)


def _carry_out(task: Task) -> list[Outcome]:
    matrix, scenario = _Worker.matrix, task.scenario
    if task.fault == LAG:
        return [matrix.lagging(scenario)]
    if task.fault == STALL:
        (action,) = [action for name, action in STALLED if name == scenario]
        return [matrix.run(Case(scenario, Step("ecs", action, 1), STALL))]
    run = _Worker.interruptions.run if task.fault in INTERRUPTIONS else matrix.run
    return [run(case) for case in matrix.cases(scenario, [task.fault])]


def main(processes: int, part: str) -> int:
    """Run a part, or all, write its tables and tell what is wrong; 0 when nothing is."""
    outcomes = _outcomes(processes, part) if part != LOAD else []
    bad = [outcome for outcome in outcomes if not outcome.is_good]
    for outcome in bad:
        sys.stdout.write(f"{outcome.case.name}\n{outcome.failure}\n{outcome.leak}{outcome.told}\n")
    interrupted = [outcome for outcome in outcomes if outcome.case.fault in INTERRUPTIONS]
    others = [outcome for outcome in outcomes if outcome.case.fault not in INTERRUPTIONS]
    tables, told, heavy = dict[str, str](), "", False
    if part in (MATRIX, ALL):
        tables[MATRIX] = matrix_tables.matrix(others)
    if part in (INTERRUPTED, ALL):
        tables[INTERRUPTED] = matrix_tables.interruptions(interrupted)
    if part in (KILLED, INTERRUPTED, ALL):
        tables[KILLED] = matrix_tables.kills(interrupted)
    if part in (LOAD, ALL):
        sys.stderr.write("load of many processes\n")
        told, heavy = _load()
        tables[LOAD] = told
    _write(tables)
    sys.stdout.write(f"{len(outcomes)} cases, {len(bad)} bad; see {DOCUMENT.name}\n{told}")
    return 1 if bad or heavy else 0


def _tasks(part: str) -> list[Task]:
    tasks = list[Task]()
    if part in (MATRIX, ALL):
        tasks += [Task(name, STALL) for name, _ in STALLED]
        tasks += [Task(name, fault) for name in SCENARIOS for fault in (*FAULTS, LAG)]
    if part in (INTERRUPTED, ALL):
        tasks += [Task(name, how) for name in SCENARIOS for how in interruptions_of(name)]
    if part == KILLED:
        calls = [name for name in SCENARIOS if creates(name)]
        tasks += [Task(name, how) for name in calls for how in KILLS]
    return tasks


def _outcomes(processes: int, part: str) -> list[Outcome]:
    start = time.monotonic()
    outcomes: list[Outcome] = []
    with multiprocessing.get_context("spawn").Pool(processes, _begin) as pool:
        for found in pool.imap_unordered(_carry_out, _tasks(part)):
            outcomes += found
            sys.stderr.write(f"\r{len(outcomes)} cases, {time.monotonic() - start:.0f} s")
    sys.stderr.write("\n")
    return outcomes


def _load() -> tuple[str, bool]:
    """Return what the load came to, and whether it was too much or went wrong."""
    with Bench() as bench:
        free = load.deploy(bench, load.FULL)
        limited = {rate: load.deploy(bench, load.FULL, rate) for rate in RATES}
        behind = load.behind_one(bench, BEHIND_ONE)
    runs: Iterable[load.Load] = (free, *limited.values(), *behind)
    heavy = any(run.requests > MOST * free.requests for run in limited.values())
    told = matrix_tables.load(free, limited, BEHIND_ONE, behind)
    return told, heavy or any(run.wrong for run in runs)


def _write(tables: Mapping[str, str]) -> None:
    """Put the tables between their marks in the document."""
    text = DOCUMENT.read_text()
    for name, table in tables.items():
        begin, end = f"<!-- {name}: written by scripts/faults -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = f"{before}{begin}\n\n{table}\n{end}{after}"
    DOCUMENT.write_text(text)


if __name__ == "__main__":
    try:
        sys.exit(main(int(sys.argv[1]), sys.argv[2]))
    except KeyboardInterrupt:
        sys.exit(130)
