"""What fits a schema here fits it for jsonschema too, and the other way round."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicloud_cpi.props import schema
from alicloud_cpi.props.fitting import fits

FOLDER = Path(schema.__file__).parent / "schemas"
SCHEMAS = {path.stem: json.loads(path.read_bytes()) for path in FOLDER.glob("*.json")}

# What is right somewhere, wrong elsewhere, or only just one of the two.
SPECIAL = st.one_of(
    st.sampled_from([0, 1, -1, 100, 101, 65535, 65536, 1.0, 0.5, 1e400, True, False, None, ""]),
    st.sampled_from(["0", "1_000", "_1", "0.12", ".5", "1\n", "a1", "http://a", "é漢", "a" * 129]),
    st.sampled_from(
        ["true", "FALSE", "x" * 8, "x" * 30, "x" * 31, "cloud_essd", "PL0", "Month", "PostPaid"]
    ),
    st.sampled_from([[], {}, ["", "a"], "SpotAsPriceGo"]),
)
ANY = st.recursive(
    SPECIAL | st.text() | st.integers() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def near(rules: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Give values that are built as the schema says, down to leaves that are anything."""
    if "properties" in rules:
        known = {key: near(rule) for key, rule in rules["properties"].items()}
        return st.fixed_dictionaries({}, optional={**known, "unknown": ANY}) | ANY
    if "items" in rules:
        return st.lists(near(rules["items"]), max_size=3) | ANY
    if isinstance(rules.get("additionalProperties"), dict):
        return st.dictionaries(st.text(), near(rules["additionalProperties"]), max_size=3) | ANY
    return st.sampled_from(rules["enum"]) | ANY if "enum" in rules else ANY


@pytest.mark.parametrize("kind", SCHEMAS)
@given(data=st.data())
def test_both_say_the_same_of_any_document(kind: str, data: st.DataObject) -> None:
    """Were ours laxer, the cloud would get what is wrong; were it stricter, nobody knew why."""
    document = data.draw(near(SCHEMAS[kind]))
    assert fits(SCHEMAS[kind], document) == _is_valid(SCHEMAS[kind], document)


@pytest.mark.parametrize("kind", SCHEMAS)
@given(data=st.data())
def test_both_say_the_same_of_each_property(kind: str, data: st.DataObject) -> None:
    """One by one, as of two wrong ones the second makes no difference."""
    rules = data.draw(st.sampled_from(list(SCHEMAS[kind]["properties"].values())))
    value = data.draw(near(rules))
    assert fits(rules, value) == _is_valid(rules, value)


def _is_valid(rules: dict[str, Any], document: object) -> bool:
    return jsonschema.Draft202012Validator(rules).is_valid(document)


def test_a_keyword_that_is_not_known_is_an_error() -> None:
    """A schema must not promise what nobody checks."""
    with pytest.raises(KeyError, match="multipleOf"):
        fits({"multipleOf": 2}, 3)
