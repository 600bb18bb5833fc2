"""Whole stories as their tellers play them: each call a process, and info before each.

The Director with API version 3, an old Director with version 1 and an old stemcell, and bosh-cli
with the requests that it was seen to send. In the end the cloud is as empty as it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.cpi import run
from support.storage import VIRTIO
from support.vms import SETTLING_SECONDS
from support.world import REGION, vm_type

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.storage import Storage
    from support.vms import Vms
    from support.world import Names

pytestmark = pytest.mark.slow

RECORDED: dict[str, dict[str, Any]] = {
    request["method"]: request
    for request in json.loads(
        (Path(__file__).parents[1] / "data" / "bosh-cli-requests.json").read_bytes()
    )
}

# Methods whose context tells the stemcell's API version.
TOLD_THE_STEMCELL = ("create_vm", "delete_vm", "attach_disk", "detach_disk")
HIGHEST_VERSION = 3

# What the cloud keeps of what was: the tasks that there have been.
HISTORY = ("task",)

IP = "10.0.1.20"
ENV = {"bosh": {"tags": {"team": "cf"}, "group": "bosh-cf-db", "mbus": {"cert": {"ca": "pem"}}}}
METADATA = {"director": "bosh", "deployment": "cf", "job": "db", "index": 0, "id": "0c1d"}


class Teller:
    """Sends requests to the CPI, one process each, with info before each."""

    def __init__(self, cpi: Cpi) -> None:
        self._options = ["--config", str(cpi.path)]
        self.calls = 0

    def send(self, request: dict[str, Any]) -> Answer:
        """Send one request as it is."""
        self.calls += 1
        return run(self._options, json.dumps(request).encode())

    def info(self, context: dict[str, Any]) -> dict[str, Any]:
        """Word the info that comes before a call: the Director names no version."""
        return {"method": "info", "arguments": [], "context": context}

    def result(self, request: dict[str, Any]) -> Any:
        """Send info, then a request that has to end well, and return its result."""
        info = self.send(self.info(request["context"])).result
        assert info["api_version"] == HIGHEST_VERSION
        answer = self.send(request)
        assert answer.error is None, f"{request['method']}: {answer.error}\n{answer.stderr}"
        return answer.result


class Director(Teller):
    """A Director that speaks up to a version, and VMs of a stemcell of some version."""

    def __init__(self, cpi: Cpi, *, version: int, stemcell_version: int) -> None:
        super().__init__(cpi)
        self._version = version
        self._stemcell_version = stemcell_version

    def ask(self, method: str, *arguments: Any) -> Any:
        """Make a call that has to end well, and return its result."""
        context: dict[str, Any] = {"director_uuid": "d-1", "request_id": f"cpi-{self.calls:06}"}
        if method in TOLD_THE_STEMCELL:
            context["vm"] = {"stemcell": {"api_version": self._stemcell_version}}
        return self.result(
            {
                "method": method,
                "arguments": list(arguments),
                "context": context,
                "api_version": self._version,
            }
        )


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the world's clock run; every change is still seen under way, a reboot for a second."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    sim.set_pace(instance__reboot=1)


def inventory(sim: Simulator) -> dict[str, list[str]]:
    """List the ids of all that there is, when everything has come to rest."""
    sim.advance(SETTLING_SECONDS)
    records: dict[str, dict[str, Any]] = sim.state()["records"]
    return {kind: sorted(rows) for kind, rows in records.items() if rows and kind not in HISTORY}


def light_stemcell(names: Names) -> dict[str, Any]:
    """Word a light stemcell's cloud_properties."""
    return {"name": "bosh-alicloud-kvm-ubuntu", "version": "1.5", "image_id": {REGION: names.image}}


def test_a_director(cpi: Cpi, vms: Vms, storage: Storage, sim: Simulator, names: Names) -> None:
    """One instance with a persistent disk through every method that its life consists of."""
    before, director = inventory(sim), Director(cpi, version=3, stemcell_version=3)
    stemcell = director.ask("create_stemcell", "/image", light_stemcell(names), {"tags": {}})
    networks = names.networks(ip=IP)
    kind = vm_type(ephemeral_disk={"size": 20480}, key_pair_name=names.key_pair)
    vm, told = director.ask("create_vm", "agent-1", stemcell, kind, networks, [], ENV)
    settings = vms.settings(vm)
    assert (told, vms.vm(vm).private_ip) == (networks, IP)
    director.ask("set_vm_metadata", vm, {**METADATA, "name": "db/0c1d"})
    assert (vms.vm(vm).name, vms.vm(vm).tags["team"]) == ("db.0c1d", "cf")

    disk = director.ask("create_disk", 10240, {"category": "cloud_efficiency"}, vm)
    path = director.ask("attach_disk", vm, disk)
    assert path == VIRTIO + disk.removeprefix("d-")
    director.ask("set_disk_metadata", disk, {**METADATA, "attached_at": "2026-11-23T11:23:34Z"})
    assert director.ask("get_disks", vm) == [disk]
    snapshot = director.ask("snapshot_disk", disk, {**METADATA, "agent_id": "agent-1"})
    assert storage.snapshots()[0].disk_id == disk

    director.ask("detach_disk", vm, disk)
    assert director.ask("update_disk", disk, 10240, {"category": "cloud_essd"}) is None
    director.ask("attach_disk", vm, disk)
    director.ask("detach_disk", vm, disk)
    director.ask("resize_disk", disk, 30720)
    assert director.ask("attach_disk", vm, disk) == path
    found = storage.found(disk)
    assert (found.category, found.size_gib, found.instance_id) == ("cloud_essd", 30, vm)
    assert vms.settings(vm) == settings

    director.ask("delete_vm", vm)
    assert (director.ask("has_vm", vm), director.ask("has_disk", disk)) == (False, True)
    again = director.ask("create_vm", "agent-2", stemcell, kind, networks, [disk], ENV)[0]
    assert vms.vm(again).private_ip == IP
    assert director.ask("attach_disk", again, disk) == path
    director.ask("reboot_vm", again)
    assert director.ask("get_disks", again) == [disk]

    director.ask("delete_snapshot", snapshot)
    director.ask("detach_disk", again, disk)
    director.ask("delete_vm", again)
    director.ask("delete_disk", disk)
    director.ask("delete_stemcell", stemcell)
    assert inventory(sim) == before


def test_a_director_of_version_1(
    cpi: Cpi, vms: Vms, storage: Storage, sim: Simulator, names: Names
) -> None:
    """An old agent learns of its disks from its settings: they are right after every step."""
    before, director = inventory(sim), Director(cpi, version=1, stemcell_version=1)
    stemcell = director.ask("create_stemcell", "/image", light_stemcell(names))
    arguments = [stemcell, vm_type(), names.networks(ip=IP)]
    vm = director.ask("create_vm", "agent-1", *arguments, [], ENV)
    settings = vms.settings(vm)
    assert settings["agent_id"] == "agent-1"
    director.ask("set_vm_metadata", vm, METADATA)

    def check(cid: str, *persistent: str) -> None:
        """Expect these disks in the settings, nothing else changed, and the VM up."""
        paths = {disk: VIRTIO + disk.removeprefix("d-") for disk in persistent}
        own = {"agent_id": "agent-1" if cid == vm else "agent-2", "vm": {"name": cid}}
        disks = {"disks": {"system": "/dev/vda", "persistent": paths}}
        assert vms.settings(cid) == {**settings, **own, **disks}
        assert vms.vm(cid).status == "Running"

    check(vm)
    first, second = (director.ask("create_disk", 20480, {}, vm) for _ in range(2))
    check(vm)
    director.ask("attach_disk", vm, first)
    check(vm, first)
    director.ask("attach_disk", vm, second)
    check(vm, first, second)
    director.ask("set_disk_metadata", first, METADATA)
    assert sorted(director.ask("get_disks", vm)) == sorted([first, second])
    director.ask("detach_disk", vm, first)
    check(vm, second)
    director.ask("resize_disk", first, 40960)
    director.ask("attach_disk", vm, first)
    check(vm, first, second)

    director.ask("delete_vm", vm)
    again = director.ask("create_vm", "agent-2", *arguments, [first, second], ENV)
    check(again)
    director.ask("attach_disk", again, first)
    check(again, first)
    director.ask("reboot_vm", again)
    check(again, first)
    director.ask("detach_disk", again, first)
    check(again)

    director.ask("delete_vm", again)
    director.ask("delete_disk", first)
    director.ask("delete_disk", second)
    director.ask("delete_stemcell", stemcell)
    assert storage.disks() == []
    assert inventory(sim) == before


class BoshCli(Teller):
    """Sends the recorded requests with the simulated cloud's ids in the place of recorded ones."""

    def __init__(self, cpi: Cpi, names: Names) -> None:
        super().__init__(cpi)
        arguments = RECORDED["create_vm"]["arguments"]
        network = arguments[3]["private"]["cloud_properties"]
        self.ids: dict[str, str] = {
            arguments[1]: names.image,
            network["vswitch_id"]: names.vswitch,
            **dict(zip(network["security_group_ids"], names.groups, strict=False)),
            "10.0.0.6": "10.0.1.6",
        }

    def info(self, context: dict[str, Any]) -> dict[str, Any]:
        """Word info as recorded: bosh-cli asks with version 1."""
        del context
        return RECORDED["info"]

    def play(self, method: str) -> Any:
        """Send the recorded request of a method, which has to end well."""
        text = json.dumps(RECORDED[method])
        for recorded, real in self.ids.items():
            text = text.replace(recorded, real)
        return self.result(json.loads(text))

    def now_is(self, method: str, position: int, real: str) -> None:
        """Let an id that the recorded request of a method has stand for a real one."""
        self.ids[RECORDED[method]["arguments"][position]] = real


def test_bosh_create_env(
    cpi: Cpi, vms: Vms, storage: Storage, sim: Simulator, names: Names
) -> None:
    """Create-env, the same again with a changed manifest, and delete-env, as bosh-cli words it."""
    before, cli = inventory(sim), BoshCli(cpi, names)
    stemcell = cli.play("create_stemcell")
    assert stemcell == f"{names.image} light"
    cli.now_is("create_vm", 1, stemcell)
    vm = cli.play("create_vm")[0]
    for method in ("set_vm_metadata", "create_disk", "attach_disk", "has_vm", "delete_vm"):
        cli.now_is(method, 2 if method == "create_disk" else 0, vm)
    cli.play("set_vm_metadata")
    assert vms.vm(vm).name == "bosh.0"
    disk = cli.play("create_disk")
    cli.now_is("attach_disk", 1, disk)
    hint = cli.play("attach_disk")
    cli.play("set_disk_metadata")
    assert storage.found(disk).tags["instance_group"] == "bosh"

    assert cli.play("has_vm") is True
    cli.play("delete_vm")
    assert storage.found(disk).status == "Available"
    cli.now_is("create_vm", 0, "another-agent")
    again = cli.play("create_vm")[0]
    for method in ("attach_disk", "detach_disk", "delete_vm"):
        cli.now_is(method, 0, again)
    assert (cli.play("attach_disk"), again != vm) == (hint, True)

    cli.play("detach_disk")
    cli.play("delete_vm")
    assert cli.play("has_vm") is False
    cli.play("delete_disk")
    cli.now_is("delete_stemcell", 0, stemcell)
    cli.play("delete_stemcell")
    assert inventory(sim) == before
