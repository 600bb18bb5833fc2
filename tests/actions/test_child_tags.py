"""User tags on everything that is created for a VM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.enis.record import of_instance
from support.world import MARK

if TYPE_CHECKING:
    from support.vms import Vms

ENV = {"bosh": {"tags": {"team": "manifest", "cost": 5}}}


def test_disks_and_interfaces(vms: Vms) -> None:
    """The manifest's tags and the VM type's are on both disks and both interfaces of the VM."""
    first = vms.names.networks()["private"]
    networks: dict[str, Any] = {"a": first, "b": {**first, "ip": "10.0.1.32", "default": []}}
    disk = {"size": 20480}
    tags = {"team": "type"}
    cid = vms.make(networks=networks, ephemeral_disk=disk, tags=tags, env=ENV)
    children = [*vms.disks(cid), *of_instance(vms.sim.world, cid)]
    assert len(children) == 4
    for one in (vms.vm(cid), *children):
        assert one.tags == {"team": "type", "cost": "5", **MARK}
