"""Every link of every document leads somewhere, and every page can be reached."""

from __future__ import annotations

import posixpath
import re

import pytest

from docs.documents import ROOT, anchors, code, links, pages, prose

# Folders whose files are named in documents, and where those begin that leave it out.
NAMED = re.compile(r"(?:src|tests|scripts|examples|jobs|packages|docs|ci|cloud|tasks)/[\w./-]+")
BASES = ("", "src/alicloud_cpi/", "ci/")

OUTSIDE = ("https://", "http://", "mailto:")


def inside(page: str) -> list[tuple[str, str]]:
    """List path and anchor of a document's links within the repository."""
    found = [link.partition("#") for link in links(page) if not link.startswith(OUTSIDE)]
    home = posixpath.dirname(page)
    return [
        (posixpath.normpath(posixpath.join(home, path)) if path else page, anchor)
        for path, _, anchor in found
    ]


@pytest.mark.parametrize("page", pages())
def test_every_link_within_the_repository_leads_somewhere(page: str) -> None:
    """To a file that there is, and to one of its headings."""
    broken = [
        f"{path}#{anchor}"
        for path, anchor in inside(page)
        if not (ROOT / path).exists()
        or (anchor and path in pages() and anchor not in anchors(path))
    ]
    assert broken == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    """A page that nobody links to is read by nobody."""
    reached, new = set(), {"README.md"}
    while new:
        reached |= new
        new = {path for page in new for path, _ in inside(page) if path in pages()} - reached
    assert set(pages()) - reached == set()


@pytest.mark.parametrize("page", pages())
def test_every_file_that_is_named_is_there(page: str) -> None:
    """A document that speaks of a file that has moved away is wrong about more than that."""
    named = [text for text in code(prose(page)) if NAMED.fullmatch(text) and "NAME" not in text]
    gone = [name for name in named if not any((ROOT / base / name).exists() for base in BASES)]
    assert gone == []
