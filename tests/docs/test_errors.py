"""docs/errors.md has every message of the source, and none that the source does not have."""

from __future__ import annotations

import json
import re

import pytest

from docs import messages
from docs.documents import ROOT, code, headings, rows

PAGE = "docs/errors.md"
RENDERING, WAITING = "When the job is rendered", "Waiting"
CLOUD, WARNINGS = "What the cloud refuses", "Warnings in the log"
SECTIONS = [text for level, text in headings(PAGE) if level == 2]

# Names of our own for what the cloud gives no code.
OWN_CODES = re.compile(r"Unreachable|LostAnswer|HTTP \d\d\d")


def told(*sections: str) -> list[str]:
    """List the messages of sections: the code in the first column of their tables."""
    return [text for section in sections for row in rows(PAGE, section) for text in code(row[0])]


def of_errors() -> list[str]:
    """List the messages of errors: all but what other tests are about."""
    others = [*messages.waits(), *codes()]
    sections = [name for name in SECTIONS if name not in (RENDERING, WARNINGS)]
    return [text for text in told(*sections) if text not in others]


def codes() -> list[str]:
    """List the cloud's codes."""
    return [text for text in told(CLOUD) if "…" not in text]


def test_every_error_is_told_and_no_other() -> None:
    """The source says nothing that its reader cannot look up."""
    assert set(of_errors()) == messages.errors()


def test_every_wait_is_told_and_no_other() -> None:
    """What is waited for stands in the table of waits."""
    assert set(told(WAITING)[1:]) == messages.waits()


def test_every_warning_is_told_and_no_other() -> None:
    """So do the log's warnings."""
    assert set(told(WARNINGS)) == messages.warnings()


def test_every_refusal_of_the_templates_is_told_and_no_other() -> None:
    """And what keeps the job from being rendered."""
    assert set(told(RENDERING)) == messages.refusals()


@pytest.mark.parametrize("section", SECTIONS)
def test_every_message_has_its_cause_and_remedy(section: str) -> None:
    """Three columns, none of them empty; no message stands twice in a section."""
    for row in rows(PAGE, section):
        assert len(row) == 3
        assert all(row), row
    assert len(told(section)) == len(set(told(section)))


def test_the_codes_are_the_clouds_own() -> None:
    """Each is one that the API reference has."""
    known = json.loads((ROOT / "src" / "alicloud_sim" / "api" / "errors.json").read_bytes())
    tables = [known["gateway"], *known["products"].values(), *known["actions"].values()]
    listed = {name for table in tables for name in table}
    assert [name for name in codes() if name not in listed and not OWN_CODES.fullmatch(name)] == []
