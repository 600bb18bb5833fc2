"""What the runs came to, as tables of Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from faults.interruptions import INTERRUPTIONS, KILLS, creates
from faults.load import FULL
from faults.matrix import FAULTS, LAG, STALL
from faults.matrix_scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from faults.load import Load
    from faults.matrix import Outcome

_TROUBLES = [*FAULTS, STALL, LAG]


def matrix(outcomes: Iterable[Outcome]) -> str:
    """Word the outcomes of troubles: by call, by trouble, and one by the other."""
    everything = list(outcomes)
    by_scenario = _grouped(SCENARIOS, everything, lambda outcome: outcome.case.scenario)
    by_fault = _grouped(_TROUBLES, everything, lambda outcome: outcome.case.fault)
    return "\n".join(
        [
            *_sums("Call", {**by_scenario, "**all**": everything}),
            "",
            *_sums("Trouble", {**by_fault, "**all**": everything}),
            "",
            *_grid(_TROUBLES, everything),
            "",
        ]
    )


def interruptions(outcomes: Iterable[Outcome]) -> str:
    """Word the outcomes of interruptions: by call, how often each signal was sent, and the end."""
    everything = list(outcomes)
    signals = list(dict.fromkeys(how.number.name for how in INTERRUPTIONS.values()))
    head = ["Call", *signals, "Ended well", "Not well", "Secrets told"]
    rows = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    groups = _grouped(SCENARIOS, everything, lambda outcome: outcome.case.scenario)
    for name, group in {**groups, "**all**": everything}.items():
        sent = Counter(outcome.case.fault.partition(" ")[0] for outcome in group)
        good = sum(outcome.is_good for outcome in group)
        told = sum(bool(outcome.told) for outcome in group)
        numbers = [*[sent[signal] for signal in signals], good, len(group) - good, told]
        rows.append(f"| {name} | {' | '.join(map(str, numbers))} |")
    return "\n".join([*rows, ""])


def kills(outcomes: Iterable[Outcome]) -> str:
    """Word the outcomes of SIGKILL in calls that create something: by call and moment."""
    head = ["Requests", *(name.removeprefix("SIGKILL ") for name in KILLS), "Clean", "Not clean"]
    rows = [f"| Call | {' | '.join(head)} |", f"|---|{'---:|' * len(head)}"]
    everything = [o for o in outcomes if o.case.fault in KILLS and creates(o.case.scenario)]
    names = [name for name in SCENARIOS if creates(name)]
    groups = _grouped(names, everything, lambda outcome: outcome.case.scenario)
    for name, group in {**groups, "**all**": everything}.items():
        count = Counter(outcome.case.fault for outcome in group)
        good = sum(outcome.is_good for outcome in group)
        requests = len({(outcome.case.scenario, outcome.case.step) for outcome in group})
        numbers = [requests, *(count[kill] for kill in KILLS), good, len(group) - good]
        rows.append(f"| {name} | {' | '.join(map(str, numbers))} |")
    return "\n".join([*rows, ""])


def load(free: Load, limited: Mapping[float, Load], vms: int, behind: Sequence[Load]) -> str:
    """Word what processes at once needed, without and with limits, and behind one balancer."""
    processes = FULL.calls
    rows = [
        f"| {processes} processes at once | Requests | of them refused | as a multiple | Seconds |",
        "|---|---:|---:|---:|---:|",
        _load("no limit", free, free),
        *[_load(f"{rate:g} per second and action", run, free) for rate, run in limited.items()],
    ]
    told = [run.wrong for run in (free, *limited.values(), *behind) if run.wrong]
    made, deleted = behind
    locks = (
        f"{vms} VMs at once behind one load balancer: {made.requests} requests to make them, "
        f"{made.refused} of\nthem refused as it was busy; {deleted.requests} to delete them, "
        f"{deleted.refused} of them refused."
    )
    return "\n".join([*rows, "", locks, *([""] if told else []), *told, ""])


def _load(name: str, run: Load, free: Load) -> str:
    multiple = f"{run.requests / free.requests:.2f}"
    return f"| {name} | {run.requests} | {run.refused} | {multiple} | {run.seconds:.0f} |"


def _grouped(
    names: Iterable[str], outcomes: Iterable[Outcome], key: Callable[[Outcome], str]
) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {name: [] for name in names}
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return groups


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


def _grid(names: list[str], outcomes: Iterable[Outcome]) -> list[str]:
    """Show every call with every trouble: cases at once, + at the second call, ! not well."""
    cells: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        cells[outcome.case.scenario, outcome.case.fault].append(outcome)
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
