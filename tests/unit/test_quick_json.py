"""The quick way to read and write JSON is the package's own, for every text and every value."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicloud_cpi import quick_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
# Pieces of JSON in any order: most texts are wrong, and some of them only just.
PIECES = st.lists(
    st.sampled_from(
        [*'{}[],: "\\', "\t", "\n", "\x00", "\ufeff", '"a"', '"\\ud800"', '"\\u00e9"', "é", "漢"]
    )
    | st.sampled_from(
        ["1", "-0", "1.5", "1e999", "01", "NaN", "-Infinity", "true", "null", "nul", '{"a": 1}']
    )
).map("".join)


def outcome(function: Any, argument: object) -> tuple[str, object]:
    """Return what a function returns, or the error that it raises."""
    try:
        # As text, in which NaN is equal to itself and 1.0 is not to 1.
        return "returned", repr(function(argument))
    except Exception as error:  # noqa: BLE001 - every one has to be the same
        return type(error).__name__, str(error)


@given(VALUES)
def test_a_value_is_written_as_json_writes_it(value: object) -> None:
    """To the last space: the answer of the CPI is this text."""
    assert quick_json.dumps(value) == json.dumps(value)


@given(VALUES, st.sampled_from(["", " ", "\r\n\t"]), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_a_document_is_read_as_json_reads_it(value: object, space: str, encoding: str) -> None:
    """In each encoding that JSON may have, with spaces around it."""
    text = f"{space}{json.dumps(value)}{space}".encode(encoding)
    assert outcome(quick_json.loads, text) == outcome(json.loads, text)


@given(PIECES.map(str.encode) | st.binary())
def test_a_wrong_document_is_refused_in_the_same_words(text: bytes) -> None:
    """And what json takes although it is none, such as NaN, is taken."""
    assert outcome(quick_json.loads, text) == outcome(json.loads, text)


@pytest.mark.parametrize("value", [object(), {1, 2}, {(1,): 2}, b"x", [..., 1]])
def test_a_value_that_json_has_no_word_for_is_refused_in_the_same_words(value: object) -> None:
    """It is a bug, whose traceback must tell the same."""
    assert outcome(quick_json.dumps, value) == outcome(json.dumps, value)


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000])
def test_a_document_that_is_too_much_is_refused_in_the_same_way(text: bytes) -> None:
    """Too deep, or a number of too many digits."""
    assert outcome(quick_json.loads, text)[0] == outcome(json.loads, text)[0] != "returned"


def test_the_c_code_alone_reads_and_writes_what_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise nothing would be quick: where json cannot be imported, it is not needed."""
    monkeypatch.setitem(sys.modules, "json", None)
    assert quick_json.loads(b' {"a": [1, 2.5, "\\u00e9", null, true]} \n') == {
        "a": [1, 2.5, "é", None, True]
    }
    assert quick_json.dumps({"a": ["é", None, 1.5]}) == '{"a": ["\\u00e9", null, 1.5]}'


def test_a_constant_that_is_no_json_can_be_refused() -> None:
    """As json.loads lets its caller decide."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    with pytest.raises(ValueError, match="NaN"):
        quick_json.loads(b"[NaN]", refuse)
