"""The picture of create_vm shows the requests of a create_vm, in their order."""

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


def test_the_requests_are_those_of_a_call(cpi: Cpi, vms: Vms, sim: Simulator) -> None:
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
    requests = [action for action, _ in groupby(call["action"] for call in sim.calls())]
    picture = (ROOT / "docs" / "pictures" / "create_vm.svg").read_text("utf-8")
    known = {call["action"] for call in sim.calls()}
    assert [text for text in re.findall(r">(\w+)</text>", picture) if text in known] == requests
