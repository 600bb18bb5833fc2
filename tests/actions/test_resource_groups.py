"""Everything that the CPI creates in ECS is in the resource group that is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.enis.record import of_instance
from alicloud_sim.ecs.images import Image
from alicloud_sim.ecs.security_groups import SecurityGroup
from alicloud_sim.ecs.snapshots import Snapshot
from support.stemcells import KIB, image, properties, tarball
from support.world import REGION

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.vms import Vms

OTHER = "rg-another"
# It takes two interfaces.
TYPE = "ecs.g6.large"


@pytest.fixture
def group(sim: Simulator) -> str:
    """Return a resource group; there is another one."""
    sim.seed({"resource_group": [{"id": OTHER}]})
    return str(sim.world.constants["resource_group"])


def of_vm(vms: Vms, cid: str) -> set[str]:
    """Return the groups of a VM, its disks and its interfaces."""
    found: list[Any] = [vms.vm(cid), *vms.disks(cid), *of_instance(vms.sim.world, cid)]
    return {one.resource_group_id for one in found}


def two_networks(vms: Vms) -> dict[str, Any]:
    """Return two networks, an interface each."""
    first = vms.names.networks()["private"]
    return {"a": first, "b": {**first, "ip": "10.0.1.32", "default": []}}


def wanted(vms: Vms, **changes: Any) -> dict[str, Any]:
    """Ask for a VM with an ephemeral disk and two interfaces."""
    return {"networks": two_networks(vms), "ephemeral_disk": {"size": 20480}, **changes}


def test_without_a_group_none_is_named(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """The account's default group is the cloud's matter."""
    cid = vms.make(**wanted(vms))
    cpi.ok("create_disk", 20480, {}, cid)
    assert [call for call in sim.calls() if "ResourceGroupId" in call["params"]] == []


def test_of_a_vm(vms: Vms, group: str) -> None:
    """The VM, both disks, both interfaces."""
    assert of_vm(vms, vms.make(**wanted(vms, resource_group_id=group))) == {group}


def test_of_everything(vms: Vms, cpi: Cpi, storage: Storage, group: str, tmp_path: Path) -> None:
    """The job's group is the default of VMs and disks, and that of images and snapshots."""
    cpi.configure(resource_group_id=group)
    assert of_vm(vms, vms.make(**wanted(vms))) == {group}
    disk_cid = cpi.ok("create_disk", 20480, {}, None)
    assert storage.get(Disk, disk_cid).resource_group_id == group
    snapshot_cid = cpi.ok("snapshot_disk", storage.attached(storage.vm()), {})
    full = cpi.ok("create_stemcell", tarball(tmp_path, image(300 * KIB)), properties())
    cpi.configure(encrypted=True)
    copy = cpi.ok("create_stemcell", "", {"image_id": {REGION: vms.names.image}})
    assert storage.get(Snapshot, snapshot_cid).resource_group_id == group
    assert {storage.get(Image, cid).resource_group_id for cid in (full, copy)} == {group}


def test_of_a_security_group(cpi: Cpi, sim: Simulator, group: str) -> None:
    """That of a managed network, too."""
    cpi.configure(resource_group_id=group)
    wanted = {"vpc_id": sim.world.constants[f"{REGION}.vpc"], "create_security_group": True}
    subnet = {"type": "manual", "range": "10.0.9.0/24", "gateway": "", "cloud_properties": wanted}
    _, _, properties = cpi.ok("create_network", subnet)
    (created,) = properties["security_group_ids"]
    found = sim.world.get(SecurityGroup, created)
    assert found is not None
    assert found.resource_group_id == group


def test_a_type_of_its_own(vms: Vms, cpi: Cpi, storage: Storage, group: str) -> None:
    """VM types and disk types override the job's."""
    cpi.configure(resource_group_id=group)
    assert of_vm(vms, vms.make(**wanted(vms, resource_group_id=OTHER))) == {OTHER}
    disk_cid = cpi.ok("create_disk", 20480, {"resource_group_id": OTHER}, None)
    assert storage.get(Disk, disk_cid).resource_group_id == OTHER


def test_an_unknown_group(vms: Vms, cpi: Cpi) -> None:
    """The cloud's code, and nothing is left."""
    answer = vms.create(**wanted(vms, resource_group_id="rg-none"))
    assert "InvalidResourceGroup.NotFound" in answer.message
    assert vms.left() == {}
    answer = cpi.call("create_disk", 20480, {"resource_group_id": "rg-none"}, None)
    assert "InvalidResourceGroup.NotFound" in answer.message
    assert vms.left() == {}
