"""Reads the members of a response with type checks.

A response whose members have other types than the API documents is a CloudError that names the
action and the member, never a crash and never "there is none".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from alicloud_cpi.errors import CloudError

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class MalformedResponse(CloudError):
    """A member of a response is missing or has the wrong type."""


class Fields:
    """One object of a response. An absent or null member gives the default."""

    def __init__(self, action: str, values: Mapping[str, Any], path: str = "") -> None:
        self._action = action
        self._values = values
        self._path = path

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Return a string."""
        return self._typed(name, str, "a string", default)

    def resource_id(self, name: str) -> str:
        """Return the id of a resource, which the response must have.

        :raises MalformedResponse: there is none, or it is no id
        """
        value = self._values.get(name)
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise self._malformed(name, "the id of a resource")
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """Return an integer."""
        return self._typed(name, int, "an integer", default)

    def number(self, name: str, default: float = 0.0) -> float:
        """Return a number."""
        return float(self._typed(name, (int, float), "a number", default))

    def flag(self, name: str) -> bool:
        """Return a boolean, False where it is absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._malformed(name, "a boolean")
        return bool(value)

    def fields(self, name: str) -> Fields:
        """Return a nested object, empty where it is absent."""
        members: dict[str, Any] = self._typed(name, dict, "an object", {})
        return Fields(self._action, members, f"{self._path}{name}.")

    def records(self, *path: str) -> list[Fields]:
        """Return the objects of a list, such as ``records("Disks", "Disk")``."""
        name, *rest = path
        if rest:
            return self.fields(name).records(*rest)
        items = self._list(name, dict, "an array of objects")
        return [Fields(self._action, item, f"{self._path}{name}[].") for item in items]

    def texts(self, *path: str) -> list[str]:
        """Return the strings of a list, such as ``texts("ZoneIds", "ZoneId")``."""
        name, *rest = path
        if rest:
            return self.fields(name).texts(*rest)
        return self._list(name, str, "an array of strings")

    def require(self, *path: str) -> None:
        """Check that a list is there; it may be empty.

        :raises MalformedResponse: it is missing
        """
        name, *rest = path
        if name not in self:
            raise self._malformed(name, "an object" if rest else "an array")
        if rest:
            self.fields(name).require(*rest)

    def tags(self) -> dict[str, str]:
        """Return the tags of a resource."""
        return {tag.text("TagKey"): tag.text("TagValue") for tag in self.records("Tags", "Tag")}

    def _list(self, name: str, kind: type, expected: str) -> list[Any]:
        items: list[Any] = self._typed(name, list, expected, [])
        if not all(isinstance(item, kind) for item in items):
            raise self._malformed(name, expected)
        return items

    def _typed(self, name: str, types: type | tuple[type, ...], expected: str, default: T) -> T:
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, types):
            raise self._malformed(name, expected)
        return value  # type: ignore[no-any-return] # checked by isinstance

    def _malformed(self, name: str, expected: str) -> MalformedResponse:
        return MalformedResponse(
            f"The response to {self._action} is malformed: {self._path}{name} must be {expected}"
        )
