"""Many calls at once, each a process of its own, as a Director with many workers makes them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_sim.ecs.instances.record import Instance
from support.world import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faults.matrix_scenarios import Bench
    from support.cpi import Answer


class Deploy(NamedTuple):
    """How many calls of each method are made at once."""

    create_vm: int
    attach_disk: int
    delete_vm: int

    @property
    def calls(self) -> int:
        """How many processes that is."""
        return sum(self)


SMALL = Deploy(create_vm=8, attach_disk=6, delete_vm=6)
FULL = Deploy(create_vm=20, attach_disk=15, delete_vm=15)


class Load(NamedTuple):
    """What a run came to; ``wrong`` is empty where every call did what it was for."""

    requests: int
    refused: int
    seconds: float
    wrong: str


def deploy(bench: Bench, wanted: Deploy, rate: float = 0) -> Load:
    """Make VMs, attach disks and delete VMs at once.

    :param rate: requests a second, for each action of each service; 0 for no limit
    """
    _in_real_time(bench)
    old = [bench.storage.vm() for _ in range(wanted.delete_vm)]
    pairs = [
        (bench.storage.vm(zone_id=ZONE), bench.storage.disk()) for _ in range(wanted.attach_disk)
    ]
    if rate:
        bench.sim.add_limit(action="*", rate=rate, burst=rate)
    process = bench.cpi.process
    calls: list[Callable[[], Answer]] = [
        *[_creation(bench, number) for number in range(wanted.create_vm)],
        *[partial(process, "attach_disk", *pair) for pair in pairs],
        *[partial(process, "delete_vm", vm) for vm in old],
    ]
    answers, load = _at_once(bench, calls)
    if not load.wrong:
        new = [answer.result[0] for answer in answers[: wanted.create_vm]]
        there = sorted(vm.id for vm in bench.storage.all(Instance))
        attached = [bench.storage.found(disk).instance_id for _, disk in pairs]
        running = {bench.vms.vm(cid).status for cid in new} == {"Running"}
        if there != sorted([*new, *(vm for vm, _ in pairs)]) or not running:
            load = load._replace(wrong="VMs are too many, missing or down")
        if attached != [vm for vm, _ in pairs]:
            load = load._replace(wrong="disks are not where they belong")
    return load


def behind_one(bench: Bench, count: int) -> tuple[Load, Load]:
    """Make VMs behind the same load balancers, and delete them again, all at once each time."""
    _in_real_time(bench)
    bench.sim.set_pace(slb__change=0.2, nlb__change=0.2, nlb__lock=0.2)
    connections = bench.connections
    members: dict[str, Any] = {
        "slbs": [connections.balancer],
        "slb_server_group": [connections.vserver_group],
        "nlb_server_group_ids": connections.nlb_groups[:1],
        "nlb_server_group_port": 8080,
    }
    answers, made = _at_once(bench, [_creation(bench, n, **members) for n in range(count)])
    if made.wrong:
        return made, made
    cids = sorted(answer.result[0] for answer in answers)
    lists = (connections.backends(), connections.vserver_members(), connections.nlb_members())
    if any(len(entries) != count for entries in lists):
        made = made._replace(wrong=f"not every VM is behind each load balancer: {lists}")
    delete = [partial(bench.cpi.process, "delete_vm", cid) for cid in cids]
    _, deleted = _at_once(bench, delete)
    if connections.backends() or connections.nlb_members() or bench.vms.left():
        deleted = deleted._replace(wrong="something is left")
    return made, deleted


def _in_real_time(bench: Bench) -> None:
    """Start afresh on a clock that runs; every change is still seen under way."""
    bench.reset()
    bench.sim.resume()
    bench.sim.set_pace("instant", grace=0.2)


def _creation(bench: Bench, number: int, **properties: Any) -> Callable[[], Answer]:
    networks = bench.names.networks(ip=f"10.0.1.{20 + number}")
    arguments = bench.vms.arguments(agent=f"agent-{number}", networks=networks, **properties)
    return partial(bench.cpi.process, "create_vm", *arguments)


def _at_once(bench: Bench, calls: Sequence[Callable[[], Answer]]) -> tuple[list[Answer], Load]:
    before, start = len(bench.sim.calls()), time.monotonic()
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(lambda call: call(), calls))
    seconds = time.monotonic() - start
    asked = bench.sim.calls()[before:]
    refused = sum(call["status"] != 200 for call in asked)
    failed = [answer.message for answer in answers if answer.error]
    wrong = f"{len(failed)} of {len(answers)} failed, such as: {failed[0]}" if failed else ""
    return answers, Load(len(asked), refused, seconds, wrong)
