"""Parses the documents of the repository: headings, links, code blocks, tables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^([ ]*)```(\w*)[^\n]*\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A fenced block of a document."""

    page: str
    language: str
    text: str

    @property
    def title(self) -> str:
        """Its first line, which names it in tests."""
        return self.text.splitlines()[0].strip() if self.text.strip() else ""


@cache
def pages() -> dict[str, str]:
    """Return all documents by their path in the repository."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ci").rglob("*.md")]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted(found)}


def blocks(*languages: str) -> list[Block]:
    """List the fenced blocks of all documents in these languages."""
    return [block for page in pages() for block in blocks_of(page) if block.language in languages]


def blocks_of(page: str) -> list[Block]:
    """List the fenced blocks of one document."""
    return [Block(page, found[2], found[3]) for found in _FENCE.finditer(pages()[page])]


def prose(page: str) -> str:
    """Return a document without its fenced blocks."""
    return _FENCE.sub("", pages()[page])


def links(page: str) -> list[str]:
    """List the targets of a document's links and images."""
    return _LINK.findall(prose(page))


def headings(page: str) -> list[tuple[int, str]]:
    """List level and text of a document's headings."""
    found = re.findall(r"^(#+) (.+)$", prose(page), re.MULTILINE)
    return [(len(marks), text) for marks, text in found]


def anchors(page: str) -> set[str]:
    """Return the anchors of a document: its headings, as GitHub writes them."""
    texts = (re.sub(r"[^\w\- ]", "", text).lower() for _, text in headings(page))
    return {text.replace(" ", "-") for text in texts}


def rows(page: str, section: str) -> Iterator[list[str]]:
    """Yield the cells of the tables in one section of a document, without their heads."""
    text = re.split(rf"^## {re.escape(section)}$", pages()[page], flags=re.MULTILINE)[1]
    for line in re.split(r"^## ", text, flags=re.MULTILINE)[0].splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("| ").split(" | ")]


def code(cell: str) -> list[str]:
    """List the code in a cell."""
    return re.findall(r"`([^`]+)`", cell)
