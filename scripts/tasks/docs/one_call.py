"""A picture of docs/architecture.md: one call from the Director to the cloud and back.

tests/docs/test_pictures.py compares its requests with those of a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasks.docs.drawing import LINE, TINTS, WIDTH, arrow, box, picture, text

if TYPE_CHECKING:
    from collections.abc import Iterator

LANES = ("Director", "rpc", "actions", "services", "aliyun", "Alibaba Cloud")
FIRST, LAST = 80, WIDTH - 80
TOP, STEP = 100, 34


class Message(NamedTuple):
    """What one lane hands to another."""

    sender: str
    receiver: str
    what: str


class Note(NamedTuple):
    """What a lane does by itself; written beside its line."""

    lane: str
    what: str


CALL: tuple[Message | Note, ...] = (
    Message("Director", "rpc", "bin/cpi: JSON on stdin"),
    Note("rpc", "checks the arguments, loads cpi.json and the context"),
    Message("rpc", "actions", "create_disk.run(ctx, ...)"),
    Note("actions", "checks cloud_properties: nothing is created yet"),
    Message("actions", "services", "disks.create(...)"),
    Message("services", "aliyun", "CreateDiskRequest"),
    Note("aliyun", "signs; adds ClientToken"),
    Message("aliyun", "Alibaba Cloud", "CreateDisk"),
    Note("aliyun", "repeats if transient"),
    Message("Alibaba Cloud", "aliyun", "DiskId"),
    Message("aliyun", "actions", "the disk's id; rollback remembers it"),
    Message("actions", "aliyun", "wait until Available"),
    Message("aliyun", "Alibaba Cloud", "DescribeDisks"),
    Message("Alibaba Cloud", "aliyun", "Available"),
    Message("aliyun", "actions", "the disk"),
    Message("actions", "rpc", "disk_cid"),
    Message("rpc", "Director", "JSON on stdout"),
)


def one_call() -> str:
    """Draw a create_disk as a sequence of messages."""
    title = "One call: create_disk, from the Director to the cloud and back"
    bottom = TOP + STEP * len(CALL)
    parts = [text(24, 34, title, size=17, bold=True)]
    for number, name in enumerate(LANES):
        x = _x(name)
        tint = TINTS[number % len(TINTS)]
        line = f"x1='{x:g}' y1='84' x2='{x:g}' y2='{bottom:g}'"
        parts.append(f"<line {line} stroke='{LINE}' stroke-dasharray='4 4'/>")
        parts.append(box(x - 58, 54, 116, 30, tint))
        parts.append(text(x - 50, 74, name, size=13, bold=True))
    parts += _steps()
    foot = (
        "The log goes to stderr, redacted. A failure after the disk exists deletes it, or names it."
    )
    return picture(bottom + 44, title, [*parts, text(24, bottom + 26, foot, size=13)])


def _steps() -> Iterator[str]:
    for number, step in enumerate(CALL):
        y = TOP + STEP * number
        if isinstance(step, Note):
            yield text(_x(step.lane) + 8, y + 16, step.what, size=12, halo=True)
            continue
        start, end = _x(step.sender), _x(step.receiver)
        yield text(min(start, end) + 8, y + 14, step.what, size=12, halo=True)
        yield arrow(start, end, y + 20)


def _x(lane: str) -> float:
    return FIRST + (LAST - FIRST) * LANES.index(lane) / (len(LANES) - 1)
