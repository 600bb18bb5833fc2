"""VMs that answer: the agent of an instance lives as long as the instance runs."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim import Simulator
from sim.support import ZONE, Cloud
from support import stand_in_agent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS_TO_HAPPEN = 20.0


def until(holds: Callable[[], Any]) -> Any:
    """Wait until something is so, and return it."""
    end = time.monotonic() + SECONDS_TO_HAPPEN
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def lives(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _is_gone(path: Path) -> bool:
    return not path.exists()


def free_port() -> int:
    """Find a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an executable that stands in for bosh-agent."""
    path = tmp_path_factory.mktemp("agent") / "bosh-agent"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{stand_in_agent.__file__}" "$@"\n')
    path.chmod(0o755)
    return path


class Vms:
    """Instances of a simulator that starts agents."""

    def __init__(self, sim: Simulator, folder: Path, reports: list[str]) -> None:
        self.sim = sim
        self.folder = folder
        self.reports = reports
        self.cloud = Cloud(sim)

    def make(self, user_data: str | None = None, **settings: Any) -> str:
        """Make an instance with settings, and start it."""
        names = self.sim.world.constants
        if user_data is None:
            document = {"agent_id": "agent-1", "mbus": "nats://127.0.0.1:4222", **settings}
            user_data = base64.b64encode(json.dumps(document).encode()).decode()
        made = self.cloud.ok(
            "CreateInstance",
            ZoneId=ZONE,
            InstanceType="ecs.g6.large",
            ImageId=names["cn-beijing.light_stemcell"],
            VSwitchId=names[f"cn-beijing.vswitch.{ZONE}"],
            SecurityGroupId=names["cn-beijing.security_group.default"],
            UserData=user_data or None,
        )["InstanceId"]
        until(lambda: self.status(made) == "Stopped")
        self.cloud.ok("StartInstance", InstanceId=made)
        until(lambda: self.status(made) == "Running")
        return str(made)

    def status(self, instance_id: str) -> str:
        """Give the status of an instance; empty if it is gone."""
        found = self.cloud.ok("DescribeInstances", InstanceIds=json.dumps([instance_id]))
        return next((one["Status"] for one in found["Instances"]["Instance"]), "")

    def agent_of(self, instance_id: str) -> dict[str, Any]:
        """Give what the control API says of an agent."""
        listed = self.cloud.control("GET", "agents")["agents"]
        return next((one for one in listed if one["instance"] == instance_id), {})

    def process(self, instance_id: str) -> dict[str, Any]:
        """Wait for the agent, and give what it says of itself."""
        path = self.folder / instance_id / "vcap" / "state.json"
        until(path.exists)
        return dict(json.loads(path.read_text()))

    def settings(self, instance_id: str) -> dict[str, Any]:
        """Wait for the agent, and give its settings."""
        self.process(instance_id)
        return dict(json.loads((self.folder / instance_id / "settings.json").read_text()))


@pytest.fixture
def vms(agent: Path, tmp_path: Path) -> Iterator[Vms]:
    """Give instances of a simulator of their own."""
    reports: list[str] = []
    folder = tmp_path / "agents"
    with Simulator(
        pace="instant", agent=agent, agent_folder=folder, report=reports.append
    ) as simulator:
        yield Vms(simulator, folder, reports)
    assert simulator.bugs == []


def test_an_agent_lives_as_long_as_its_instance_runs(vms: Vms) -> None:
    """Started with it, ended when it stops, started again on the same disk, gone with it."""
    vm = vms.make()
    first = vms.process(vm)["pid"]
    assert vms.agent_of(vm)["state"] == "running"
    (vms.folder / vm / "vcap" / "state.json").unlink()

    vms.cloud.ok("StopInstance", InstanceId=vm)
    until(lambda: not lives(first))
    until(lambda: vms.status(vm) == "Stopped")
    until(lambda: vms.agent_of(vm)["state"] == "stopped")

    vms.cloud.ok("StartInstance", InstanceId=vm)
    second = vms.process(vm)["pid"]
    assert (vms.folder / vm / "vcap" / "starts").read_text().count("started") == 2

    until(lambda: vms.status(vm) == "Running")
    vms.cloud.ok("DeleteInstance", InstanceId=vm, Force="true")
    until(lambda: not lives(second))
    until(lambda: not (vms.folder / vm).exists())
    assert vms.agent_of(vm) == {}
    assert "starting as agent-1" in (vms.folder / f"{vm}.log").read_text()


def test_a_reboot_starts_it_anew(vms: Vms) -> None:
    """However short the reboot is."""
    vm = vms.make()
    first = vms.process(vm)["pid"]
    (vms.folder / vm / "vcap" / "state.json").unlink()
    vms.cloud.ok("RebootInstance", InstanceId=vm)
    until(lambda: vms.status(vm) == "Running")
    second = vms.process(vm)["pid"]
    assert second != first
    assert not lives(first)


def test_a_reset_ends_all_agents(vms: Vms) -> None:
    """An instance of the same id is another one afterwards."""
    vm = vms.make()
    first = vms.process(vm)["pid"]
    vms.cloud.control("POST", "reset")
    until(lambda: not lives(first))
    until(lambda: not (vms.folder / vm).exists())
    assert vms.make() == vm
    assert vms.process(vm)["pid"] != first
    assert (vms.folder / vm / "vcap" / "starts").read_text().count("started") == 1


def test_the_settings_are_the_user_data(vms: Vms) -> None:
    """Only the port of the message bus and the folder of the blobstore differ."""
    port = free_port()
    given: dict[str, Any] = {
        "agent_id": "agent-1",
        "mbus": f"https://mbus:p%40ss@127.0.0.1:{port}",
        "blobstore": {"provider": "local", "options": {"blobstore_path": "/var/vcap/data"}},
        "networks": {"private": {"type": "manual", "ip": "10.0.1.10"}},
        "disks": {"system": "/dev/vda", "persistent": {"d-1": "/dev/vdb"}},
        "env": {"bosh": {"mbus": {"cert": {"ca": "PEM"}}, "tags": {"名": "值"}}},
        "ntp": ["0.pool.ntp.org"],
    }
    first, second = vms.make(**given), vms.make(**given)
    blobs = str(vms.folder / first / "vcap" / "data" / "blobs")
    local = {"provider": "local", "options": {"blobstore_path": blobs}}
    assert vms.settings(first) == {**given, "blobstore": local}
    until(lambda: vms.agent_of(first)["port"] == port)
    until(lambda: vms.agent_of(second)["port"] is not None)

    other = vms.agent_of(second)["port"]
    assert other not in (None, port)
    assert vms.settings(second)["mbus"] == f"https://mbus:p%40ss@127.0.0.1:{other}"
    for one in (port, other):
        socket.create_connection(("127.0.0.1", one), timeout=5).close()


def test_the_port_is_free_again_for_the_next_vm(vms: Vms) -> None:
    """As create-env needs it, which deletes a VM and makes the next."""
    mbus = f"https://mbus:pass@127.0.0.1:{free_port()}"
    for _ in range(2):
        vm = vms.make(mbus=mbus)
        assert vms.settings(vm)["mbus"] == mbus
        vms.cloud.ok("DeleteInstance", InstanceId=vm, Force="true")
        until(partial(_is_gone, vms.folder / vm))


def test_settings_of_env_count(vms: Vms) -> None:
    """The agent takes those of env.bosh where there are some."""
    port = free_port()
    own = {"provider": "local", "options": {"blobstore_path": "/var/vcap/data"}}
    url = "https://mbus:pass@127.0.0.1:{}"
    env = {"bosh": {"mbus": {"urls": [url.format(port)]}, "blobstores": [own]}}
    with socket.create_server(("127.0.0.1", port)):
        vm = vms.make(env=env)
        settings = vms.settings(vm)
    bosh = settings["env"]["bosh"]
    assert bosh["mbus"]["urls"] == [url.format(vms.agent_of(vm)["port"])]
    assert vms.agent_of(vm)["port"] != port
    assert bosh["blobstores"][0]["options"]["blobstore_path"].startswith(str(vms.folder))
    assert settings["mbus"] == "nats://127.0.0.1:4222"


def test_settings_are_for_the_owner_only(vms: Vms) -> None:
    """They hold passwords."""
    vm = vms.make()
    vms.process(vm)
    for name in (f"{vm}/settings.json", f"{vm}/agent.json", f"{vm}.log"):
        assert stat.S_IMODE((vms.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(vms.folder.stat().st_mode) == 0o700


def test_an_agent_that_fails_is_reported(vms: Vms) -> None:
    """With its status and its log; it is tried again when the instance is."""
    vm = vms.make(agent_id="fails")
    until(lambda: vms.agent_of(vm)["state"] == "failed")
    error = f"ended with status 1, see {vms.folder / vm}.log"
    assert vms.agent_of(vm)["error"] == error
    assert f"agent of {vm}: {error}" in vms.reports
    assert vms.status(vm) == "Running"
    assert (vms.folder / f"{vm}.log").read_text().count("starting as") == 1
    vms.cloud.ok("RebootInstance", InstanceId=vm)
    until(lambda: vms.status(vm) == "Running")
    until(lambda: (vms.folder / f"{vm}.log").read_text().count("starting as") == 2)


@pytest.mark.parametrize(
    "user_data", ["", "bm8ganNvbg==", "W10=", "e30=", "!!!"], ids=["none", "text", "[]", "{}", "?"]
)
def test_an_instance_without_settings_has_no_agent(vms: Vms, user_data: str) -> None:
    """It is somebody else's; the others are not affected."""
    if user_data == "!!!":
        (vm,) = vms.sim.seed({"instance": [{"user_data": user_data, "status": "Running"}]})[
            "instance"
        ]
    else:
        vm = vms.make(user_data)
    until(lambda: vms.agent_of(vm).get("state") == "failed")
    assert vms.agent_of(vm)["error"] == "its user data holds no agent settings"
    assert vms.process(vms.make())


def test_a_message_bus_that_is_no_url_is_reported(vms: Vms) -> None:
    """Without its password."""
    vm = vms.make(mbus="https://mbus:secret@127.0.0.1:99999")
    until(lambda: vms.agent_of(vm).get("state") == "failed")
    assert vms.agent_of(vm)["error"] == "the message bus in its settings is no URL"


def test_what_the_agent_started_ends_with_it(vms: Vms) -> None:
    """Jobs and scripts do not outlive their VM."""
    vm = vms.make(agent_id="parent")
    process = vms.process(vm)
    vms.cloud.ok("StopInstance", InstanceId=vm)
    until(lambda: not any(map(lives, (process["pid"], *process["children"]))))


@pytest.mark.slow
def test_an_agent_that_does_not_listen_is_killed(vms: Vms) -> None:
    """After five seconds."""
    vm = vms.make(agent_id="deaf")
    pid = vms.process(vm)["pid"]
    vms.cloud.ok("StopInstance", InstanceId=vm)
    until(lambda: not lives(pid))


def test_a_program_that_cannot_be_started_is_reported(tmp_path: Path) -> None:
    """A file for another machine, say."""
    broken, reports = tmp_path / "broken", list[str]()
    broken.write_bytes(b"\x7fELF no program")
    broken.chmod(0o755)
    folder = tmp_path / "agents"
    with Simulator(pace="instant", agent=broken, agent_folder=folder, report=reports.append) as sim:
        vms = Vms(sim, folder, reports)
        vm = vms.make()
        until(lambda: vms.agent_of(vm).get("state") == "failed")
        assert vms.agent_of(vm)["error"].startswith(f"{broken} cannot be started, see ")
        assert "Exec format error" in (folder / f"{vm}.log").read_text()


def test_without_an_agent_nothing_is_started(tmp_path: Path) -> None:
    """And the control API says that there are none."""
    with Simulator(pace="instant") as sim:
        assert Cloud(sim).control("GET", "agents")["agents"] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_agent_outlives_the_simulator(
    agent: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """However it ends; what an agent wrote is removed at the latest by the next start."""
    folder = tmp_path / "sim"
    command = [sys.executable, "-m", "alicloud_sim", "--dir", str(folder)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    with subprocess.Popen(
        [*command, "--agent", str(agent)], stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("simulator ready"))
        seed = _seed(int(ready.rsplit(":", 1)[1]))
        path = folder / "agents" / seed / "vcap" / "state.json"
        until(path.exists)
        pid = json.loads(path.read_text())["pid"]
        process.send_signal(number)
        assert process.wait(timeout=20) == (0 if number != signal.SIGKILL else -number)
    until(lambda: not lives(pid))
    assert (folder / "agents" / seed).exists() == (number == signal.SIGKILL)
    with Simulator(agent=agent, agent_folder=folder / "agents"):
        assert list((folder / "agents").iterdir()) == []


def _seed(port: int) -> str:
    """Put a running instance into a simulator of another process, and return its id."""
    data = base64.b64encode(b'{"agent_id": "agent-1"}').decode()
    row = {"id": "i-seeded", "user_data": data, "status": "Running"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/_sim/seed", json.dumps({"instance": [row]}))
    assert connection.getresponse().status == 200
    connection.close()
    return "i-seeded"
