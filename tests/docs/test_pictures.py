"""The pictures of calls show the requests of those calls, in their order."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from docs.documents import ROOT
from support.connections import Connections

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms


def test_the_requests_of_create_vm_are_those_of_a_call(cpi: Cpi, vms: Vms, sim: Simulator) -> None:
    """With an ephemeral disk, an elastic IP address and two load balancers; repeats count once."""
    cpi.api_version = 3
    connections = Connections(sim)
    networks = {**vms.names.networks(), "public": {"type": "vip", "ip": connections.ip}}
    group = {"server_group_id": connections.nlb_groups[0], "port": 80}
    vms.make(
        networks=networks,
        ephemeral_disk={"size": 51200},
        slbs=[connections.balancer],
        nlb_server_groups=[group],
    )
    assert shown("create_vm", sim) == made(sim)


def test_the_requests_of_one_call_are_those_of_a_create_disk(cpi: Cpi, sim: Simulator) -> None:
    """From the Director to the cloud and back."""
    cpi.ok("create_disk", 20480, {})
    assert shown("one_call", sim) == made(sim) == ["CreateDisk", "DescribeDisks"]


def made(sim: Simulator) -> list[str]:
    """List the requests in their order; repeats count once."""
    return [action for action, _ in groupby(call["action"] for call in sim.calls())]


def shown(name: str, sim: Simulator) -> list[str]:
    """List the requests that a picture shows."""
    picture = (ROOT / "docs" / "pictures" / f"{name}.svg").read_text("utf-8")
    known = {call["action"] for call in sim.calls()}
    return [text for text in re.findall(r">(\w+)</text>", picture) if text in known]
