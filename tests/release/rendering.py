"""The job's templates, rendered as the Director and as ``bosh create-env`` do it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
JOB = ROOT / "jobs" / "alicloud_cpi"
RULES = ("director", "create-env")

# A value that no shell, no JSON and no template may take for anything but text.
ODD = "a'b\"c\\d#{e}$f$(g)`h`\n<%= i %> é漢😀 &;|*?~!%s"

needs_ruby = pytest.mark.skipif(
    shutil.which("ruby") is None, reason="BOSH templates are Ruby's: apt-get install -y ruby"
)


class Rendered(NamedTuple):
    """What became of both templates; a template that failed has no text, but an error."""

    cpi: str
    config: dict[str, Any]
    error: str

    @property
    def properties(self) -> dict[str, Any]:
        """What cpi.json says of the cloud."""
        found: dict[str, Any] = self.config["cloud"]["properties"]
        return found

    @property
    def alicloud(self) -> dict[str, Any]:
        """The cloud's own section of cpi.json."""
        found: dict[str, Any] = self.properties["alicloud"]
        return found

    @property
    def agent(self) -> dict[str, Any]:
        """The agent's section of cpi.json."""
        found: dict[str, Any] = self.properties["agent"]
        return found

    @property
    def blobstore(self) -> dict[str, Any]:
        """The options of the agent's blobstore."""
        found: dict[str, Any] = self.agent["blobstore"]["options"]
        return found


def manifest(properties: dict[str, Any]) -> dict[str, Any]:
    """Nest dotted names, as a manifest does."""
    nested: dict[str, Any] = {}
    for name, value in properties.items():
        *path, last = name.split(".")
        section = nested
        for key in path:
            section = section.setdefault(key, {})
        section[last] = value
    return nested


def render(properties: dict[str, Any], rules: str = "director") -> Rendered:
    """Render both templates with these properties, given by their dotted names."""
    request = {"job": str(JOB), "rules": rules, "properties": manifest(properties)}
    done = subprocess.run(
        ["ruby", str(Path(__file__).with_name("render.rb"))],
        input=json.dumps(request).encode(),
        capture_output=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    cpi, config = answer["bin/cpi"], answer["config/cpi.json"]
    return Rendered(
        cpi=cpi.get("text", ""),
        config=json.loads(config["text"]) if "text" in config else {},
        error=config.get("error", "") + cpi.get("error", ""),
    )


def refused(properties: dict[str, Any], rules: str = "director") -> str:
    """Return what the rendering says against these properties."""
    error = render(properties, rules).error
    assert error, "rendered, though it must not be"
    return error


def spec() -> dict[str, Any]:
    """Read the job's spec."""
    done = subprocess.run(
        ["ruby", "-ryaml", "-rjson", "-e", "puts JSON.dump(YAML.safe_load($stdin.read))"],
        input=(JOB / "spec").read_bytes(),
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
