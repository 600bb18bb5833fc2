"""Checks what is sent to the control API; a wrong value is named, with what was expected.

A Check takes a value and says what was expected instead; empty if the value is right.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

Check = Callable[[Any], str]
LONGEST_SHOWN = 60
MOST_CALLS = 10**9
MOST_DIGITS = 15
LAST_LATIN1 = "\xff"
MOST_SECONDS = 100 * 365 * 24 * 3600.0
"""The world's clock stays within the years that Python's datetime knows."""


def read(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    :raises ValueError: it is something else
    """
    if not body:
        return {}
    try:
        document = json.loads(body)
    except RecursionError:
        raise ValueError("the body is nested too deep: expected a JSON object") from None
    except ValueError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise ValueError(  # noqa: TRY004 - the type is right, what it holds is not
            f"the body is {shown(document)}: expected a JSON object"
        )
    return document


def check(
    given: Mapping[str, Any], checks: Mapping[str, Check], required: Collection[str] = ()
) -> None:
    """Check each value by its name.

    :raises ValueError: an unknown or wrong or missing one
    """
    for name, value in given.items():
        if name not in checks:
            raise ValueError(f"{shown(name)} is unknown: {choice(name, checks)}")
        expected = checks[name](value)
        if expected:
            raise ValueError(f"{name} is {shown(value)}: expected {expected}")
    for name in required:
        if name not in given:
            raise ValueError(f"{name} is missing: it has to be given")


def choice(given: str, known: Collection[str]) -> str:
    """Say what something misspelt may have been, or what there is."""
    otherwise = f"expected one of {', '.join(sorted(known))}" if known else "expected nothing"
    return near(given, known, otherwise)


def near(given: str, known: Collection[str], otherwise: str = "GET /_sim/actions lists all") -> str:
    """Say what something misspelt may have been."""
    found = difflib.get_close_matches(given, list(known), 1)
    return f"did you mean {found[0]}?" if found else otherwise


def shown(value: Any) -> str:
    """Write a value as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def number(least: float, most: float, what: str = "a number") -> Check:
    """Expect a number within bounds."""

    def expected(value: Any) -> str:
        right = isinstance(value, (int, float)) and not isinstance(value, bool)
        return "" if right and least <= value <= most else f"{what} from {least:.0f} to {most:.0f}"

    return expected


def whole(least: int, most: int) -> Check:
    """Expect a whole number within bounds."""

    def expected(value: Any) -> str:
        right = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if right else f"a whole number from {least} to {most}"

    return expected


def one_of(*known: str) -> Check:
    """Expect one of some texts."""
    return lambda value: "" if value in known else f"one of {', '.join(known)}"


def optional(inner: Check) -> Check:
    """Expect null or what another check wants."""
    return lambda value: "" if value is None else inner(value)


def table(inner: Check, what: str) -> Check:
    """Expect an object whose values another check wants."""

    def expected(value: Any) -> str:
        right = isinstance(value, dict) and not any(map(inner, value.values()))
        return "" if right else f"an object of {what}"

    return expected


def rows(inner: Check, what: str) -> Check:
    """Expect a list of what another check wants."""

    def expected(value: Any) -> str:
        right = isinstance(value, list) and not any(map(inner, value))
        return "" if right else f"a list of {what}"

    return expected


def flag(value: Any) -> str:
    """Expect true or false."""
    return "" if isinstance(value, bool) else "true or false"


def text(value: Any) -> str:
    """Expect a text."""
    return "" if isinstance(value, str) else "a text"


def digits(value: Any) -> str:
    """Expect a whole number, written in digits."""
    right = isinstance(value, str) and value.isascii() and value.isdecimal()
    return "" if right and len(value) <= MOST_DIGITS else "a whole number, 0 or more"


def header_text(value: Any) -> str:
    """Expect what a header line can hold."""
    right = isinstance(value, str) and value.isprintable() and max(value, default="") <= LAST_LATIN1
    return "" if right else "printable Latin-1"


def filled(value: Any) -> str:
    """Expect a text that is not empty."""
    return "" if isinstance(value, str) and value else "a text that is not empty"


def some_object(value: Any) -> str:
    """Expect an object."""
    return "" if isinstance(value, dict) else "an object"


seconds = number(0, MOST_SECONDS, "a number of seconds")
texts = rows(text, "texts")
objects = rows(some_object, "objects")
text_table = table(text, "texts")


def headers(value: Any) -> str:
    """Expect an object of header lines."""
    right = isinstance(value, dict) and not any(map(header_text, (*value, *value.values())))
    return "" if right else "an object of texts in printable Latin-1"
