"""Many calls at once, each a process of its own, as a Director with many workers makes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.instances.record import Instance
from support.connections import Connections
from support.world import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.storage import Storage
    from support.vms import Vms

pytestmark = pytest.mark.slow

WORKERS = 20


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> Iterator[None]:
    """Let the simulator's clock run; every change is still seen under way."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    yield
    sim.clear_faults()


def at_once(calls: list[Callable[[], Answer]]) -> list[Any]:
    """Make calls at the same time; all have to end well. Returns their results."""
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(lambda call: call(), calls))
    failed = [answer.error for answer in answers if answer.error]
    assert not failed, f"{len(failed)} of {len(answers)} failed, such as {failed[0]}"
    return [answer.result for answer in answers]


@pytest.mark.parametrize("rate", [10, 5])
def test_a_deploy_under_throttling(
    vms: Vms, cpi: Cpi, sim: Simulator, storage: Storage, rate: int
) -> None:
    """VMs made, disks attached and VMs deleted at once, at few requests a second per action."""
    sim.add_limit(action="*", rate=rate, burst=rate)
    old = [storage.vm() for _ in range(6)]
    pairs = [(storage.vm(zone_id=ZONE), storage.disk()) for _ in range(6)]

    def create(number: int) -> Callable[[], Answer]:
        networks = vms.names.networks(ip=f"10.0.1.{20 + number}")
        arguments = vms.arguments(agent=f"agent-{number}", networks=networks)
        return partial(cpi.process, "create_vm", *arguments)

    made = at_once(
        [
            *[create(number) for number in range(8)],
            *[partial(cpi.process, "attach_disk", *pair) for pair in pairs],
            *[partial(cpi.process, "delete_vm", vm) for vm in old],
        ]
    )
    new = [cid for cid, _ in made[:8]]
    assert sorted(vms.ids(Instance)) == sorted([*new, *(vm for vm, _ in pairs)])
    assert {vms.vm(cid).status for cid in new} == {"Running"}
    assert [storage.found(disk).instance_id for _, disk in pairs] == [vm for vm, _ in pairs]
    refused = [call for call in sim.calls() if str(call.get("code", "")).startswith("Throttling")]
    assert refused, "nothing was throttled: the test shows nothing"
    # Repeats are spread: what is refused and sent again stays a part of what is sent.
    assert len(refused) < len(sim.calls()) / 2


def test_vms_behind_the_same_load_balancers(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A load balancer takes one change at a time: the calls queue up, and all get their turn."""
    connections = Connections(sim)
    sim.set_pace(slb__change=0.2, nlb__change=0.2, nlb__lock=0.2)
    members: dict[str, Any] = {
        "slbs": [connections.balancer],
        "slb_server_group": [connections.vserver_group],
        "nlb_server_group_ids": connections.nlb_groups[:1],
        "nlb_server_group_port": 8080,
    }

    def create(number: int) -> Callable[[], Answer]:
        networks = vms.names.networks(ip=f"10.0.1.{20 + number}")
        arguments = vms.arguments(agent=f"agent-{number}", networks=networks, **members)
        return partial(cpi.process, "create_vm", *arguments)

    cids = sorted(cid for cid, _ in at_once([create(number) for number in range(10)]))
    assert sorted(server for server, _ in connections.backends()) == cids
    assert sorted(server for server, _, _ in connections.vserver_members()) == cids
    assert sorted(server for _, server, _, _ in connections.nlb_members()) == cids
    waited = [call for call in sim.calls() if call["status"] != 200]
    assert waited, "no call found a lock: the test shows nothing"
    at_once([partial(cpi.process, "delete_vm", cid) for cid in cids])
    assert (connections.backends(), connections.nlb_members(), vms.left()) == ([], [], {})
