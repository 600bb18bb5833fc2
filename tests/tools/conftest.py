"""What the tests of ``alicloud-cpi validate`` share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from support.cloud_configs import CLOUD_CONFIG, changed
from support.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.world import Names

Found = list[tuple[str, str, str]]


@pytest.fixture
def validate(tmp_path: Path) -> Any:
    """Give a function that validates a document; it returns the status and the findings."""

    def run(document: Any, *options: str | Path) -> tuple[int, Found]:
        path = tmp_path / "document.yml"
        path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
        done = tool("validate", path, "--json", *options)
        assert done.stderr == ""
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, [(row["level"], row["where"], row["message"]) for row in rows]

    return run


@pytest.fixture
def real(sim: Simulator, names: Names) -> dict[str, Any]:
    """Give the cloud-config with the ids of the simulated account."""
    sim.resume()
    subnet = "networks.0.subnets.0.cloud_properties"
    document = changed(CLOUD_CONFIG, f"{subnet}.vswitch_id", names.vswitch)
    return changed(document, f"{subnet}.security_group_ids", names.groups[:1])
