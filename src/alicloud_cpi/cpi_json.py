"""cpi.json, rendered by the job: read as it is, and the one setting that ``info`` asks for.

What it configures is for ``config`` to say; ``info`` needs nothing of that.
"""

from __future__ import annotations

from alicloud_cpi import quick_json
from alicloud_cpi.errors import CpiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from typing import Any


def load(path: str | PathLike[str]) -> dict[str, Any]:
    """Read cpi.json: any JSON object will do, its content is judged when it is used.

    :raises CpiError: the file cannot be read or is not a JSON object
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs `info` half of its time
            document = quick_json.loads(file.read())
    except OSError as error:
        raise CpiError(f"Cannot read the configuration '{path}': {error.strerror}") from None
    except (ValueError, RecursionError):
        # The parser's own words are left out: they quote the document.
        raise CpiError(f"The configuration '{path}' is not JSON") from None
    if not isinstance(document, dict):
        raise CpiError(f"The configuration '{path}' is not a JSON object")
    return document


def advertised_api_version(document: Mapping[str, Any], highest: int) -> int:
    """Return the API version to advertise: ``debug.cpi.api_version`` may lower the highest one."""
    debug = dig(document, "cloud", "properties", "debug", "cpi")
    wanted = debug.get("api_version")
    if wanted in (None, ""):
        return highest
    version = _integer(wanted, "debug.cpi.api_version")
    if version < 1:
        raise CpiError("debug.cpi.api_version must be a positive integer")
    return min(version, highest)


def dig(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a nested object; absent or null is empty, anything else is refused by name."""
    found: Any = document
    for depth, key in enumerate(keys, start=1):
        found = found.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise CpiError(f"{'.'.join(keys[:depth])} in the configuration must be an object")
    return dict(found)


def _integer(value: object, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.strip().isdigit():
        return int(value)
    raise CpiError(f"{name} must be a positive integer")
