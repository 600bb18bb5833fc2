"""The simulator's page begins with lines that work when pasted; its container has all it needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from pathlib import Path

import pytest

from clients.wheels import ROOT, ran, source
from docs.documents import blocks_of

PAGE = "docs/simulator.md"
DOCKERFILE = ROOT / "simulator" / "Dockerfile"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the lines use curl")
def test_the_first_five_lines_work_when_pasted(tmp_path: Path) -> None:
    """Into one shell: installed alone, started, looked at and stopped."""
    first = next(block for block in blocks_of(PAGE) if block.language == "sh")
    assert len(first.text.strip().splitlines()) == 5
    source(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}
    printed = ran("sh", "-e", "-c", first.text.replace("8443", str(port)), cwd=tmp_path, env=env)
    assert "vpc" in json.loads(printed)["records"]
    assert "simulator ready" in (tmp_path / "simulator.log").read_text("utf-8")


def test_the_files_of_the_recipe_exist() -> None:
    """What the container's recipe copies is there, and so is the command that it starts."""
    recipe = DOCKERFILE.read_text("utf-8")
    copied = re.findall(r"^COPY (\S+) ", recipe, re.MULTILINE)
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    project = (ROOT / "simulator" / "pyproject.toml").read_text("utf-8")
    (command,) = re.findall(r'ENTRYPOINT \["(\S+)"\]', recipe)
    assert f"{command} = " in project
