"""Reads cpi.json, the file that the job renders.

``config`` gives its content a meaning; ``info`` needs only this module.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from alicloud_cpi.errors import CpiError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike


def read_config_file(path: str | PathLike[str]) -> dict[str, Any]:
    """Read cpi.json. Any JSON object is accepted; its content is checked where it is used.

    :raises CpiError: the file cannot be read or is not a JSON object
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - `info` runs before every call; pathlib is half of it
            document = json.loads(file.read())
    except OSError as error:
        raise CpiError(f"Cannot read the configuration '{path}': {error.strerror}") from None
    except json.JSONDecodeError as error:
        # The parser's own message can quote the document.
        where = f"line {error.lineno}, column {error.colno}"
        raise CpiError(f"The configuration '{path}' is not JSON: see {where}") from None
    except (ValueError, RecursionError):
        raise CpiError(f"The configuration '{path}' is not JSON") from None
    if not isinstance(document, dict):
        raise CpiError(f"The configuration '{path}' is not a JSON object")
    return document


def dig(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a nested object, empty when it is absent or null.

    :raises CpiError: naming the key whose value is no object
    """
    found: Any = document
    for depth, key in enumerate(keys, start=1):
        found = found.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise CpiError(f"{'.'.join(keys[:depth])} in the configuration must be an object")
    return dict(found)
