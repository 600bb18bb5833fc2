"""The pytest plugin as suites use it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from alicloud_sim.pytest_plugin import SimulatedCloud
from clients.wheels import ROOT
from sim.support import Cloud

if TYPE_CHECKING:
    from pathlib import Path

SUITE = """
import pytest

@pytest.fixture(scope="session")
def alicloud_pace():
    return "realistic"

def test_a_bug_fails_the_test(alicloud):
    assert alicloud.state()["pace"]["name"] == "realistic"
    alicloud.simulator.bugs.append("a bug")

def test_the_next_one_is_not_concerned(alicloud):
    assert alicloud.simulator.bugs == []
"""


@pytest.mark.parametrize("number", [1, 2])
def test_each_test_has_a_fresh_cloud(alicloud: SimulatedCloud, number: int) -> None:
    """What one test made, and the faults that it set, are gone in the next."""
    assert "disk" not in alicloud.state()["records"] or not alicloud.state()["records"]["disk"]
    assert alicloud.calls() == []
    cloud = Cloud(alicloud.simulator)
    cloud.create_disk(DiskName=f"number-{number}")
    alicloud.simulator.add_fault(kind="error", action="CreateDisk", code="Throttling", count=0)
    refused = cloud.call("CreateDisk", ZoneId=alicloud.zone, Size=20, DiskCategory="cloud_essd")
    assert refused.code == "Throttling"


def test_the_documented_names_exist() -> None:
    """The table of the guide names what the fixture gives."""
    page = (ROOT / "docs" / "simulator.md").read_text("utf-8")
    section = page.partition("## In a test suite")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    names = {name for row in rows for name in re.findall(r"`(\w+)(?:\(\))?`", row)}
    assert len(names) > 8
    fields = {*dir(SimulatedCloud), *SimulatedCloud.__dataclass_fields__}
    assert names <= fields
    public = {name for name in fields if not name.startswith("_")}
    assert public <= names


def test_a_program_finds_everything_in_its_environment(alicloud: SimulatedCloud) -> None:
    """Keys, region and authority come from the fixture's variables, the endpoint as an argument."""
    program = (
        "import os, ssl, sys, urllib.request as r\n"
        "assert os.environ['ALIBABA_CLOUD_ACCESS_KEY_ID'].startswith('LTAI')\n"
        "print(r.urlopen(sys.argv[1] + '/_sim/bugs').read().decode())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, alicloud.url],
        env=alicloud.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == '{"bugs": []}\n', done.stderr


def test_a_bug_of_the_simulator_fails_its_test(tmp_path: Path) -> None:
    """It fails the test that met it and no other; the pace is the suite's."""
    (tmp_path / "test_suite.py").write_text(SUITE, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "alicloud_sim.pytest_plugin", "."],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "the simulator broke" in done.stdout
    assert "2 passed, 1 error" in done.stdout


def test_the_documented_quotas_exist() -> None:
    """Each quota that the guide names is read somewhere."""
    page = (ROOT / "docs" / "simulator.md").read_text("utf-8")
    told = page.partition("These quotas can be set")[2].partition("\n\n")[0]
    names = re.findall(r"`([a-z_.]+)`", told)
    assert len(names) > 10
    sources = (ROOT / "src" / "alicloud_sim").rglob("*.py")
    source = "".join(path.read_text("utf-8") for path in sources)
    assert [name for name in names if f'"{name}"' not in source] == []
