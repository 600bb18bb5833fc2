"""Checking a cloud_properties document against its schema, in the operator's words."""

from __future__ import annotations

import os

from alicloud_cpi import log, quick_json
from alicloud_cpi.errors import CloudError
from alicloud_cpi.props.fitting import fits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

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
    schema = _schema(kind)
    present: dict[str, Any] = _without_empty(document or {})
    unknown = sorted(_unknown(schema, present))
    if unknown:
        log.warning("%s: unknown properties are ignored: %s", where, ", ".join(unknown))
    if not fits(schema, present):
        _refuse(schema, present, where)
    return present


def _schema(kind: str) -> dict[str, Any]:
    path = f"{os.path.dirname(__file__)}/schemas/{kind}.json"  # noqa: PTH120 - as below
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes longer than the check
        schema: dict[str, Any] = quick_json.loads(file.read())
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


def _refuse(schema: Mapping[str, Any], document: Mapping[str, Any], where: str) -> None:
    """Name the outermost property that does not fit."""
    import jsonschema

    errors = jsonschema.Draft202012Validator(schema).iter_errors(document)
    raise InvalidProperty(_told(min(errors, key=_depth), where))


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
