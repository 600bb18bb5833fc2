"""The whole fault matrix by one command (scripts/faults), its tables written into a document."""

from __future__ import annotations

import multiprocessing
import sys
import time
import warnings
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faults.matrix import FAULTS, LAG, STALL, STALLED, Case, Matrix, Outcome, Step
from faults.matrix_scenarios import SCENARIOS, Bench

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- matrix: written by scripts/faults -->", "<!-- end of matrix -->"


class Task(NamedTuple):
    """One kind of trouble at every request of one scenario."""

    scenario: str
    fault: str


class _Worker:
    """A process with a simulated cloud of its own."""

    matrix: Matrix


def _begin() -> None:
    warnings.simplefilter("ignore")
    _Worker.matrix = Matrix(Bench().__enter__())


def _carry_out(task: Task) -> list[Outcome]:
    matrix, scenario = _Worker.matrix, task.scenario
    if task.fault == LAG:
        return [matrix.lagging(scenario)]
    if task.fault == STALL:
        (action,) = [action for name, action in STALLED if name == scenario]
        return [matrix.run(Case(scenario, Step("ecs", action, 1), STALL))]
    return [matrix.run(case) for case in matrix.cases(scenario, [task.fault])]


def main(processes: int) -> int:
    """Run everything, write the tables and tell what is wrong; 0 when nothing is."""
    stalled = [Task(name, STALL) for name, _ in STALLED]
    tasks = [Task(name, fault) for name in SCENARIOS for fault in (*FAULTS, LAG)]
    start = time.monotonic()
    outcomes: list[Outcome] = []
    with multiprocessing.get_context("spawn").Pool(processes, _begin) as pool:
        for found in pool.imap_unordered(_carry_out, [*stalled, *tasks]):
            outcomes += found
            sys.stderr.write(f"\r{len(outcomes)} cases, {time.monotonic() - start:.0f} s")
    sys.stderr.write("\n")
    bad = [outcome for outcome in outcomes if not outcome.is_good]
    for outcome in bad:
        sys.stdout.write(f"{outcome.case.name}\n{outcome.failure}\n{outcome.leak}{outcome.told}\n")
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{tables(outcomes)}\n{END}{after}")
    sys.stdout.write(f"{len(outcomes)} cases, {len(bad)} bad; see {DOCUMENT.name}\n")
    return 1 if bad else 0


def tables(outcomes: Iterable[Outcome]) -> str:
    """Word the outcomes as tables of Markdown: by call, by trouble, and one by the other."""
    by_scenario: dict[str, list[Outcome]] = {name: [] for name in SCENARIOS}
    by_fault: dict[str, list[Outcome]] = {name: [] for name in (*FAULTS, STALL, LAG)}
    cells: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    everything = list(outcomes)
    for outcome in everything:
        scenario, _, fault = outcome.case
        by_scenario[scenario].append(outcome)
        by_fault[fault].append(outcome)
        cells[scenario, fault].append(outcome)
    return "\n".join(
        [
            *_sums("Call", {**by_scenario, "**all**": everything}),
            "",
            *_sums("Trouble", {**by_fault, "**all**": everything}),
            "",
            *_grid(cells),
            "",
        ]
    )


def _sums(title: str, groups: dict[str, list[Outcome]]) -> list[str]:
    """Count how the cases of each group ended."""
    head = ["Cases", "Ended well at once", "At the second call", "Failed", "Leaks", "Secrets told"]
    rows = [f"| {title} | {' | '.join(head)} |", f"|---|{'---:|' * len(head)}"]
    for name, group in groups.items():
        count = Counter(_kind(outcome) for outcome in group)
        leaks, told = sum(bool(o.leak) for o in group), sum(bool(o.told) for o in group)
        numbers = [len(group), count["at once"], count["second"], count["failed"], leaks, told]
        rows.append(f"| {name} | {' | '.join(map(str, numbers))} |")
    return rows


def _grid(cells: dict[tuple[str, str], list[Outcome]]) -> list[str]:
    """Show every call with every trouble: cases at once, + at the second call, ! not well."""
    names = [*FAULTS, STALL, LAG]
    rows = [f"| Call | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for scenario in SCENARIOS:
        row = [_cell(cells.get((scenario, fault), [])) for fault in names]
        rows.append(f"| {scenario} | {' | '.join(row)} |")
    return rows


def _cell(group: list[Outcome]) -> str:
    count = Counter(_kind(outcome) for outcome in group)
    shown = str(count["at once"]) if group else ""
    shown += f" +{count['second']}" if count["second"] else ""
    return shown + (f" !{count['failed']}" if count["failed"] else "")


def _kind(outcome: Outcome) -> str:
    if not outcome.is_good:
        return "failed"
    return "at once" if outcome.at_once else "second"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else multiprocessing.cpu_count()))
