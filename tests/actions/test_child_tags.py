"""User tags on everything that is created for a VM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.enis.record import of_instance
from support.world import MARK

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
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


METADATA = {"deployment": "cf", "job": "router", "index": 0, "bosh-cpi": "x"}


def test_metadata_on_children(vms: Vms, cpi: Cpi) -> None:
    """Where the job asks for it: the VM's own disks and interfaces, no persistent disk."""
    cpi.configure(tag_children=True)
    cid = vms.make(ephemeral_disk={"size": 20480}, env=ENV)
    persistent = vms.attached(cid)
    cpi.ok("set_vm_metadata", cid, METADATA)
    expected = {"deployment": "cf", "job": "router", "index": "0", "team": "manifest", "cost": "5"}
    for one in (vms.vm(cid), *vms.disks(cid), *of_instance(vms.sim.world, cid)):
        assert one.tags == ({} if one.id == persistent else {**expected, **MARK})


def test_four_requests_more(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """The VM, its disks, and a request for each kind."""
    cpi.configure(tag_children=True)
    cid = vms.make()
    before = len(sim.calls())
    cpi.ok("set_vm_metadata", cid, METADATA)
    assert [call["action"] for call in sim.calls()[before:]] == [
        *("TagResources", "DescribeInstances", "DescribeDisks", "TagResources", "TagResources")
    ]


def test_otherwise_nothing_is_asked(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A call costs as many requests as before."""
    cid = vms.make()
    before = len(sim.calls())
    cpi.ok("set_vm_metadata", cid, METADATA)
    assert [call["action"] for call in sim.calls()[before:]] == ["TagResources"]
    assert "deployment" not in vms.disks(cid)[0].tags


@pytest.mark.parametrize("action", ["DescribeInstances", "DescribeDisks", "TagResources"])
def test_children_that_cannot_be_tagged(vms: Vms, cpi: Cpi, sim: Simulator, action: str) -> None:
    """A warning: the Director deletes a VM whose metadata could not be set."""
    cpi.configure(tag_children=True)
    cid = vms.make()
    nth = 2 if action == "TagResources" else 1
    refusal = {"kind": "error", "code": "Forbidden.RAM", "status": 403, "count": 0}
    sim.add_fault(**refusal, action=action, nth=nth)
    answer = cpi.call("set_vm_metadata", cid, METADATA)
    assert answer.error is None
    assert "WARNING" in answer.stderr
    assert "Forbidden.RAM" in answer.stderr
    assert vms.vm(cid).tags["deployment"] == "cf"
