"""Reads the members of a response with type checks.

A response whose members have other types than the API documents, or lack what it always has, is
an ApiError that names the action and the member, never a crash and never "there is none".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from alicloud_cpi.aliyun.errors import MALFORMED, ApiError

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class _Malformed(Exception):
    """A member of a response is missing or has the wrong type; the text quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The request that a response is to, for messages."""

    action: str
    region: str
    subject: str = ""
    request_id: str = ""


class Fields:
    """One object of a response. An absent or null member gives the default."""

    def __init__(self, origin: Origin, values: Mapping[str, Any], path: str = "") -> None:
        self._origin = origin
        self._values = values
        self._path = path

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Return a string."""
        return self._typed(name, str, "a string", default)

    def required_text(self, name: str) -> str:
        """Return a string that the response always has, such as a status.

        :raises ApiError: there is none, or it is empty
        """
        value = self.text(name)
        if not value:
            raise self.malformed(name, "a non-empty string")
        return value

    def resource_id(self, name: str) -> str:
        """Return the id of a resource, which the response must have.

        :raises ApiError: there is none, or it is no id
        """
        value = self._values.get(name)
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise self.malformed(name, "the id of a resource")
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """Return an integer."""
        return self._typed(name, int, "an integer", default)

    def required_integer(self, name: str) -> int:
        """Return an integer that the response always has, such as a size.

        :raises ApiError: there is none
        """
        if name not in self:
            raise self.malformed(name, "an integer")
        return self.integer(name)

    def number(self, name: str, default: float = 0.0) -> float:
        """Return a number."""
        try:
            return float(self._typed(name, (int, float), "a number", default))
        except OverflowError:
            raise self.malformed(name, "a number") from None

    def ip_range(self, name: str, version: int) -> str:
        """Return an address or a range of an IP version as text, empty where it is absent."""
        found = self.text(name)
        self._check_ip_ranges(name, [found], version)
        return found

    def ip_ranges(self, *path: str, version: int) -> list[str]:
        """Return the addresses and ranges of a list as texts."""
        found = self.texts(*path)
        self._check_ip_ranges(".".join(path), found, version)
        return found

    def flag(self, name: str) -> bool:
        """Return a boolean, False where it is absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.malformed(name, "a boolean")
        return bool(value)

    def fields(self, name: str) -> Fields:
        """Return a nested object, empty where it is absent."""
        members: dict[str, Any] = self._typed(name, dict, "an object", {})
        return Fields(self._origin, members, f"{self._path}{name}.")

    def records(self, *path: str) -> list[Fields]:
        """Return the objects of a list, such as ``records("Disks", "Disk")``."""
        name, *rest = path
        if rest:
            return self.fields(name).records(*rest)
        items = self._list(name, dict, "an array of objects")
        return [Fields(self._origin, item, f"{self._path}{name}[].") for item in items]

    def record_of(self, id_name: str, wanted: str, *path: str) -> Fields | None:
        """Return the record of the one resource that was asked for, or None where there is none.

        :raises ApiError: a record is another resource's
        """
        for record in (records := self.records(*path)):
            if record.text(id_name) != wanted:
                raise record.malformed(id_name, "the one that was asked for")
        return next(iter(records), None)

    def texts(self, *path: str) -> list[str]:
        """Return the strings of a list, such as ``texts("ZoneIds", "ZoneId")``."""
        name, *rest = path
        if rest:
            return self.fields(name).texts(*rest)
        return self._list(name, str, "an array of strings")

    def require(self, *path: str, filled: bool = False) -> None:
        """Check that a list is there; it may be empty, unless it has to be ``filled``.

        :raises ApiError: it is missing, or empty
        """
        name, *rest = path
        if name not in self:
            raise self.malformed(name, "an object" if rest else "an array")
        if rest:
            self.fields(name).require(*rest, filled=filled)
        elif filled and not self._values[name]:
            raise self.malformed(name, "an array of what TotalCount counts")

    def tags(self) -> dict[str, str]:
        """Return the tags of a resource."""
        return {tag.text("TagKey"): tag.text("TagValue") for tag in self.records("Tags", "Tag")}

    def _check_ip_ranges(self, name: str, found: list[str], version: int) -> None:
        from ipaddress import IPv4Network, IPv6Network  # most calls read none

        network = {4: IPv4Network, 6: IPv6Network}[version]
        try:
            for text in filter(None, found):
                network(text)
        except ValueError:
            raise self.malformed(name, f"an IPv{version} address or range") from None

    def _list(self, name: str, kind: type, expected: str) -> list[Any]:
        items: list[Any] = self._typed(name, list, expected, [])
        if not all(isinstance(item, kind) for item in items):
            raise self.malformed(name, expected)
        return items

    def _typed(self, name: str, types: type | tuple[type, ...], expected: str, default: T) -> T:
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, types):
            raise self.malformed(name, expected)
        return value  # type: ignore[no-any-return] # checked by isinstance

    def malformed(self, name: str, expected: str) -> ApiError:
        """Return the error for a member that is not as expected."""
        cause = _Malformed(f"the response has no usable {self._path}{name}: it must be {expected}")
        return ApiError(
            action=self._origin.action,
            subject=self._origin.subject,
            region=self._origin.region,
            code=MALFORMED,
            text=str(cause),
            request_id=self._origin.request_id,
        )
