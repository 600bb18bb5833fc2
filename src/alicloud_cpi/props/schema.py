"""Checking a cloud_properties document against its schema, in the operator's words."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_log = logging.getLogger(__name__)

# Hashes whose keys are the operator's own.
_FREE = ("tags", "image_id")


class InvalidProperty(CloudError):
    """A property that the operator wrote cannot be used."""


def checked(kind: str, document: Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    """Return the document without empty entries, once it fits the schema of its kind.

    A key that the schema does not know never fails: it is named once in the log.

    :param kind: ``vm``, ``disk``, ``network`` or ``stemcell``
    :param where: what messages call the document, such as ``cloud_properties``
    :raises InvalidProperty: naming the property and what was expected
    """
    import jsonschema

    schema = _schema(kind)
    present: dict[str, Any] = _without_empty(document or {})
    unknown = sorted(_unknown(schema, present))
    if unknown:
        _log.warning("%s: unknown properties are ignored: %s", where, ", ".join(unknown))
    validator = jsonschema.Draft202012Validator(schema)
    error = next(iter(sorted(validator.iter_errors(present), key=_depth)), None)
    if error is not None:
        raise InvalidProperty(_told(error, where))
    return present


def _schema(kind: str) -> dict[str, Any]:
    path = Path(__file__).parent / "schemas" / f"{kind}.json"
    schema: dict[str, Any] = json.loads(path.read_bytes())
    return schema


def _without_empty(value: Any) -> Any:
    """Drop what YAML leaves behind: keys without a value, and empty strings."""
    if not isinstance(value, dict):
        return value
    return {
        key: item if key in _FREE else _without_empty(item)
        for key, item in value.items()
        if item is not None and item != ""
    }


def _unknown(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterable[str]:
    known = schema.get("properties", {})
    for key, value in document.items():
        if key not in known:
            yield key[:64]
        elif isinstance(value, dict) and key not in _FREE:
            yield from (f"{key}.{name}" for name in _unknown(known[key], value))


def _depth(error: Any) -> tuple[int, str]:
    return len(error.absolute_path), str(error.absolute_path)


def _told(error: Any, where: str) -> str:
    """Word a violation: the property's path and what was expected, never its value."""
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        expected = error.schema["properties"][missing].get("expected", "given")
        return f"{_path(where, [*error.absolute_path, missing])} is required: {expected}"
    expected = error.schema.get("expected", "of another kind")
    return f"{_path(where, error.absolute_path)} must be {expected}"


def _path(where: str, steps: Iterable[Any]) -> str:
    path = where
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path
