"""Names take the form that the cloud accepts, and resemble what was asked for."""

from __future__ import annotations

import re

import pytest

from alicloud_cpi.services.naming import image_name, resource_name, snapshot_name

# API reference, semantics section 4, "Names and text".
VALID = re.compile(r"[A-Za-z][A-Za-z0-9:_.\-]{1,127}")

ODD = [
    "web/0",
    "1",
    "a",
    "-",
    "/",
    ".hidden",
    "http://a.b/c",
    "https://a.b/c",
    "数据库",
    "a b\tc\nd",
    "x" * 500,
    "7" * 500,
    "é",
    "\u0660\u0661",
    "auto",
    "autoscaler/0",
    "AUTO",
    "aliyun",
    "Aliyun-1",
    "acs:x",
    "tab\x00null",
]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("data-1", "data-1"),
        ("web/0", "web.0"),
        ("  padded  ", "padded"),
        ("1", "disk-1"),
        ("a", "disk-a"),
        ("_x", "disk-_x"),
        ("", ""),
        ("   ", ""),
        ("x" * 129, "x" * 128),
    ],
)
def test_resource_name(wanted: str, expected: str) -> None:
    """What is allowed stays; the rest becomes a period; a short or odd start gets a prefix."""
    assert resource_name(wanted, prefix="disk-") == expected


@pytest.mark.parametrize("wanted", ODD)
def test_always_valid(wanted: str) -> None:
    """Whatever is asked for, the name is one that the cloud takes."""
    assert VALID.fullmatch(resource_name(wanted, prefix="disk-"))
    assert VALID.fullmatch(snapshot_name(wanted))
    assert VALID.fullmatch(image_name(wanted, "4f5a"))


@pytest.mark.parametrize("wanted", ODD)
def test_reserved_starts(wanted: str) -> None:
    """Snapshots do not begin with auto, images not with aliyun."""
    assert not snapshot_name(wanted).lower().startswith("auto")
    assert not image_name(wanted, "4f5a").lower().startswith(("aliyun", "acs:"))


def test_snapshot_without_a_name() -> None:
    """Nothing to name a snapshot by is no name."""
    assert snapshot_name("") == ""


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("", "bosh-stemcell-4f5a"), ("ubuntu", "ubuntu-4f5a"), ("n" * 200, "n" * 123 + "-4f5a")],
)
def test_image_name(wanted: str, expected: str) -> None:
    """An image's name ends with what makes it unique, however long the rest is."""
    assert image_name(wanted, "4f5a") == expected
