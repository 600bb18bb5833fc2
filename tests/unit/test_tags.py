"""Tags take the form that the cloud accepts, at most 20 of them on a resource."""

from __future__ import annotations

from typing import Any

import pytest

from alicloud_cpi.services.tags import encode, merge, sanitize, to_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("a", "a"),
        (0, "0"),
        (-1.5, "-1.5"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        (["é", None], '["é", null]'),
        ({"a": 1}, '{"a": 1}'),
    ],
)
def test_text(value: Any, expected: str) -> None:
    """Any JSON value is a text."""
    assert to_text(value) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, {}),
        ({"a": "1"}, {"a": "1"}),
        ({"": "x"}, {}),
        ({"k" * 65: "v"}, {"k" * 64: "v"}),
        ({"k": "v" * 129}, {"k": "v" * 128}),
        ({"键" * 65: "值" * 129}, {"键" * 64: "值" * 128}),
        ({"aliyun": "aliyun"}, {"_aliyun": "_aliyun"}),
        ({"ALIYUN-x": "Acs:y"}, {"_ALIYUN-x": "_Acs:y"}),
        ({"acs:ecs": "a"}, {"_acs:ecs": "a"}),
        ({"not-aliyun": "x acs:"}, {"not-aliyun": "x acs:"}),
        ({"http://a": "https://b"}, {"http:a": "https:b"}),
        ({"a": "httphttp:////b"}, {"a": "httphttp:b"}),
        ({"a": "HTTP://b and http://c"}, {"a": "HTTP:b and http:c"}),
    ],
)
def test_form(tags: dict[str, Any], expected: dict[str, str]) -> None:
    """Lengths, reserved words and links are mended, never refused."""
    assert sanitize(tags) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"Team": "1", "team": "2"}, {"team": "2"}),
        ({"k" * 64: "1", "k" * 70: "2"}, {"k" * 64: "2"}),
        ({"acs:x": "1", "_acs:x": "2"}, {"_acs:x": "2"}),
    ],
)
def test_keys_are_unique(tags: dict[str, Any], expected: dict[str, str]) -> None:
    """Of keys that the cloud takes for the same, the later one wins."""
    assert sanitize(tags) == expected


@pytest.mark.parametrize("count", [19, 20, 21, 100])
def test_at_most_twenty(count: int) -> None:
    """The first 20 remain."""
    kept = sanitize({f"key-{number}": number for number in range(count)})
    assert list(kept) == [f"key-{number}" for number in range(min(count, 20))]


@pytest.mark.parametrize("existing", [0, 5, 19, 20, 25])
@pytest.mark.parametrize("overlapping", [0, 3])
def test_beside_existing(existing: int, overlapping: int) -> None:
    """Tags that are there are changed; new ones fill what is left of the 20."""
    there = {f"there-{number}": "old" for number in range(existing)}
    changed = {f"THERE-{number}": "new" for number in range(min(overlapping, existing))}
    fresh = {f"fresh-{number}": "new" for number in range(20)}
    result = merge(there, {**fresh, **changed})
    assert len({**there, **result}) == max(20, existing)
    assert {key for key in result if key.lower().startswith("there")} == {
        key.lower() for key in changed
    }


def test_wire_is_in_a_stable_order() -> None:
    """The order counts for a ClientToken, so it is always the same."""
    assert encode({"b": "2", "a": "1"}) == encode({"a": "1", "b": "2"})
    assert encode({"b": "2", "a": "1"}) == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]
    assert encode({}) == []
