"""JSON and YAML in the documents can be parsed, and the CPI accepts what is for it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from alicloud_sim.__main__ import cpi_settings
from alicloud_sim.seed import OTHER_KEY_ID, OTHER_KEY_SECRET
from docs.documents import ROOT, Block, blocks

if TYPE_CHECKING:
    from support.cpi import Cpi

SPEC = yaml.safe_load((ROOT / "jobs" / "alicloud_cpi" / "spec").read_text("utf-8"))
VARIABLES = {"other_access_key_id": OTHER_KEY_ID, "other_access_key_secret": OTHER_KEY_SECRET}


def label(block: Block) -> str:
    """Name a test after its block."""
    return f"{block.page}-{block.title}"


def opened(block: Block) -> Any:
    """Parse a YAML block, with values for the variables that the tests have."""
    text = re.sub(r"\(\((\w+)\)\)", lambda name: VARIABLES.get(name[1], name[1]), block.text)
    return yaml.safe_load(text)


@pytest.mark.parametrize("block", blocks("json"), ids=label)
def test_json_is_valid(cpi: Cpi, block: Block) -> None:
    """A policy (test_ram_policies.py), or a cpi.json with which a call succeeds."""
    document = json.loads(block.text)
    if "Statement" in document:
        return
    properties = document["cloud"]["properties"]
    reachable = cpi_settings(cpi.sim)["cloud"]["properties"]["alicloud"]
    assert {f"alicloud.{name}" for name in properties["alicloud"]} <= set(SPEC["properties"])
    properties["alicloud"] = {**reachable, "region": properties["alicloud"]["region"]}
    cpi.path.write_text(json.dumps(document))
    assert cpi.ok("has_vm", "i-2zenone") is False


@pytest.mark.parametrize("block", blocks("yaml"), ids=label)
def test_yaml_can_be_read(block: Block) -> None:
    """It is a list or an object, and not empty."""
    assert opened(block)


def entries() -> list[dict[str, Any]]:
    """List the entries of all cpi-configs."""
    documents = [opened(block) for block in blocks("yaml")]
    return [entry for one in documents if isinstance(one, dict) for entry in one.get("cpis", [])]


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: str(entry["name"]))
def test_a_call_with_a_cpi_config_entry_succeeds(cpi: Cpi, entry: dict[str, Any]) -> None:
    """In its own region and in those it names, with its own keys if it has any."""
    assert cpi.ok("has_vm", "i-2zenone", context=entry["properties"]) is False
    calls = cpi.sim.calls("DescribeInstances")
    properties = entry["properties"]
    regions = [properties["region"], *properties.get("cross_regions", [])]
    assert [call["params"]["RegionId"] for call in calls] == regions
    key = properties.get("access_key_id", cpi.properties["access_key_id"])
    assert {call["key"] for call in calls} == {key}


def operations() -> list[dict[str, Any]]:
    """List the operations of all ops files."""
    documents = [opened(block) for block in blocks("yaml")]
    return [one for document in documents if isinstance(document, list) for one in document]


def test_ops_files_set_properties_that_the_job_has() -> None:
    """Those under `alicloud`; other paths are for bosh-deployment."""
    ours = [one["value"] for one in operations() if one["path"].endswith("/properties/alicloud?")]
    assert ours
    for value in ours:
        assert {f"alicloud.{name}" for name in value} <= set(SPEC["properties"])
