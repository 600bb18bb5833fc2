"""The simulator is a distribution of its own: installed without the CPI, used with pytest."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest

from clients.wheels import ROOT, environment, ran, wheel

if TYPE_CHECKING:
    from pathlib import Path

README = ROOT / "simulator" / "README.md"


@pytest.mark.slow
def test_the_fixture_works_from_an_empty_directory(tmp_path: Path) -> None:
    """The README's test passes where only the wheel, pytest and the SDK are installed."""
    programs = environment(tmp_path, wheel(tmp_path), "pytest", "aliyun-python-sdk-ecs")
    empty = tmp_path / "empty"
    empty.mkdir()
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (empty / "test_regions.py").write_text(example, "utf-8")
    env = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NO_PROXY": "127.0.0.1"}
    told = ran(programs / "python", "-m", "pytest", "-q", cwd=empty, env=env)
    assert "1 passed" in told
    fixtures = ran(programs / "python", "-m", "pytest", "--fixtures", "-q", cwd=empty, env=env)
    assert "Give a simulated cloud at its seed." in fixtures
    assert ran(programs / "alicloud-sim", "coverage", cwd=empty, env=env).startswith("# What")
    alone = subprocess.run(
        [programs / "python", "-c", "import alicloud_cpi"],
        cwd=empty,
        env=env,
        check=False,
        capture_output=True,
    )
    assert b"No module named 'alicloud_cpi'" in alone.stderr


def test_what_both_distributions_say_is_the_same() -> None:
    """The simulator's version, Python and dependencies are those of the project."""
    texts = [(ROOT / folder / "pyproject.toml").read_text("utf-8") for folder in ("", "simulator")]
    whole, own = (tomllib.loads(text)["project"] for text in texts)
    assert own["dependencies"] == whole["optional-dependencies"]["sim"]
    for name in ("version", "requires-python", "license"):
        assert own[name] == whole[name]
