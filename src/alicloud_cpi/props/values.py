"""Reading checked JSON values as what they mean."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def boolean(document: Mapping[str, Any], key: str, default: bool) -> bool:  # noqa: FBT001
    """Return true or false, however it was written."""
    value = document.get(key)
    return default if value is None else str(value).lower() == "true"


def integer(document: Mapping[str, Any], key: str, default: int) -> int:
    """Return a whole number, written as a number or as text with optional underscores."""
    value = document.get(key)
    if value is None:
        return default
    return int(value.replace("_", "")) if isinstance(value, str) else int(value)


def text(document: Mapping[str, Any], key: str, default: str = "") -> str:
    """Return a text."""
    return str(document.get(key, default)).strip()


def texts(document: Mapping[str, Any], key: str) -> list[str]:
    """Return a list of texts."""
    return [str(item) for item in document.get(key) or []]
