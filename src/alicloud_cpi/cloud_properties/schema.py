"""Checks a cloud_properties document against its JSON schema, and reads its values.

Messages name the property and what was expected, never the value.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from jsonschema import ValidationError

logger = logging.getLogger(__name__)

_SCHEMAS = Path(__file__).with_name("schemas")

# Hashes whose keys are the operator's own.
_FREE_FORM = ("tags", "image_id")

_MAX_SHOWN = 64


class InvalidProperty(CloudError):
    """A property that the operator wrote cannot be used."""


class Properties:
    """A valid document; values are read as what they mean, however they were written."""

    def __init__(self, document: Mapping[str, Any], path: str) -> None:
        self._document = document
        self.path = path

    def __contains__(self, key: str) -> bool:
        return key in self._document

    def text(self, key: str, default: str = "") -> str:
        """Return a string; numbers are written out."""
        return str(self._document.get(key, default)).strip()

    def texts(self, key: str) -> list[str]:
        """Return a list of strings, each once, in the order written."""
        return list(dict.fromkeys(str(item) for item in self._document.get(key) or []))

    def integer(self, key: str, default: int = 0) -> int:
        """Return an integer."""
        return int(self._document.get(key, default))

    def number(self, key: str) -> float:
        """Return a number, 0 where there is none."""
        return float(self._document.get(key) or 0)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a boolean, which may be written as text of any case."""
        value = self._document.get(key)
        return default if value is None else str(value).lower() == "true"

    def mapping(self, key: str) -> dict[str, Any]:
        """Return a free-form hash, such as tags."""
        return dict(self._document.get(key) or {})

    def properties(self, key: str) -> Properties:
        """Return a nested document."""
        return Properties(self._document.get(key) or {}, f"{self.path}.{key}")

    def list_of_properties(self, key: str) -> list[Properties]:
        """Return a list of nested documents."""
        items = self._document.get(key) or []
        return [Properties(item, f"{self.path}.{key}[{i}]") for i, item in enumerate(items)]


def validate(kind: str, document: Mapping[str, Any] | None, path: str) -> Properties:
    """Return the document, without empty entries, once it matches the schema of its kind.

    An unknown key never fails; it is named once in the log.

    :param kind: ``vm``, ``disk``, ``network`` or ``stemcell``
    :param path: the name of the document in messages, such as ``cloud_properties``
    :raises InvalidProperty: naming the property and what was expected
    """
    schema = load_schema(kind)
    present: dict[str, Any] = _normal(schema, document or {})
    unknown = sorted(_unknown_keys(schema, present))
    if unknown:
        logger.warning("%s: unknown properties are ignored: %s", path, ", ".join(unknown))
    check(schema, present, path)
    return Properties(present, path)


def validate_part(kind: str, key: str, document: Mapping[str, Any], path: str) -> Properties:
    """Return a value of one property that is written elsewhere, such as a default of the job.

    :raises InvalidProperty: naming the property and what was expected
    """
    schema = load_schema(kind)["properties"][key]
    present: dict[str, Any] = _normal(schema, document)
    unknown = sorted(_unknown_keys(schema, present))
    if unknown:
        logger.warning("%s: unknown properties are ignored: %s", path, ", ".join(unknown))
    check(schema, present, path)
    return Properties(present, path)


def load_schema(kind: str) -> dict[str, Any]:
    """Return the schema of a kind of documents."""
    schema: dict[str, Any] = json.loads((_SCHEMAS / f"{kind}.json").read_bytes())
    return schema


def check(schema: Mapping[str, Any], document: Mapping[str, Any], path: str) -> None:
    """Return if the document matches the schema.

    :raises InvalidProperty: naming the property and what was expected
    """
    # Most calls carry no document, and it takes 76 ms to load (performance.md).
    from jsonschema import Draft202012Validator

    errors = list(Draft202012Validator(schema).iter_errors(document))
    if errors:
        raise InvalidProperty(_describe(min(errors, key=_depth), path))


def find_errors(
    kind: str, document: Mapping[str, Any], path: str, *, is_partial: bool = False
) -> list[str]:
    """Return all that ``validate`` would refuse, each with its property and what was expected.

    A value with a BOSH variable in it can be anything.

    :param is_partial: the Director merges the document with others, which may have what it requires
    """
    from jsonschema import Draft202012Validator

    schema = load_schema(kind)
    errors = Draft202012Validator(schema).iter_errors(_normal(schema, document))
    found = [
        _describe(error, path)
        for error in sorted(errors, key=_depth)
        if not (is_partial and error.validator == "required" and not error.absolute_path)
        and not is_variable(error.instance)
    ]
    return list(dict.fromkeys(found))


def is_valid(kind: str, document: Mapping[str, Any]) -> bool:
    """Whether ``validate`` would accept the document as it is."""
    from jsonschema import Draft202012Validator

    schema = load_schema(kind)
    return bool(Draft202012Validator(schema).is_valid(_normal(schema, document)))


def is_variable(value: Any) -> bool:
    """Whether a value is a BOSH variable, ``((name))``, or has one in it."""
    if isinstance(value, dict):
        return any(map(is_variable, value.values()))
    if isinstance(value, list):
        return any(map(is_variable, value))
    return isinstance(value, str) and "((" in value


def find_unknown(kind: str, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the unknown keys of a document, each with the nearest known one, or an empty one."""
    from difflib import get_close_matches

    schema = load_schema(kind)
    known = list(_dotted(schema))
    return [
        (key, next(iter(get_close_matches(key, known, n=1)), ""))
        for key in _unknown_keys(schema, _normal(schema, document))
    ]


def find_unused(kind: str, document: Mapping[str, Any]) -> list[str]:
    """Return the properties of a document that are known and have no effect."""
    properties = load_schema(kind)["properties"]
    return [
        key
        for key in document
        if properties.get(key, {}).get("description", "").startswith("Accepted and unused")
    ]


def _dotted(schema: Mapping[str, Any], where: str = "") -> Iterator[str]:
    for key, entry in schema.get("properties", {}).items():
        yield f"{where}{key}"
        yield from _dotted(entry, f"{where}{key}.")


def _normal(schema: Mapping[str, Any], value: Any) -> Any:
    """Return a value without empty entries, which YAML templates leave, and with numbers for texts.

    A text is a number where the schema has both types; its pattern says which texts are.
    """
    if isinstance(value, dict):
        known = schema.get("properties", {})
        return {
            key: item if key in _FREE_FORM else _normal(known.get(key, {}), item)
            for key, item in value.items()
            if item is not None and item != ""
        }
    if isinstance(value, list):
        return [_normal(schema.get("items", {}), item) for item in value]
    pattern = schema.get("pattern")
    if isinstance(value, str) and pattern and re.fullmatch(pattern, value):
        if "integer" in schema["type"]:
            return int(value.replace("_", ""))
        if "number" in schema["type"]:
            return float(value)
    return value


def _unknown_keys(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    known = schema.get("properties", {})
    for key, value in document.items():
        if key not in known:
            yield key[:_MAX_SHOWN]
        elif isinstance(value, dict) and key not in _FREE_FORM:
            yield from (f"{key}.{name}" for name in _unknown_keys(known[key], value))


def _depth(error: ValidationError) -> tuple[int, str]:
    """Order errors so that the outermost property comes first."""
    return len(error.absolute_path), str(error.absolute_path)


def _describe(error: ValidationError, path: str) -> str:
    schema: Any = error.schema
    if error.validator == "required":
        instance: Any = error.instance
        required: Any = error.validator_value
        missing = next(key for key in required if key not in instance)
        expected = schema["properties"][missing].get("expected", "given")
        return f"{_join(path, [*error.absolute_path, missing])} is required: {expected}"
    expected = schema.get("expected", "of another type")
    return f"{_join(path, error.absolute_path)} must be {expected}"


def _join(path: str, steps: Iterable[Any]) -> str:
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{str(step)[:_MAX_SHOWN]}"
    return path
