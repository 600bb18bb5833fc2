"""Every link in the documents has a target, and every page can be reached."""

from __future__ import annotations

import posixpath
import re

import pytest

from docs.documents import ROOT, anchors, code, links, pages, prose

# Paths of files, relative to the repository or to one of these folders.
BASES = ("", "src/alicloud_cpi/", "ci/")
PATH = re.compile(
    r"(?:src|tests|scripts|examples|jobs|packages|docs|ci|tasks"
    r"|actions|aliyun|cloud_properties|oss|rpc|services|stemcell)/[\w./-]+"
)

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
def test_every_link_within_the_repository_has_a_target(page: str) -> None:
    """An existing file, and one of its headings."""
    broken = [
        f"{path}#{anchor}"
        for path, anchor in inside(page)
        if not (ROOT / path).exists()
        or (anchor and path in pages() and anchor not in anchors(path))
    ]
    assert broken == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    """Every page is linked from another one."""
    reached, new = set(), {"README.md"}
    while new:
        reached |= new
        new = {path for page in new for path, _ in inside(page) if path in pages()} - reached
    assert set(pages()) - reached == set()


@pytest.mark.parametrize("page", pages())
def test_every_file_that_is_named_is_there(page: str) -> None:
    """A document that names a file that has moved is out of date."""
    named = [text for text in code(prose(page)) if PATH.fullmatch(text) and "NAME" not in text]
    gone = [name for name in named if not any((ROOT / base / name).exists() for base in BASES)]
    assert gone == []
