"""The entries of a cloud-config or manifest, and the references among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from alicloud_cpi.tools.findings import ERROR, Finding

SECTIONS = (
    *("azs", "vm_types", "vm_extensions", "disk_types", "networks", "instance_groups"),
    *("resource_pools", "disk_pools"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A named entry of a section."""

    where: str
    name: str
    content: Mapping[str, Any]

    @property
    def properties(self) -> dict[str, Any]:
        """Its cloud_properties; empty where they are missing or no object."""
        return as_object(self.content.get("cloud_properties"))


class CloudConfig:
    """The sections of a document whose entries are objects with names, and what is wrong there."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.problems: list[Finding] = []
        self._used: set[str] = set()
        self._entries = {name: list(self._read(name)) for name in SECTIONS}

    def __contains__(self, section: str) -> bool:
        return section in self.document

    def section(self, name: str) -> list[Entry]:
        """Return the entries of a section."""
        return self._entries[name]

    def named(self, section: str, name: object, where: str) -> Entry | None:
        """Return the entry that another one names; a finding where the section has none such.

        A document without the section is merged with another one that has it.
        """
        found = [entry for entry in self._entries[section] if entry.name == name]
        self._used.update(entry.where for entry in found)
        if not found and section in self.document:
            names = [entry.name for entry in self._entries[section]]
            nearest = get_close_matches(str(name), names, n=1)
            hint = f"; did you mean '{nearest[0]}'?" if nearest else ""
            self.problems.append(Finding(ERROR, where, f"{section} has no '{name}'{hint}"))
        return found[0] if found else None

    def subnets(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the subnets of all networks, and where they stand."""
        for network in self._entries["networks"]:
            for number, subnet in enumerate(as_objects(network.content.get("subnets"))):
                yield f"{network.where}.subnets[{number}]", subnet

    def unused(self) -> Iterator[Entry]:
        """Yield the entries that nothing has named."""
        for section in SECTIONS:
            for entry in self._entries[section]:
                if entry.where not in self._used:
                    yield entry

    def _read(self, section: str) -> Iterator[Entry]:
        entries = self.document.get(section)
        if entries is None:
            return
        if not isinstance(entries, list):
            self.problems.append(Finding(ERROR, section, "must be an array"))
            return
        for number, content in enumerate(entries):
            where = f"{section}[{number}]"
            name = content.get("name") if isinstance(content, dict) else None
            if not isinstance(name, str):
                self.problems.append(Finding(ERROR, where, "must be an object with a name"))
                continue
            yield self._entry(f"{section}.{name}", name, content)

    def _entry(self, where: str, name: str, content: dict[str, Any]) -> Entry:
        properties = content.get("cloud_properties")
        if properties is not None and not isinstance(properties, dict):
            self.problems.append(Finding(ERROR, where, "cloud_properties must be an object"))
        return Entry(where, name, content)


def as_object(value: Any) -> dict[str, Any]:
    """Return an object; empty for anything else."""
    return dict(value) if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of an array."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_texts(value: Any) -> list[str]:
    """Return the texts of an array, or of one text."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def azs_of(content: Mapping[str, Any]) -> list[str]:
    """Return the names of the AZs of a subnet."""
    return as_texts(content.get("azs") or content.get("az"))
