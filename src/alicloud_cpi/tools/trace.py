"""``alicloud-cpi trace LOG``: a call's requests and waits as a timeline, and its time shared out.

Cloud time is while a request is under way; waiting is between the looks of a wait, or before a
request is repeated; the rest is the CPI's own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alicloud_cpi.errors import CpiError
from alicloud_cpi.tools.call_log import Call, Span, ordered, read_calls, retry_pauses

if TYPE_CHECKING:
    import argparse

_WIDTH = 32
_MAX_NAME = 46
# Seconds: less than what is shown.
_VISIBLE = 0.01

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shares:
    """Where the seconds of a call went."""

    cloud: float
    waiting: float
    own: float
    overlapped: float

    @classmethod
    def of(cls, call: Call) -> Shares:
        """Share out the time of a call."""
        requests = [(span.start, span.end) for span in call.requests]
        pauses = [(span.start, span.end) for span in (*call.waits, *retry_pauses(call))]
        cloud = covered(requests)
        waiting = covered([*requests, *pauses]) - cloud
        return cls(
            cloud=cloud,
            waiting=waiting,
            own=max(0.0, call.seconds - cloud - waiting),
            overlapped=sum(span.seconds for span in call.requests) - cloud,
        )


def run(options: argparse.Namespace) -> int:
    """Print the timeline of one call, or the list of calls if there are several.

    :raises CpiError: the log cannot be read, or has no such call
    """
    calls = read_calls(_lines(options.log))
    chosen = [call for call in calls if options.call in (None, call.id)]
    if not chosen:
        wanted = f"of '{options.call}'" if options.call else "of a call"
        raise CpiError(f"The log '{options.log}' has no line {wanted}")
    if len(chosen) > 1:
        sys.stdout.writelines(f"{line}\n" for line in _table(chosen))
        if options.svg:
            raise CpiError("The log has several calls: choose one with --call ID")
        return 0
    (call,) = chosen
    sys.stdout.writelines(f"{line}\n" for line in timeline(call))
    if options.svg:
        from alicloud_cpi.tools.timeline_svg import drawn

        _write(options.svg, drawn(call, summary(call)))
    return 0


def _lines(path: Path) -> Iterator[str]:
    if str(path) == "-":
        yield from sys.stdin
        return
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file
    except OSError as error:
        raise CpiError(f"Cannot read the log '{path}': {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise CpiError(f"Cannot write the picture '{path}': {error.strerror}") from None


def covered(intervals: Iterable[Interval]) -> float:
    """Return the seconds in which at least one of the intervals is."""
    total = 0.0
    reached = float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


# Text


def summary(call: Call) -> list[str]:
    """Return what the call was, and where its time went."""
    shares = Shares.of(call)
    repeated = sum(span.attempt > 1 for span in call.requests)
    failed = sum(span.failed for span in call.requests)
    head = (
        f"{call.method} {call.id}: {call.seconds:.2f} s, {len(call.requests)} requests, "
        f"{repeated} repeated, {failed} refused or unanswered, {call.error or 'ok'}"
    )
    parts = {"cloud": shares.cloud, "waiting": shares.waiting, "own": shares.own}
    shared = ", ".join(f"{name} {_share(part, call.seconds)}" for name, part in parts.items())
    overlap = (
        f"; {shares.overlapped:.2f} s of requests overlapped"
        if shares.overlapped >= _VISIBLE
        else ""
    )
    return [head, shared + overlap]


def _share(part: float, whole: float) -> str:
    return f"{part:.2f} s ({100 * part / whole if whole else 0:.0f} %)"


def timeline(call: Call) -> list[str]:
    """Return the summary, and a line with a bar per request and wait."""
    spans = ordered(call)
    names = [_short(span.name) for span in spans]
    width = max([len(name) for name in names], default=0)
    lines = [*summary(call), ""]
    for span, name in zip(spans, names, strict=True):
        outcome = span.outcome + (f", attempt {span.attempt}" if span.attempt > 1 else "")
        lines.append(
            f"{span.start - call.start:9.3f} {span.seconds:8.3f}  {name:<{width}}  "
            f"|{_bar(call, span)}|  {outcome}"
        )
    return lines


def _bar(call: Call, span: Span) -> str:
    scale = _WIDTH / call.seconds if call.seconds else 0.0
    first = min(_WIDTH - 1, int((span.start - call.start) * scale))
    last = min(_WIDTH - 1, int((span.end - call.start) * scale))
    mark = "." if span.attempt == 0 else "x" if span.failed else "#"
    return f"{' ' * first}{mark * (last - first + 1)}".ljust(_WIDTH)


def _short(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 3]}..."


def _table(calls: Sequence[Call]) -> Iterator[str]:
    began = calls[0].start
    width = max(len(call.id) for call in calls)
    yield f"{len(calls)} calls; show one with --call ID"
    yield ""
    for call in calls:
        shares = Shares.of(call)
        yield (
            f"{call.start - began:9.3f} {call.seconds:8.3f}  {call.id:<{width}}  "
            f"{call.method:<30}  {len(call.requests):3} requests  "
            f"cloud {shares.cloud:.2f} s, waiting {shares.waiting:.2f} s, own {shares.own:.2f} s"
            f"  {call.error or 'ok'}"
        )
