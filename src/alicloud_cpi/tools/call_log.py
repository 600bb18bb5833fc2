"""Reads the CPI's log: which calls it has, and what each did when.

A line is written when a request or a wait has ended, with its seconds (``aliyun.client``,
``aliyun.waiter``, ``oss.client``). Whatever stands before the time, such as a prefix of the
Director, is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

_LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z (?P<level>[A-Z]+) "
    r"(?P<call>\S+) (?P<method>[\w.-]+): (?P<text>.*)"
)
_REQUEST = re.compile(
    r"(?P<action>[A-Z][A-Za-z0-9]+)(?P<subject>.*) region=(?P<region>\S+) "
    r"(?P<seconds>\d+\.\d{3}) s (?P<outcome>\S.*?) RequestId=(?P<id>\S+) attempt=(?P<attempt>\d+)"
)
_WAIT = re.compile(
    r"waited (?P<seconds>\d+\.\d) s \((?P<reads>\d+) reads\) (?P<vain>in vain )?for (?P<what>.*)"
)

_UNKNOWN_ID = "-"


@dataclass(frozen=True, slots=True)
class Span:
    """A time from start to end, in seconds since 1970."""

    start: float
    end: float
    name: str
    outcome: str = ""
    attempt: int = 1

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start

    @property
    def failed(self) -> bool:
        """Whether a request was refused or unanswered: the status of a success has three digits."""
        return not (self.outcome.startswith("2") and self.outcome.isdigit())


@dataclass(slots=True)
class Call:
    """One call of the CPI, as its log shows it."""

    id: str
    method: str
    start: float
    end: float
    requests: list[Span] = field(default_factory=list)
    waits: list[Span] = field(default_factory=list)
    warnings: int = 0
    error: str = ""

    @property
    def seconds(self) -> float:
        """From the first request to the last line."""
        return self.end - self.start


def read_calls(lines: Iterable[str]) -> list[Call]:
    """Return the calls of a log, in the order in which they begin.

    Lines of calls that run at the same time are told apart by their id. Calls without one, as
    those of create-env, follow each other.
    """
    found: dict[tuple[str, str, int], Call] = {}
    last: dict[str, tuple[str, int]] = {}
    for line in lines:
        match = _LINE.search(line)
        if match is None:
            continue
        call_id, method = match["call"], match["method"]
        number = 0
        if call_id == _UNKNOWN_ID:
            method_before, number = last.get(call_id, (method, 0))
            number += method_before != method
            last[call_id] = (method, number)
        ended = datetime.fromisoformat(f"{match['time']}+00:00").timestamp()
        call = found.setdefault(
            (call_id, method, number), Call(call_id, method, start=ended, end=ended)
        )
        _add(call, match["level"], match["text"], ended)
    return sorted(found.values(), key=lambda call: call.start)


def retry_pauses(call: Call) -> Iterator[Span]:
    """Yield the times between a request that failed and its repetition."""
    failed: dict[str, float] = {}
    for span in call.requests:
        if span.attempt > 1 and span.name in failed:
            name = f"pause before {span.name} again"
            yield Span(failed[span.name], max(failed[span.name], span.start), name, attempt=0)
        failed[span.name] = span.end


def ordered(call: Call) -> list[Span]:
    """Return requests, waits and pauses by their start; a wait before the looks that are in it."""
    spans = [*call.waits, *retry_pauses(call), *call.requests]
    return sorted(spans, key=lambda span: (span.start, span.attempt))


def _add(call: Call, level: str, text: str, ended: float) -> None:
    call.end = max(call.end, ended)
    call.warnings += level == "WARNING"
    if level == "ERROR":
        call.error = text.partition(": ")[0]
    for span in _spans(text, ended):
        (call.waits if span.attempt == 0 else call.requests).append(span)
        call.start = min(call.start, span.start)


def _spans(text: str, ended: float) -> Iterator[Span]:
    """Yield the request or the wait that a line is about; a wait has no attempts."""
    if match := _REQUEST.fullmatch(text):
        start = ended - float(match["seconds"])
        yield Span(start, ended, match["action"], match["outcome"], int(match["attempt"]))
    elif match := _WAIT.fullmatch(text):
        start = ended - float(match["seconds"])
        outcome = f"{match['reads']} reads" + (", in vain" if match["vain"] else "")
        yield Span(start, ended, match["what"], outcome, 0)
