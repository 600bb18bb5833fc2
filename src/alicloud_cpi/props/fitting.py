"""Whether a value fits a schema, for as much of JSON Schema as the schemas here use.

jsonschema says the same, as a test sees to, but takes 70 ms to load: it is asked only about what
does not fit, to word the error.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_KINDS: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}


def fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value fits a schema."""
    return all(_RULES[keyword](rule, value, schema) for keyword, rule in schema.items())


def _says_nothing(_rule: Any, _value: Any, _schema: Mapping[str, Any]) -> bool:
    return True


def _type(rule: Any, value: Any, _schema: Mapping[str, Any]) -> bool:
    return any(_is(kind, value) for kind in ([rule] if isinstance(rule, str) else rule))


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _KINDS[kind])


def _for(kind: str, check: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    """Return a rule that is about one kind of value and lets every other pass."""
    return lambda rule, value, _schema: not _is(kind, value) or check(rule, value)


def _others(rule: Any, value: Any, schema: Mapping[str, Any]) -> bool:
    if not isinstance(value, dict):
        return True
    known = schema.get("properties", {})
    return all(fits(rule, item) for key, item in value.items() if key not in known)


# A keyword that is not here is an error: a schema must not promise what nobody checks.
_RULES: dict[str, Callable[[Any, Any, Mapping[str, Any]], bool]] = {
    "$schema": _says_nothing,
    "title": _says_nothing,
    "description": _says_nothing,
    "expected": _says_nothing,
    "type": _type,
    "enum": lambda rule, value, _schema: value in rule,
    "pattern": _for("string", lambda rule, text: re.search(rule, text) is not None),
    "minLength": _for("string", lambda rule, text: len(text) >= rule),
    "maxLength": _for("string", lambda rule, text: len(text) <= rule),
    "minimum": _for("number", lambda rule, number: number >= rule),
    "maximum": _for("number", lambda rule, number: number <= rule),
    "items": _for("array", lambda rule, items: all(fits(rule, item) for item in items)),
    "required": _for("object", lambda rule, found: all(key in found for key in rule)),
    "properties": _for(
        "object",
        lambda rule, found: all(fits(rule[key], found[key]) for key in found if key in rule),
    ),
    "additionalProperties": _others,
}
