"""Reads cloud-configs and manifests: YAML with BOSH variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from alicloud_cpi.errors import CpiError

_VARIABLE = re.compile(r"\(\(!?([\w/.-]+)\)\)")

# Some hundred times as many as a large deployment has.
_MOST_VALUES = 1_000_000


def read_document(path: Path, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the values of its variables; others stay as they are.

    :raises CpiError: it cannot be read, or is no YAML object
    """
    try:
        document = _read(path)
        if _count(document, {}) > _MOST_VALUES:
            raise CpiError(f"'{path}' has more than {_MOST_VALUES} values, with its aliases")
        document = _filled(document, variables)
    except RecursionError:
        raise CpiError(f"'{path}' has an alias that contains itself") from None
    if not isinstance(document, dict):
        raise CpiError(f"'{path}' is not a YAML object")
    return document


def read_variables(pairs: Iterable[str], paths: Iterable[Path]) -> dict[str, Any]:
    """Return the variables of ``NAME=VALUE`` texts and of files; the texts win.

    :raises CpiError: a text without ``=``, or a file that is no YAML object
    """
    found: dict[str, Any] = {}
    for path in paths:
        found |= read_document(path, {})
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            raise CpiError("-v must be NAME=VALUE")
        found[name] = _load(value, "-v")
    return found


def _read(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise CpiError(f"Cannot read '{path}': {error.strerror}") from None
    except UnicodeDecodeError:
        raise CpiError(f"'{path}' is not YAML: it is not UTF-8") from None
    return _load(text, f"'{path}'")


def _load(text: str, name: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        # The parser's own message can quote the document.
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "its characters"
        raise CpiError(f"{name} is not YAML: see {where}") from None
    except (RecursionError, ValueError):
        raise CpiError(f"{name} is not YAML that can be read") from None


def _count(value: Any, counted: dict[int, int]) -> int:
    """Return how many values there are when aliases are written out: ten lines can make billions.

    :param counted: the objects and arrays that were counted, by their ``id``
    """
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) not in counted:
        items = value.values() if isinstance(value, dict) else value
        counted[id(value)] = 1 + sum(_count(item, counted) for item in items)
    return counted[id(value)]


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return a value with its variables replaced: a whole one by its value of any type.

    Names that YAML reads as numbers or booleans are texts, as in JSON.
    """
    if isinstance(value, dict):
        return {str(key): _filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    whole = _VARIABLE.fullmatch(value)
    if whole:
        return variables.get(whole[1], value)
    return _VARIABLE.sub(lambda found: str(variables.get(found[1], found[0])), value)
