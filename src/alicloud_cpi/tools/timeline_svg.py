"""A call's timeline as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from alicloud_cpi.tools.call_log import Call, Span, ordered

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 960, 330, 150, 74, 18
_REQUEST, _FAILED, _WAIT, _TEXT, _GRID = "#1f6feb", "#cf222e", "#d0d7de", "#24292f", "#eaeef2"
_TICKS = 8
_MAX_NAME = 48


def drawn(call: Call, head: Sequence[str]) -> str:
    """Return the timeline as SVG; ``head`` are the lines above it."""
    spans = ordered(call)
    height = _TOP + len(spans) * _ROW + 12
    scale = (_WIDTH - _LEFT - _RIGHT) / (call.seconds or 1.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}">',
        f"<title>{escape(head[0])}</title>",
        f'<rect width="{_WIDTH}" height="{height}" rx="6" fill="#ffffff"/>',
        *(_text(12, 20 + 17 * number, line) for number, line in enumerate(head)),
        *_axis(call.seconds, scale, height),
    ]
    for number, span in enumerate(spans):
        parts += _row(span, span.start - call.start, _TOP + number * _ROW, scale)
    return "\n".join([*parts, "</svg>", ""])


def _axis(seconds: float, scale: float, height: int) -> list[str]:
    parts = []
    for number in range(_TICKS + 1):
        moment = seconds * number / _TICKS
        left = _LEFT + moment * scale
        parts.append(
            f'<line x1="{left:.1f}" y1="{_TOP - 6}" x2="{left:.1f}" y2="{height - 8}" '
            f'stroke="{_GRID}"/>'
        )
        parts.append(_text(left, _TOP - 12, f"{moment:.1f} s", "middle", 10))
    return parts


def _row(span: Span, start: float, top: int, scale: float) -> list[str]:
    colour = _WAIT if span.attempt == 0 else _FAILED if span.failed else _REQUEST
    left, width = _LEFT + start * scale, max(1.5, span.seconds * scale)
    name = span.name if len(span.name) <= _MAX_NAME else f"{span.name[: _MAX_NAME - 3]}..."
    attempt = f", attempt {span.attempt}" if span.attempt > 1 else ""
    return [
        _text(_LEFT - 8, top + 11, name, "end", 11),
        f'<rect x="{left:.1f}" y="{top + 2}" width="{width:.1f}" height="12" fill="{colour}"/>',
        _text(left + width + 4, top + 11, f"{span.seconds:.3f} s {span.outcome}{attempt}", size=10),
    ]


def _text(left: float, top: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{left:.1f}" y="{top}" text-anchor="{anchor}" font-family="sans-serif" '
        f'font-size="{size}" fill="{_TEXT}">{escape(text)}</text>'
    )
