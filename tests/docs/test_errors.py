"""docs/errors.md has every message of the source, and none that the source does not have."""

from __future__ import annotations

import json
import re

import pytest

from alicloud_sim.oss import errors as oss
from docs import messages
from docs.documents import ROOT, code, headings, rows

PAGE = "docs/errors.md"
RENDERING, WAITING, LOG = "Rendering the job", "Waiting", "Warnings and errors in the log"
CLOUD, CONNECTIONS = "Requests to the cloud", "Connections"
SECTIONS = [text for level, text in headings(PAGE) if level == 2]

# Codes of the CPI, for failures without a code of the cloud.
OWN_CODES = re.compile(r"Unreachable|LostResponse|MalformedResponse|ClientError|HTTP \d\d\d")


def listed(*sections: str) -> list[str]:
    """List the messages of sections: the code in the first column of their tables."""
    return [text for section in sections for row in rows(PAGE, section) for text in code(row[0])]


def error_messages() -> list[str]:
    """List the messages of errors: all but those that other tests compare."""
    others = [*messages.waits(), *codes()]
    sections = [name for name in SECTIONS if name not in (RENDERING, CONNECTIONS, LOG)]
    return [text for text in listed(*sections) if text not in others]


def codes() -> list[str]:
    """List the codes of failed requests."""
    return [text for text in listed(CLOUD) if "…" not in text]


def test_every_error_is_listed() -> None:
    """The page lists the errors of the source and no others."""
    assert set(error_messages()) == messages.errors()


def test_every_detail_of_a_connection_is_listed() -> None:
    """So it does with the causes that a message quotes."""
    assert set(listed(CONNECTIONS)) == messages.details()


def test_every_wait_is_listed() -> None:
    """The table of waits has what the source waits for."""
    assert set(listed(WAITING)[1:]) == messages.waits()


def test_every_warning_and_error_of_the_log_is_listed() -> None:
    """And the log's table has its lines above INFO."""
    assert set(listed(LOG)) == messages.log_lines()


def test_every_error_of_the_templates_is_listed() -> None:
    """What keeps the job from being rendered has a table, too."""
    assert set(listed(RENDERING)) == messages.template_errors()


def test_the_text_of_every_failure_can_be_read() -> None:
    """A message that is put together in another way would be missing without a failed test."""
    assert messages.unread() == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_message_has_its_cause_and_remedy(section: str) -> None:
    """Three columns, none of them empty; no message is twice in a section."""
    for row in rows(PAGE, section):
        assert len(row) == 3
        assert all(row), row
    assert len(listed(section)) == len(set(listed(section)))


def test_the_codes_are_the_clouds_own() -> None:
    """Each is in the API reference, one of OSS, or one of the few that the CPI adds."""
    known = json.loads((ROOT / "src" / "alicloud_sim" / "api" / "errors.json").read_bytes())
    tables = [known["gateway"], *known["products"].values(), *known["actions"].values()]
    found = {name for table in [*tables, oss.CODES] for name in table}
    assert [name for name in codes() if name not in found and not OWN_CODES.fullmatch(name)] == []
