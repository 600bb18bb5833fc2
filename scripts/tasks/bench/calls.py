"""Measurements of single calls and of a VM's whole life."""

from __future__ import annotations

import contextlib
import statistics
import sys
from typing import TYPE_CHECKING, Any

from tasks import lifecycle as life
from tasks.bench.network import network
from tasks.bench.processes import ENVIRONMENT, Runner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.bench.subjects import Measured, Stage

REGION, ZONE = "cn-beijing", "cn-beijing-h"
FAR = 0.02
SLOW = 0.08
NOTHING = ("-I", "-S", "-c", "pass")

# Methods without a wait.
ONE_REQUEST, SEVERAL = ("has_vm",), ("get_disks", "set_vm_metadata", "set_disk_metadata")


class Story:
    """Makes the calls of a VM's life, and keeps what each took."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.calls: list[Measured] = []

    def call(self, _meaning: str, method: str, *arguments: Any) -> Any:
        """Make a call and return its result.

        :raises CallFailed: it was answered with an error
        """
        done = self._stage.call(method, *arguments)
        self.calls.append(done)
        if done.error:
            raise life.CallFailed(f"{method}: {done.error}")
        return done.result


def lifecycle(stage: Stage, pace: str, **keys: float) -> list[Measured]:
    """Play a VM's life; the Go release's ends at the first error."""
    stage.reset(pace, **keys)
    story = Story(stage)
    with contextlib.suppress(life.CallFailed) if stage.subject.is_go else contextlib.nullcontext():
        life.play(story, stage.sim.world.constants)
    for done in story.calls:
        if done.error:
            sys.stderr.write(f"{stage.subject.name}: {done.method} failed: {done.error}\n")
    return [done for done in story.calls if not done.error]


def vm_arguments(
    stage: Stage, groups: Sequence[str] = ("default",), **properties: Any
) -> list[Any]:
    """Return the arguments of a create_vm."""
    names = stage.sim.world.constants
    private = {
        "type": "manual",
        "ip": "10.0.1.10",
        "netmask": "255.255.255.0",
        "gateway": "10.0.1.253",
        "dns": ["10.0.0.2"],
        "default": ["dns", "gateway"],
        "cloud_properties": {
            "vswitch_id": names[f"{REGION}.vswitch.{ZONE}"],
            "security_group_ids": [names[f"{REGION}.security_group.{name}"] for name in groups],
        },
    }
    vm_type = {"instance_type": "ecs.g6.large", "availability_zone": ZONE, **properties}
    image = names[f"{REGION}.light_stemcell"]
    return ["agent-1", image, vm_type, {"private": private}, [], {}]


def connected(stage: Stage, pace: str) -> Measured:
    """Make a VM with load balancers, an elastic IP address and two security groups."""
    stage.reset(pace, call=SLOW)
    names = stage.sim.world.constants
    arguments = vm_arguments(
        stage,
        ("default", "extra"),
        ephemeral_disk={"size": "50_000"},
        slbs=[names[f"{REGION}.load_balancer"]],
        slb_server_group=[_group_of_its_own(stage)],
        slb_server_group_port=8080,
        nlb_server_group_ids=[names[f"{REGION}.nlb_server_group.{n}"] for n in (1, 2)],
        nlb_server_group_port=8080,
        nlb_server_group_weight=100,
    )
    address = names[f"{REGION}.eip.1.address"]
    arguments[3]["public"] = {"type": "vip", "ip": address, "cloud_properties": {}}
    return stage.ok("create_vm", *arguments)


def _group_of_its_own(stage: Stage) -> str:
    """Add a vServer group in another load balancer: the Go release fails when one is busy."""
    vpc = stage.sim.world.constants[f"{REGION}.vpc"]
    balancer = {"vpc_id": vpc, "address": "10.0.1.239"}
    (balancer_id,) = stage.sim.seed({"load_balancer": [balancer]})["load_balancer"]
    group = {"load_balancer_id": balancer_id}
    return stage.sim.seed({"vserver_group": [group]})["vserver_group"][0]


def cpu_of_a_vm(stage: Stage, pace: str, **keys: float) -> float:
    """Return the CPU seconds of making a VM and deleting it."""
    stage.reset(pace, **keys)
    made = stage.ok("create_vm", *vm_arguments(stage))
    return made.cpu + stage.ok("delete_vm", made.result[0]).cpu


def walls(stages: list[Stage], python: str, rounds: int) -> list[dict[str, float]]:
    """Return the median seconds of short calls per stage, taken in turns.

    "nothing" is a Python that does nothing, the measure of this machine.
    """
    found: list[dict[str, list[float]]] = [{} for _ in stages]
    nothing: list[float] = []
    with Runner() as runner, contextlib.ExitStack() as networks:
        for far in (0.0, FAR):
            prepared = [_prepared(stage) for stage in stages]
            methods = (*ONE_REQUEST, *SEVERAL) if far else ("info", *ONE_REQUEST)
            if far:
                for stage in stages:
                    stage.connect_to(networks.enter_context(network(stage.sim.port, far)))
            for _ in range(rounds):
                nothing.append(runner.run([python, *NOTHING], ENVIRONMENT)[0]["seconds"])
                for method in methods:
                    for stage, arguments, times in zip(stages, prepared, found, strict=True):
                        taken = stage.ok(method, *arguments[method]).seconds
                        times.setdefault(f"{method} {far}", []).append(taken)
    for stage in stages:
        stage.connect_to(stage.sim.port)
    machine = {"nothing": statistics.median(nothing)}
    return [{**machine, **{name: statistics.median(t) for name, t in f.items()}} for f in found]


def _prepared(stage: Stage) -> dict[str, list[Any]]:
    """Seed a VM with a disk; return each short method's arguments."""
    stage.reset("instant", grace=0)
    sim = stage.sim
    (vm,) = sim.seed(
        {"instance": [{"status": "Running", "zone_id": ZONE, "instance_type": "ecs.g6.large"}]}
    )["instance"]
    row = {"status": "In_use", "instance_id": vm, "zone_id": ZONE, "device": "/dev/xvdc"}
    (disk,) = sim.seed({"disk": [row]})["disk"]
    tags = {"deployment": "bench", "job": "zookeeper", "index": "0"}
    return {
        "info": [],
        "has_vm": [vm],
        "get_disks": [vm],
        "set_vm_metadata": [vm, {"name": "zookeeper/0", **tags}],
        "set_disk_metadata": [disk, tags],
    }


def scaled(name: str, seconds: float, scale: float) -> float:
    """Scale a short call's time to another machine; the network's part stays as it is."""
    waited = FAR * _ROUND_TRIPS.get(name, 0)
    return waited + (seconds - waited) * scale


# Round trips of the Go release, by the name of their figure: connection, TLS and answer of each
# request.
_ROUND_TRIPS = {
    "has_vm 0.02": 3,
    "get_disks 0.02": 6,
    "set_vm_metadata 0.02": 6,
    "set_disk_metadata 0.02": 3,
}
