"""Tags take the form that the cloud accepts, at most 20 of them on a resource."""

from __future__ import annotations

from typing import Any

import pytest

from alicloud_cpi.services.tags import DIRECTOR_KEYS, encode, fit, for_creation, to_text

MARK = {"bosh-cpi": "alicloud"}


def created_with(tags: dict[str, Any], **options: Any) -> dict[str, str]:
    """Return the tags that a resource is created with, beside the mark."""
    written = {tag["Key"]: tag["Value"] for tag in for_creation(tags, **options)}
    assert len(written) <= 20
    assert MARK.items() <= written.items()
    return {key: value for key, value in written.items() if key not in MARK}


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
    assert created_with(tags) == expected


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
    assert created_with(tags) == expected


def numbered(name: str, count: int) -> dict[str, str]:
    """Return so many tags."""
    return {f"{name}-{number:02}": "x" for number in range(count)}


@pytest.mark.parametrize(
    ("count", "options", "most"),
    [
        (11, {}, 11),
        (30, {}, 11),
        (30, {"own": {"group": "x"}}, 11),
        (30, {"reserved": 0}, 19),
        (30, {"reserved": 0, "own": {"group": "x"}}, 19),
    ],
)
def test_places_are_kept_for_the_directors_tags(
    count: int, options: dict[str, Any], most: int
) -> None:
    """Of users' tags the first ones remain."""
    kept = created_with(numbered("tag", count), **options)
    assert list(kept) == sorted(
        [*numbered("tag", most - len(options.get("own", {}))), *options.get("own", {})]
    )


def test_users_tags_with_names_of_the_directors_take_its_places() -> None:
    """They are overwritten later."""
    kept = created_with({**numbered("tag", 30), "name": "x", "Job": "y"})
    assert kept == {**numbered("tag", 11), "name": "x", "Job": "y"}


@pytest.mark.parametrize("key", ["bosh-cpi", "BOSH-CPI"])
def test_the_mark_is_the_cpis(key: str) -> None:
    """No tag of the manifest overwrites it."""
    assert created_with({key: "x", "a": "1"}) == {"a": "1"}


DIRECTORS = dict.fromkeys(DIRECTOR_KEYS[:8], "new")


@pytest.mark.parametrize(
    ("existing", "tags", "expected", "removed"),
    [
        ({}, {"a": "1"}, {"a": "1"}, []),
        ({"A": "1"}, {"a": "2"}, {"A": "2"}, []),
        (numbered("old", 20), {"a": "1"}, {}, []),
        (numbered("old", 19), {"b": "1", "a": "1"}, {"b": "1"}, []),
        (numbered("old", 15), DIRECTORS, DIRECTORS, [f"old-{n}" for n in (12, 13, 14)]),
        (
            {**MARK, **numbered("old", 19)},
            {**DIRECTORS, "old-00": "y"},
            DIRECTORS,
            [*(f"old-{n}" for n in range(12, 19)), "old-00"],
        ),
    ],
)
def test_beside_existing(
    existing: dict[str, str], tags: dict[str, str], expected: dict[str, str], removed: list[str]
) -> None:
    """The Director's tags come first, then what is there, then new ones."""
    assert fit(existing, tags) == (expected, removed)


def test_wire_is_in_a_stable_order() -> None:
    """The order counts for a ClientToken, so it is always the same."""
    assert encode({"b": "2", "a": "1"}) == encode({"a": "1", "b": "2"})
    assert encode({"b": "2", "a": "1"}) == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]
    assert encode({}) == []
