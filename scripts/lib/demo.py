"""The life of one instance with a persistent disk, as a Director plays it.

Starts a simulator, then runs every call as a process of the CPI with real JSON, and shows its
result, its wall time and its API calls as they happen. At the end the simulated cloud must be as
empty as before.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

from alicloud_sim import Simulator
from alicloud_sim.__main__ import write_files

# What a Director leaves of the environment.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
RESOURCES = ("instance", "disk", "snapshot", "eni")
WIDTH = 64


class CallFailed(Exception):
    """A call of the CPI ended with an error."""


class Director:
    """Makes calls of the CPI, shows them and counts what they cost."""

    def __init__(self, sim: Simulator, command: list[str], environment: dict[str, str]) -> None:
        self._sim = sim
        self._command = command
        self._environment = environment
        self._seconds = 0.0
        self.calls = 0

    def call(self, method: str, *arguments: Any) -> Any:
        """Run one call and return its result.

        :raises CallFailed: the CPI answered an error
        """
        before = len(self._sim.calls())
        request = {
            "method": method,
            "arguments": arguments,
            "context": {
                "director_uuid": "demo",
                "request_id": f"cpi-{self.calls:06}",
                "vm": {"stemcell": {"api_version": 3}},
            },
            "api_version": 3,
        }
        start = time.monotonic()
        done = subprocess.run(
            self._command,
            input=json.dumps(request).encode(),
            capture_output=True,
            env=self._environment,
            check=True,
        )
        took = time.monotonic() - start
        self._seconds += took
        self.calls += 1
        answer = json.loads(done.stdout)
        shown = json.dumps(answer["error"] or answer["result"])
        requests = len(self._sim.calls()) - before
        cost = f"{took:6.2f} s {requests:4} API calls"
        sys.stdout.write(f"{method:18} {_cut(shown):{WIDTH}} {cost}\n")
        sys.stdout.flush()
        if answer["error"]:
            sys.stdout.write(done.stderr.decode())
            raise CallFailed(method)
        return answer["result"]

    def total(self) -> None:
        """Show the sums."""
        title = f"{self.calls} calls"
        sys.stdout.write(
            f"{title:18} {'':{WIDTH}} {self._seconds:6.2f} s {len(self._sim.calls()):4} API calls\n"
        )


class Caller(Protocol):
    """Somebody who makes calls."""

    def call(self, method: str, *arguments: Any) -> Any:
        """Make one and return its result."""


def play(director: Caller, names: dict[str, Any]) -> None:
    """Make a VM, give it a disk, snapshot it, and take it all away again."""
    region, zone = "cn-beijing", "cn-beijing-h"
    call = director.call
    call("info")
    image = {"image_id": {region: names[f"{region}.light_stemcell"]}}
    stemcell = call("create_stemcell", "/unused/for/a/light/stemcell", image, {"tags": {}})
    network = {
        "type": "manual",
        "ip": "10.0.1.10",
        "netmask": "255.255.255.0",
        "gateway": "10.0.1.253",
        "dns": ["100.100.2.136"],
        "default": ["dns", "gateway"],
        "cloud_properties": {
            "vswitch_id": names[f"{region}.vswitch.{zone}"],
            "security_group_ids": [names[f"{region}.security_group.default"]],
        },
    }
    vm_type = {
        "instance_type": "ecs.g6.large",
        "availability_zone": zone,
        "system_disk": {"size": "61_440", "category": "cloud_essd", "performance_level": "PL1"},
        "ephemeral_disk": {"size": 51_200, "category": "cloud_essd"},
    }
    env = {"bosh": {"group": "demo-zookeeper", "tags": {"team": "platform"}}}
    vm, _ = call("create_vm", "agent-1", stemcell, vm_type, {"private": network}, [], env)
    call("set_vm_metadata", vm, {"name": "zookeeper/0", "deployment": "demo", "index": 0})
    call("has_vm", vm)
    disk = call("create_disk", 20_480, {"category": "cloud_essd"}, vm)
    call("attach_disk", vm, disk)
    call("set_disk_metadata", disk, {"deployment": "demo", "instance_index": 0})
    call("get_disks", vm)
    snapshot = call("snapshot_disk", disk, {"deployment": "demo", "job": "zookeeper", "index": 0})
    call("reboot_vm", vm)
    call("detach_disk", vm, disk)
    call("resize_disk", disk, 40_960)
    call("attach_disk", vm, disk)
    call("delete_snapshot", snapshot)
    call("delete_vm", vm)
    call("has_vm", vm)
    call("has_disk", disk)
    call("delete_disk", disk)
    call("delete_stemcell", stemcell)


def resources(sim: Simulator) -> dict[str, list[str]]:
    """Return the ids of what a deployment makes in the simulated cloud."""
    records = sim.state()["records"]
    return {kind: sorted(records.get(kind, {})) for kind in RESOURCES}


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def main() -> int:
    """Play the story; exit status 0 when all of it went well."""
    with tempfile.TemporaryDirectory() as folder, Simulator(pace="fast") as sim:
        write_files(sim, Path(folder))
        before = resources(sim)
        config = str(Path(folder) / "cpi.json")
        command = [sys.executable, "-m", "alicloud_cpi", "--config", config]
        director = Director(sim, command, ENVIRONMENT)
        try:
            play(director, sim.world.constants)
        except CallFailed as failed:
            sys.stdout.write(f"\nFAILED in {failed}\n")
            return 1
        director.total()
        after = resources(sim)
        counts = ", ".join(f"{len(ids)} {kind}s" for kind, ids in after.items())
        if after != before or sim.bugs:
            sys.stdout.write(f"\nFAILED: the cloud is not as it was: {counts}\n")
            return 1
        sys.stdout.write(f"\nThe simulated cloud is as empty as before: {counts}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
