"""docs/configuration.md tells of every property; that its tables are current, test_site.py says."""

from __future__ import annotations

import ast
import json
from typing import Any

import yaml

from alicloud_cpi.config import SERVICES
from docs.documents import ROOT, code, pages

PAGE = "docs/configuration.md"
SCHEMAS = ROOT / "src" / "alicloud_cpi" / "props" / "schemas"

# Named in the page's text, as the job has no such property.
IN_TEXT = "alicloud.metadata_endpoint"


def told() -> list[str]:
    """List the first column of the page's tables."""
    rows = [line for line in pages()[PAGE].splitlines() if line.startswith("| `")]
    return [code(row)[0] for row in rows]


def test_every_property_of_the_job_stands_once() -> None:
    """In the table of one section, and no other name with them."""
    declared = yaml.safe_load((ROOT / "jobs" / "alicloud_cpi" / "spec").read_text("utf-8"))
    dotted = [name for name in told() if name in declared["properties"]]
    assert sorted(dotted) == sorted(declared["properties"])


def test_every_schema_has_a_table() -> None:
    """All of them are in the page."""
    for path in SCHEMAS.glob("*.json"):
        assert f"<!-- from {path.name} -->" in pages()[PAGE]


def silent(where: str, schema: dict[str, Any]) -> list[str]:
    """List the properties of a schema that nothing is said of."""
    found = []
    for name, entry in schema.get("properties", {}).items():
        place = f"{where}.{name}"
        found += [] if entry.get("description") else [place]
        found += silent(place, entry) + silent(place, entry.get("items", {}))
    return found


def test_everything_has_a_description() -> None:
    """A name alone says nothing."""
    schemas = {path.stem: json.loads(path.read_bytes()) for path in SCHEMAS.glob("*.json")}
    assert [place for kind, schema in schemas.items() for place in silent(kind, schema)] == []


def test_every_key_that_the_configuration_reads_is_told() -> None:
    """What config.py asks cpi.json for is a property of the job, or named in the text."""
    tree = ast.parse((ROOT / "src" / "alicloud_cpi" / "config.py").read_bytes())
    read = {
        str(call.args[1].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("_text", "_texts", "_boolean", "_key")
        and len(call.args) == 2
        and isinstance(call.args[1], ast.Constant)
    }
    keys = {f"alicloud.{key}" for key in read} | {f"alicloud.{name}_endpoint" for name in SERVICES}
    assert len(read) > 8
    assert keys - set(told()) == {IN_TEXT}
    assert f"`{IN_TEXT}`" in pages()[PAGE]
