"""The Chinese README has the same content as the English one."""

from __future__ import annotations

import re

from docs.documents import blocks_of, code, headings, links, pages, prose

ENGLISH, CHINESE = "README.md", "README.zh.md"


def commands(page: str) -> list[str]:
    """Return a page's blocks without comments, which are translated."""
    return [re.sub(r" +#.*", "", block.text) for block in blocks_of(page)]


def test_the_sections_are_the_same() -> None:
    """Same number and levels, and every heading is translated."""
    assert [level for level, _ in headings(CHINESE)] == [level for level, _ in headings(ENGLISH)]
    assert [text for _, text in headings(CHINESE) if not re.search(r"[\u4e00-\u9fff]", text)] == []


def test_the_commands_are_the_same() -> None:
    """Blocks differ in their comments only."""
    assert commands(CHINESE) == commands(ENGLISH)


def test_the_links_are_the_same() -> None:
    """In the same order; each page links to the other one."""
    assert links(ENGLISH)[0] == CHINESE
    assert links(CHINESE)[0] == ENGLISH
    assert links(CHINESE)[1:] == links(ENGLISH)[1:]


def test_the_names_are_the_same() -> None:
    """Names of files, properties and variables are not translated."""
    assert set(code(prose(CHINESE))) == set(code(prose(ENGLISH)))


def test_the_tables_have_the_same_rows() -> None:
    """Nothing was added to one page only."""
    rows = [re.findall(r"^\| .*\|$", pages()[page], re.MULTILINE) for page in (ENGLISH, CHINESE)]
    assert len(rows[0]) == len(rows[1])
