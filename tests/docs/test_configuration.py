"""docs/configuration.md has every property; test_site.py checks that its tables are current."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

import yaml

from alicloud_cpi.config import SERVICES
from docs.documents import ROOT, code, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "docs/configuration.md"
SCHEMAS = {
    path: json.loads(path.read_bytes())
    for path in (ROOT / "src" / "alicloud_cpi" / "cloud_properties" / "schemas").glob("*.json")
}

# In the page's text, as the job has no such property.
IN_TEXT = "alicloud.metadata_endpoint"


def listed() -> list[str]:
    """List the first column of the page's tables."""
    rows = [line for line in pages()[PAGE].splitlines() if line.startswith("| `")]
    return [code(row)[0] for row in rows]


def test_every_property_of_the_job_is_listed_once() -> None:
    """In the table of one section, and no other name with them."""
    declared = yaml.safe_load((ROOT / "jobs" / "alicloud_cpi" / "spec").read_text("utf-8"))
    found = [name for name in listed() if name in declared["properties"]]
    assert sorted(found) == sorted(declared["properties"])


def test_no_description_ends_with_two_periods() -> None:
    """An example that follows a description begins a sentence of its own."""
    assert [line for line in pages()[PAGE].splitlines() if ".. " in line] == []


def test_every_schema_has_a_table() -> None:
    """One per kind of cloud_properties, and two of what the agent reads."""
    kinds = {"vm", "disk", "network", "managed_network", "stemcell", "env", "agent_network"}
    assert {path.stem for path in SCHEMAS} == kinds
    for path in SCHEMAS:
        assert f"<!-- from {path.name} -->" in pages()[PAGE]


def properties(name: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the properties of a schema, also those of nested objects, by their path."""
    for key, entry in schema.get("properties", {}).items():
        yield f"{name}.{key}", entry
        yield from properties(f"{name}.{key}", entry)
        yield from properties(f"{name}.{key}[]", entry.get("items", {}))


def subschemas(name: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema that can refuse a value, by its path."""
    yield name, schema
    for key, entry in schema.get("properties", {}).items():
        yield from subschemas(f"{name}.{key}", entry)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from subschemas(f"{name}[]", schema[keyword])


def test_every_property_has_a_description() -> None:
    """The name alone is not enough."""
    found = [entry for path, schema in SCHEMAS.items() for entry in properties(path.stem, schema)]
    assert [where for where, entry in found if not entry.get("description")] == []


def test_every_schema_says_what_is_expected() -> None:
    """The words after "must be" in the message for a value that is refused."""
    found = [entry for path, schema in SCHEMAS.items() for entry in subschemas(path.stem, schema)]
    assert [where for where, entry in found if not entry.get("expected")] == []


def test_every_key_that_the_configuration_reads_is_listed() -> None:
    """What config.py reads from cpi.json is a property of the job, or named in the text."""
    tree = ast.parse((ROOT / "src" / "alicloud_cpi" / "config.py").read_bytes())
    read = {
        str(call.args[1].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("_text", "_texts", "_boolean", "_credential")
        and len(call.args) == 2
        and isinstance(call.args[1], ast.Constant)
    }
    keys = {f"alicloud.{key}" for key in read} | {f"alicloud.{name}_endpoint" for name in SERVICES}
    assert len(read) > 8
    assert keys - set(listed()) == {IN_TEXT}
    assert f"`{IN_TEXT}`" in pages()[PAGE]
