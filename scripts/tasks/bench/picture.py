"""The life of a VM as a picture: each call's wall time, split into the cloud's and its own."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP = 860, 150, 90, 62
BAR, BETWEEN = 11, 10
CLOUD = "#9aa5b1"
OWN = {"this CPI": "#1f6feb", "Go release": "#e36209"}
TEXT = "#24292f"
TICK = 2


def drawn(ours: list[dict[str, Any]], go: list[dict[str, Any]]) -> str:
    """Draw the calls of both, one below the other, as SVG."""
    pairs = list(zip_longest(ours, go))
    longest = max(done["seconds"] for done in (*ours, *go))
    scale = (WIDTH - LEFT - RIGHT) / longest
    step = 2 * BAR + BETWEEN
    height = TOP + len(pairs) * step + 16
    parts = [*_head(height), *_axis(longest, scale, height)]
    for number, (first, second) in enumerate(pairs):
        top = TOP + number * step
        parts.append(_text(LEFT - 8, top + BAR + 4, (first or second)["method"], "end"))
        for row, (name, done) in enumerate(zip(OWN, (first, second), strict=True)):
            if done:
                parts += _bar(top + row * BAR, done, scale, OWN[name])
    return "\n".join([*parts, "</svg>", ""])


def _head(height: int) -> list[str]:
    keys = [*OWN.items(), ("the cloud at work", CLOUD)]
    legend = []
    for number, (name, colour) in enumerate(keys):
        left = LEFT + 190 * number
        legend.append(f'<rect x="{left}" y="14" width="12" height="12" fill="{colour}"/>')
        label = name if colour == CLOUD else f"{name}'s own time"
        legend.append(_text(left + 18, 24, label))
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}">',
        "<title>Wall time of each call in the life of a VM</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#ffffff"/>',
        *legend,
    ]


def _axis(longest: float, scale: float, height: int) -> list[str]:
    parts = []
    for seconds in range(0, int(longest) + 1, TICK):
        left = LEFT + seconds * scale
        parts.append(
            f'<line x1="{left:.1f}" y1="{TOP - 8}" x2="{left:.1f}" y2="{height - 10}"'
            ' stroke="#d0d7de"/>'
        )
        parts.append(_text(left, TOP - 14, f"{seconds} s", "middle"))
    return parts


def _bar(top: int, done: dict[str, Any], scale: float, colour: str) -> list[str]:
    cloud, wall = done["cloud"] * scale, done["seconds"] * scale
    return [
        _box(LEFT, top, cloud, CLOUD),
        _box(LEFT + cloud, top, max(0.5, wall - cloud), colour),
        _text(LEFT + wall + 4, top + 9, f"{done['seconds']:.2f}", size=9),
    ]


def _box(left: float, top: int, width: float, colour: str) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BAR - 1}" fill="{colour}"/>'
    )


def _text(left: float, top: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{left:.1f}" y="{top}" text-anchor="{anchor}" font-family="sans-serif"'
        f' font-size="{size}" fill="{TEXT}">{escape(text)}</text>'
    )
