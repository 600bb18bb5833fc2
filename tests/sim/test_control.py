"""The control API and the command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sim.support import Cloud

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator


def test_state_without_secrets(cloud: Cloud) -> None:
    """The dump has the records, the fixed ids and no secret."""
    cloud.create_disk()
    state = cloud.control("GET", "state")
    assert state["constants"]["cn-beijing.vswitch.cn-beijing-h"].startswith("vsw-2ze")
    assert len(state["records"]["disk"]) == 1
    assert state["jobs"][0]["key"] == "disk.create"
    assert "simulatorOwnerSecret" not in json.dumps(state)


def test_calls_are_recorded_without_secrets(sim: Simulator, cloud: Cloud) -> None:
    """Each call is recorded with its outcome; signatures and common parameters are left out."""
    cloud.call("DeleteDisk", DiskId="d-1")
    lines = cloud.send("GET", "/_sim/calls?action=DeleteDisk").body.decode().splitlines()
    (entry,) = map(json.loads, lines)
    assert (entry["service"], entry["code"], entry["status"]) == (
        "ecs",
        "InvalidDiskId.NotFound",
        404,
    )
    assert entry["params"] == {"DiskId": "d-1", "RegionId": "cn-beijing"}
    assert sim.calls()[0]["request_id"] == entry["request_id"]


def test_changes_are_recorded(cloud: Cloud, sim: Simulator) -> None:
    """What took its time is told with when it began, fell due and ended, until the next reset."""
    sim.freeze()
    sim.set_pace("fast", disk__create=5)
    disk_id = cloud.create_disk()
    began = sim.world.clock.now()
    row = {"key": "disk.create", "record": ["disk", disk_id], "began": began, "due": began + 5}
    assert cloud.control("GET", "changes")["changes"] == [{**row, "ended": None}]

    assert cloud.disks(disk_id)[0]["Status"] == "Creating"
    sim.advance(7)
    assert cloud.control("GET", "changes")["changes"] == [{**row, "ended": began + 5}]
    sim.reset()
    assert cloud.control("GET", "changes")["changes"] == []


def test_seed(cloud: Cloud) -> None:
    """Records of every kind can be added; unknown kinds and fields are refused."""
    made = cloud.control("POST", "seed", {"disk": [{"zone_id": "cn-beijing-h", "name": "old"}]})
    (disk_id,) = made["ids"]["disk"]
    assert cloud.disks(disk_id)[0]["DiskName"] == "old"
    assert cloud.control("POST", "seed", {"disc": [{}]})["status"] == 400
    assert cloud.control("POST", "seed", {"disk": [{"colour": "red"}]})["status"] == 400


def test_clock_pace_lag_and_keys(cloud: Cloud, sim: Simulator) -> None:
    """Clock, pace, lag and keys are set over HTTP."""
    before = cloud.control("POST", "clock", {"freeze": True})["seconds"]
    assert cloud.control("POST", "clock", {"advance": 60})["seconds"] == before + 60
    cloud.control("POST", "pace", {"name": "fast", "keys": {"disk.create": 9}})
    assert (sim.world.pace.name, sim.world.pace.seconds("disk.create")) == ("fast", 9)
    cloud.control("POST", "lag", {"seconds": 2})
    assert sim.world.lag == 2
    cloud.control("POST", "keys", {"id": "k", "secret": "s", "denied": ["CreateDisk"]})
    other = Cloud(sim, "k", "s")
    assert other.call("DescribeRegions").status == 200
    assert other.call("CreateDisk").code == "Forbidden.RAM"
    cloud.control("POST", "keys", {"id": "k", "enabled": False})
    assert other.call("DescribeRegions").code == "InvalidAccessKeyId.Inactive"
    assert cloud.control("POST", "pace", {"name": "leisurely"})["status"] == 400
    cloud.control("POST", "reset")
    assert sim.world.pace.name == "instant"


def test_unknown_address(cloud: Cloud) -> None:
    """Unknown addresses of the control API are 404."""
    assert cloud.control("GET", "nothing")["status"] == 404


@pytest.mark.parametrize(
    "options",
    [
        ("--port", "x"),
        ("--port", "70000"),
        ("--port", "-1"),
        ("--read-lag", "nan"),
        ("--pace", "slow"),
        ("--agent", "no-such-program"),
    ],
    ids=" ".join,
)
def test_a_wrong_option_is_named(tmp_path: Path, options: tuple[str, str]) -> None:
    """With status 2, before anything is written."""
    command = [sys.executable, "-m", "alicloud_sim", "serve", "--dir", str(tmp_path / "sim")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [*command, *options], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert "error:" in last
    assert options[0] in last
    assert options[1] in last
    assert not (tmp_path / "sim").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve(tmp_path: Path, number: signal.Signals) -> None:
    """The command writes cpi.json and ca.pem, says it is ready and stops with status 0."""
    command = [sys.executable, "-m", "alicloud_sim", "serve", "--dir", str(tmp_path / "sim")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("simulator ready"):
                break
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
    settings = json.loads((tmp_path / "sim" / "cpi.json").read_text("utf-8"))
    alicloud = settings["cloud"]["properties"]["alicloud"]
    assert line.split()[-1] == alicloud["ecs_endpoint"]
    assert alicloud["ca_cert"] == (tmp_path / "sim" / "ca.pem").read_text("ascii")
    environment = tmp_path / "sim" / "environment.sh"
    assert f"export ALIBABA_CLOUD_ACCESS_KEY_ID={alicloud['access_key_id']}\n" in (
        environment.read_text("utf-8")
    )
    assert environment.stat().st_mode & 0o777 == 0o600
