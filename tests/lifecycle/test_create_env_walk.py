"""The walk of docs/create-env.md, as the calls that bosh create-env makes, each a process.

The manifest is the one that the walk uses; an executable of the tests stands in for the agent. In
the end the cloud is as it was, and no agent runs.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import yaml

from alicloud_sim import Simulator
from support import stand_in_agent
from support.cpi import Cpi

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "examples" / "create-env"
KINDS = ("instance", "disk", "image", "eni", "snapshot")
SECONDS_TO_ANSWER = 10.0


def manifest(port: int) -> dict[str, Any]:
    """Read the manifest, with another port for the agent."""
    text = (FOLDER / "bosh.yml").read_text("utf-8")
    values = {
        "mbus_bootstrap_password": "bus-password",
        "mbus_bootstrap_ssl": "{ca: ca, certificate: certificate, private_key: key}",
        "disk_size": "20480",
    }
    filled = re.sub(r"\(\((\w+)\)\)", lambda name: values.get(name[1], "((var))"), text)
    return dict(yaml.safe_load(filled.replace(":6868", f":{port}")))


class Bosh:
    """Makes the calls of bosh create-env for the manifest's VM."""

    def __init__(self, cpi: Cpi, document: dict[str, Any]) -> None:
        self._cpi = cpi
        self._document = document
        self._pool = document["resource_pools"][0]
        self.bus = urlsplit(document["cloud_provider"]["mbus"])

    def ask(self, method: str, *arguments: Any) -> Any:
        """Make a call that has to end well, and return its result."""
        answer = self._cpi.process(method, *arguments)
        assert answer.error is None, answer.error
        return answer.result

    def stemcell(self, image: Path) -> str:
        """Create the stemcell."""
        properties = yaml.safe_load((FOLDER / "stemcell.MF").read_text())["cloud_properties"]
        return str(self.ask("create_stemcell", str(image), properties))

    def vm(self, stemcell: str) -> str:
        """Create the VM, and wait for its agent."""
        network = self._document["networks"][0]
        subnet = network["subnets"][0]
        settings = {
            "type": network["type"],
            "ip": subnet["static"][0],
            "netmask": "255.255.255.0",
            "gateway": subnet["gateway"],
            "dns": subnet["dns"],
            "default": ["dns", "gateway"],
            "cloud_properties": subnet["cloud_properties"],
        }
        arguments = [self._pool["cloud_properties"], {network["name"]: settings}, []]
        made, _ = self.ask("create_vm", "agent-walk", stemcell, *arguments, self._pool["env"])
        self.ask("set_vm_metadata", made, {"deployment": "walk", "job": "vm", "index": "0"})
        self.wait_for_agent()
        return str(made)

    def disk(self, size: int, vm: str) -> str:
        """Create a disk and attach it."""
        pool = self._document["disk_pools"][0]
        made = self.ask("create_disk", size, pool["cloud_properties"], vm)
        self.ask("attach_disk", vm, made)
        return str(made)

    def answers(self) -> bool:
        """Whether something listens at the address of the message bus."""
        try:
            socket.create_connection((self.bus.hostname, self.bus.port or 0), timeout=1).close()
        except ConnectionRefusedError:
            return False
        return True

    def wait_for_agent(self) -> None:
        """Wait as the CLI does."""
        end = time.monotonic() + SECONDS_TO_ANSWER
        while not self.answers():
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Simulator]:
    """Give a simulator that starts agents."""
    agent = tmp_path / "bosh-agent"
    agent.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{stand_in_agent.__file__}" "$@"\n')
    agent.chmod(0o755)
    with Simulator(pace="instant", agent=agent, agent_folder=tmp_path / "agents") as simulator:
        yield simulator
    assert simulator.bugs == []


@pytest.fixture
def bosh(sim: Simulator, tmp_path: Path) -> Bosh:
    """Give the CLI, configured as its manifest says."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        document = manifest(free.getsockname()[1])
    cpi = Cpi(sim, tmp_path)
    settings = json.loads(cpi.path.read_text())
    given = document["cloud_provider"]["properties"]
    agent = settings["cloud"]["properties"]["agent"]
    agent["mbus"] = given["agent"]["mbus"]
    options = {"blobstore_path": given["blobstore"]["path"]}
    agent["blobstore"] = {"provider": given["blobstore"]["provider"], "options": options}
    cpi.path.write_text(json.dumps(settings))
    own = {name: given["alicloud"][name] for name in ("region", "availability_zone")}
    cpi.configure(**own, access_key_id=given["alicloud"]["access_key_id"])
    return Bosh(cpi, document)


def records(sim: Simulator) -> dict[str, Any]:
    """Return what there is."""
    found = sim.state()["records"]
    return {kind: sorted(found.get(kind, {})) for kind in KINDS}


def test_the_walk(bosh: Bosh, sim: Simulator, tmp_path: Path) -> None:
    """Create, a larger disk, a new stemcell, a new VM, delete: the VM answers each time."""
    before = records(sim)
    image = tmp_path / "image"
    image.touch()
    stemcell = bosh.stemcell(image)
    vm = bosh.vm(stemcell)
    small = bosh.disk(20480, vm)

    large = bosh.disk(40960, vm)
    bosh.ask("detach_disk", vm, small)
    bosh.ask("delete_disk", small)

    other = bosh.stemcell(image)
    for each in (other, other):
        bosh.ask("detach_disk", vm, large)
        bosh.ask("delete_vm", vm)
        vm = bosh.vm(each)
        bosh.ask("attach_disk", vm, large)
    bosh.ask("delete_stemcell", stemcell)

    folder = tmp_path / "agents" / vm
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["agent_id"] == "agent-walk"
    assert settings["mbus"] == bosh.bus.geturl()
    assert settings["blobstore"]["options"]["blobstore_path"] == str(folder / "vcap/data/blobs")

    bosh.ask("delete_vm", vm)
    bosh.ask("delete_disk", large)
    bosh.ask("delete_stemcell", other)
    end = time.monotonic() + SECONDS_TO_ANSWER
    while bosh.answers() or folder.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert records(sim) == before


def test_the_manifest_names_the_seed(sim: Simulator) -> None:
    """Its ids and keys are those that every simulator starts with, and its settings the job's."""
    text = (FOLDER / "bosh.yml").read_text() + (FOLDER / "stemcell.MF").read_text()
    known = set(sim.world.constants.values())
    assert set(re.findall(r"\b(?:vsw|sg|m)-2ze\w+", text)) <= known
    given = manifest(6868)["cloud_provider"]["properties"]
    spec = yaml.safe_load((FOLDER.parents[1] / "jobs" / "alicloud_cpi" / "spec").read_text())
    assert {f"alicloud.{name}" for name in given["alicloud"]} <= set(spec["properties"])
    assert {"agent.mbus", "blobstore.provider", "blobstore.path", "ntp"} <= set(spec["properties"])
    keys = {key.id: key.secret for key in sim.world.keys.values()}
    assert keys[given["alicloud"]["access_key_id"]] == given["alicloud"]["access_key_secret"]
