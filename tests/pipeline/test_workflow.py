"""GitHub's workflow: valid, pinned, and with no more permission than reading."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from pipeline.concourse import CI, ROOT, load

FOLDER = ROOT / ".github" / "workflows"
WORKFLOW = load(FOLDER / "pull-request.yml")
PINNED = re.compile(r"^[\w-]+/[\w-]+@[0-9a-f]{40}$")


def test_it_fits_githubs_schema() -> None:
    """Which check-jsonschema carries."""
    tool = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    files = sorted(FOLDER.glob("*.yml"))
    done = subprocess.run(
        [*tool, "vendor.github-workflows", *files], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


def test_it_may_only_read() -> None:
    """And checks out without leaving the token behind; it knows no secret."""
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in WORKFLOW["jobs"].values())
    for step in steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    text = (FOLDER / "pull-request.yml").read_text()
    assert "secrets." not in text
    assert "pull_request_target" not in text


def test_actions_are_pinned() -> None:
    """A tag can be moved, a commit cannot."""
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert [name for name in used if not PINNED.match(name)] == []


def test_pull_requests_are_tested_and_built() -> None:
    """With the project's own scripts, on each Python that it supports."""
    # YAML takes the key `on` for a boolean.
    assert "pull_request" in WORKFLOW[True]
    versions = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    commands = "".join(step.get("run", "") for step in steps())
    for script in ("./scripts/test", "build-candidate.sh", "test-candidate.sh"):
        assert script in commands


def test_it_uses_the_bosh_cli_of_the_image() -> None:
    """One version for both ways to build."""
    assert f"bosh-cli/v7@{WORKFLOW['env']['BOSH_CLI']}" in (CI / "image" / "Dockerfile").read_text()


def steps() -> list[dict[str, Any]]:
    """Return all steps of all jobs."""
    return [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
