"""Tables of properties: cloud_properties from their schemas, the job's from its spec."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCHEMAS = Path("src/alicloud_cpi/cloud_properties/schemas")
SPEC = Path("jobs/alicloud_cpi/spec")


def table(root: Path, source: str) -> str:
    """Return the table of a source: a schema's file name, or ``spec:PREFIX`` for the job's.

    A prefix picks the properties that begin with it; several are joined by commas.
    """
    kind, _, prefixes = source.partition(":")
    if kind == "spec":
        found = yaml.safe_load((root / SPEC).read_text("utf-8"))["properties"]
        picked = ((name, found[name]) for name in found if name.startswith(_each(prefixes)))
        return _markdown(("Property", "Meaning", "Default"), _job_rows(picked))
    schema = json.loads((root / SCHEMAS / source).read_bytes())
    return _markdown(("Property", "Meaning", "Value"), _schema_rows(schema))


def _each(prefixes: str) -> tuple[str, ...]:
    return tuple(prefixes.split(","))


def _schema_rows(schema: dict[str, Any], where: str = "") -> Iterator[tuple[str, ...]]:
    """Yield a row per property, those of nested objects after the object."""
    for name, entry in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        meaning = ("**Required.** " if required else "") + entry["description"]
        yield f"`{where}{name}`", meaning, entry["expected"]
        yield from _schema_rows(entry, f"{where}{name}.")
        yield from _schema_rows(entry.get("items", {}), f"{where}{name}[].")


def _job_rows(properties: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, ...]]:
    for name, entry in properties:
        meaning = " ".join(entry["description"].split())
        example = entry.get("example")
        if example is not None and "\n" not in str(example):
            meaning = f"{meaning.rstrip('.')}. Example: `{_shown(example)}`"
        default = f"`{_shown(entry['default'])}`" if "default" in entry else ""
        yield f"`{name}`", meaning, default


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines
    )
