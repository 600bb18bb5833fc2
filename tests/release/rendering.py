"""The job's templates, rendered as the Director and as ``bosh create-env`` do it."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
JOB = ROOT / "jobs" / "alicloud_cpi"
RULES = ("director", "create-env")

# A value that no shell, no JSON and no template may take for anything but text.
ODD = "a'b\"c\\d#{e}$f$(g)`h`\n<%= i %> é漢😀 &;|*?~!%s"
# The same for credentials, which are printable ASCII without spaces.
ODD_CREDENTIAL = "a'b\"c\\d#{e}$f$(g)`h`<%=i%>&;|*?~!%s"

RUBY = shutil.which("ruby") or ""

needs_ruby = pytest.mark.skipif(
    not RUBY, reason="BOSH templates are Ruby's: apt-get install -y ruby"
)


class Rendered(NamedTuple):
    """The rendered templates; if one failed, its text is empty and there is an error."""

    cpi: str
    pre_start: str
    environment: str
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
    """Render all templates with these properties, given by their dotted names."""
    rendered = _renderer(rules).render(manifest(properties))
    config = rendered["config/cpi.json"]
    return Rendered(
        cpi=rendered["bin/cpi"].get("text", ""),
        pre_start=rendered["bin/pre-start"].get("text", ""),
        environment=rendered["config/environment"].get("text", ""),
        config=json.loads(config["text"]) if "text" in config else {},
        error="".join(one.get("error", "") for one in rendered.values()),
    )


def install(rendered: Rendered, job: Path) -> Path:
    """Write the rendered files into a job's folder as the agent does; return bin/cpi."""
    texts = {
        "bin/cpi": rendered.cpi,
        "bin/pre-start": rendered.pre_start,
        "config/environment": rendered.environment,
        "config/cpi.json": json.dumps(rendered.config),
    }
    for name, text in texts.items():
        file = job / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o750 if name.startswith("bin/") else 0o640)
    return job / "bin" / "cpi"


def refused(properties: dict[str, Any], rules: str = "director") -> str:
    """Return what the rendering says against these properties."""
    error = render(properties, rules).error
    assert error, "rendered, though it must not be"
    return error


def spec() -> dict[str, Any]:
    """Read the job's spec."""
    return _renderer(RULES[0]).spec


class _Renderer:
    """A process that renders; it lives as long as the tests."""

    def __init__(self, rules: str) -> None:
        self._process = subprocess.Popen(
            [RUBY, "-EUTF-8", Path(__file__).with_name("render.rb"), JOB, rules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.spec = self._read()
        atexit.register(self._process.communicate)

    def render(self, properties: dict[str, Any]) -> dict[str, Any]:
        """Render all templates."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(properties) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@cache
def _renderer(rules: str) -> _Renderer:
    return _Renderer(rules)
