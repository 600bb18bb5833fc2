"""What the pictures of the documents are drawn with: SVG, readable on light and dark pages."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH = 960
INK, PAPER, LINE = "#1f2933", "#ffffff", "#9aa5b1"
TINTS = ("#e3f2fd", "#e8f5e9", "#fff8e1", "#fce4ec", "#ede7f6", "#f1f3f5")
FONT = "font-family='ui-sans-serif, Helvetica, Arial, sans-serif'"


def picture(height: float, title: str, parts: Iterable[str]) -> str:
    """Put parts on a sheet of a fixed color, so that it is readable on any page."""
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:g}' role='img'>\n"
        f"<title>{escape(title)}</title>\n"
        "<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='8' "
        f"markerHeight='8' orient='auto'><path d='M0 0 L8 4 L0 8 z' fill='{INK}'/></marker>"
        "</defs>\n"
    )
    sheet = f"<rect width='{WIDTH}' height='{height:g}' rx='8' fill='{PAPER}' stroke='{LINE}'/>\n"
    return f"{head}{sheet}{''.join(f'{part}{chr(10)}' for part in parts)}</svg>\n"


def box(x: float, y: float, width: float, height: float, tint: str) -> str:
    """Draw a box."""
    place = f"x='{x:g}' y='{y:g}' width='{width:g}' height='{height:g}'"
    return f"<rect {place} rx='5' fill='{tint}' stroke='{LINE}'/>"


def arrow(start: float, end: float, y: float) -> str:
    """Draw a horizontal arrow."""
    path = f"x1='{start:g}' y1='{y:g}' x2='{end:g}' y2='{y:g}'"
    return f"<line {path} stroke='{INK}' marker-end='url(#tip)'/>"


def text(
    x: float, y: float, words: str, *, size: int = 14, bold: bool = False, halo: bool = False
) -> str:
    """Draw words, with a halo where they cross lines."""
    weight = " font-weight='bold'" if bold else ""
    style = f"{FONT} font-size='{size}'{weight} fill='{INK}'"
    if halo:
        style += f" stroke='{PAPER}' stroke-width='4' paint-order='stroke'"
    return f"<text x='{x:g}' y='{y:g}' {style}>{escape(words)}</text>"
