"""``alicloud-cpi leftovers``: finds what calls left behind, and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi import leftovers
from alicloud_cpi.__main__ import main
from alicloud_sim.vpc.networks import VSwitch
from support.cpi import NEVER_SHOWN
from support.stemcells import KIB, image, properties, tarball
from support.world import REGION, ZONE

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.vms import Vms
    from support.world import Names

FORBIDDEN: dict[str, Any] = {"kind": "error", "code": "Forbidden.RAM", "status": 403, "count": 0}


@pytest.fixture
def listed(cpi: Cpi, capsys: pytest.CaptureFixture[str]) -> Any:
    """Give a function that runs the command and returns kind, id and reason of each leftover."""

    def run() -> list[tuple[str, str, str]]:
        assert leftovers.run(str(cpi.path), cpi.clock) == 0
        shown = capsys.readouterr()
        assert not any(secret in shown.out + shown.err for secret in NEVER_SHOWN)
        rows = [json.loads(line) for line in shown.out.splitlines()]
        assert [row["created"] for row in rows] == sorted(row["created"] for row in rows)
        assert {row["region"] for row in rows} <= {REGION}
        return [(row["kind"], row["id"], row["why"]) for row in rows]

    return run


def test_nothing_in_an_empty_account(listed: Any) -> None:
    """What others made, such as the seed, is never listed."""
    assert listed() == []


def test_what_is_in_use_is_not_listed(listed: Any, vms: Vms, cpi: Cpi, storage: Storage) -> None:
    """A running VM with a disk, whose snapshot has its disk, is nobody's leftover."""
    vm = vms.make(ephemeral_disk={"size": 20480})
    cpi.ok("set_vm_metadata", vm, {"deployment": "cf", "name": "web/0"})
    disk = storage.make(vm=vm)
    cpi.ok("attach_disk", vm, disk)
    cpi.ok("snapshot_disk", disk, {"deployment": "cf"})
    assert listed() == []


def test_a_vm_that_nobody_took_over(listed: Any, vms: Vms) -> None:
    """A VM whose create_vm was killed when it ran already lacks what the Director says of VMs."""
    cid = vms.make()
    ((kind, name, why),) = listed()
    assert (kind, name) == ("instance", cid)
    assert "set_vm_metadata" in why


def test_a_vm_that_never_ran(listed: Any, vms: Vms, sim: Simulator) -> None:
    """The VM of a call that could not take it back, or was killed, is found."""
    sim.add_fault(kind="error", action="StartInstance", code="OperationDenied.NoStock")
    sim.add_fault(action="DeleteInstance", **FORBIDDEN)
    (cid,) = [vms.create().message.partition("LEFT BEHIND, delete by hand: VM '")[2][:22]]
    assert listed() == [("instance", cid, "Stopped, never started")]


def test_disks_without_a_vm(listed: Any, storage: Storage) -> None:
    """Persistent disks that are free, and ephemeral ones that outlived their VM; no others."""
    free = storage.disk()
    old = storage.disk(description="BOSH ephemeral disk")
    storage.disk(description="somebody else's")
    storage.attached(storage.vm())
    found = {disk: why for _, disk, why in listed()}
    assert set(found) == {free, old}
    assert "orphaned" in found[free]
    assert found[old] == "its VM is gone"


def test_a_snapshot_whose_disk_is_gone(listed: Any, vms: Vms, cpi: Cpi, storage: Storage) -> None:
    """Snapshots outlive their disks, as BOSH wants it: then they are easily forgotten."""
    vm = vms.make()
    cpi.ok("set_vm_metadata", vm, {"director": "d"})
    disk = storage.make(vm=vm)
    cpi.ok("attach_disk", vm, disk)
    snapshot = cpi.ok("snapshot_disk", disk, {"deployment": "cf"})
    cpi.ok("detach_disk", vm, disk)
    cpi.ok("delete_disk", disk)
    ((kind, name, why),) = listed()
    assert (kind, name) == ("snapshot", snapshot)
    assert "its disk is gone" in why


def test_a_bucket_and_an_image(
    listed: Any, cpi: Cpi, sim: Simulator, storage: Storage, tmp_path: Path
) -> None:
    """A bucket that an upload left, and an image that no VM uses."""
    sim.add_fault(kind="error", action="DeleteBucket", code="AccessDenied", status=403, count=0)
    made = cpi.ok("create_stemcell", tarball(tmp_path, image(300 * KIB)), properties())
    storage.image()
    found = {kind: name for kind, name, _ in listed()}
    assert found["image"] == made
    assert found["bucket"].startswith("bosh-stemcell-")
    assert set(found) == {"image", "bucket"}


def test_a_snapshot_whose_image_is_gone(
    listed: Any, cpi: Cpi, sim: Simulator, storage: Storage, tmp_path: Path
) -> None:
    """A delete_stemcell that was cut off leaves the image's snapshot; made again, it finds it."""
    made = cpi.ok("create_stemcell", tarball(tmp_path, image(300 * KIB)), properties())
    (snapshot,) = storage.snapshots()
    sim.add_fault(action="DeleteSnapshot", **FORBIDDEN)
    cpi.ok("delete_stemcell", made)
    assert listed() == [("snapshot", snapshot.id, "its image is gone")]
    sim.clear_faults()
    cpi.ok("delete_stemcell", made)
    assert listed() == []
    assert storage.snapshots() == []


def test_an_interface_that_stays(listed: Any, vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """An interface whose instance is gone keeps a private address taken."""
    vm = vms.make()
    sim.seed({"settings": {"instance.leaves_primary_eni": True}})
    cpi.ok("delete_vm", vm)
    ((kind, _, why),) = listed()
    assert kind == "interface"
    assert "10.0.1.10" in why


def test_an_empty_managed_network(listed: Any, cpi: Cpi, sim: Simulator) -> None:
    """The vSwitch of a create_network that was killed is found, unless something is in it."""
    properties = {"vpc_id": sim.world.constants[f"{REGION}.vpc"], "availability_zone": ZONE}
    subnet = {"type": "manual", "range": "10.0.9.0/24", "cloud_properties": properties}
    cid = cpi.ok("create_network", subnet)[0]
    ((kind, name, why),) = listed()
    assert (kind, name) == ("vswitch", cid)
    assert "bosh networks --orphaned" in why
    sim.seed({"eni": [{"vswitch_id": cid, "private_ip": "10.0.9.7", "type": "Secondary"}]})
    assert listed() == []


def test_a_security_group_whose_network_is_gone(listed: Any, cpi: Cpi, sim: Simulator) -> None:
    """A create_network that was killed may leave it; that of a network in use is not listed."""
    properties = {"vpc_id": sim.world.constants[f"{REGION}.vpc"], "create_security_group": True}
    subnet = {"type": "manual", "range": "10.0.9.0/24", "cloud_properties": properties}
    cid, _, network = cpi.ok("create_network", subnet)
    (group,) = network["security_group_ids"]
    assert [name for _, name, _ in listed()] == [cid]
    vswitch = sim.world.get(VSwitch, cid)
    assert vswitch is not None
    sim.world.remove(vswitch)
    assert listed() == [("security group", group, "its managed network is gone")]


def test_vswitches_that_may_not_be_read(
    cpi: Cpi, sim: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """An account that has no managed networks needs no permission for them."""
    sim.add_fault(action="DescribeVSwitches", **FORBIDDEN)
    assert leftovers.run(str(cpi.path), cpi.clock) == 0
    assert "managed networks cannot be searched" in capsys.readouterr().err


def test_a_deployment_set_without_vms(listed: Any, vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """Those of the CPI that no VM is in any more."""
    sim.seed({"deployment_set": [{"name": "own"}]})
    cid = vms.make(deployment_set={"name": "web"})
    cpi.ok("set_vm_metadata", cid, {"deployment": "cf"})
    assert listed() == []
    set_id = vms.vm(cid).deployment_set_id
    cpi.ok("delete_vm", cid)
    ((kind, name, why),) = listed()
    assert (kind, name) == ("deployment set", set_id)
    assert why.startswith("no VM is in it")


def test_deployment_sets_that_may_not_be_read(
    cpi: Cpi, sim: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """An account that has none needs no permission for them."""
    sim.add_fault(action="DescribeDeploymentSets", **FORBIDDEN)
    assert leftovers.run(str(cpi.path), cpi.clock) == 0
    assert "deployment sets cannot be searched" in capsys.readouterr().err


def test_nothing_is_changed(listed: Any, sim: Simulator, storage: Storage, names: Names) -> None:
    """The command only reads, also where it finds many pages of leftovers."""
    disks = [storage.disk(zone_id=ZONE) for _ in range(120)]
    assert names.image
    before = len(sim.calls())
    assert len(listed()) == len(disks)
    asked = {str(call["action"]) for call in sim.calls()[before:]}
    assert all(action.startswith(("Describe", "List")) for action in asked), asked


@pytest.mark.parametrize("options", [[], ["--config", "/nowhere/cpi.json"]])
def test_no_configuration(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a configuration it says so on stderr, and exits with status 1."""
    assert main(["leftovers", *options]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "onfiguration" in shown.err


def test_refused(cpi: Cpi, sim: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """A permission that is missing is named; what could be read by then is not half a list."""
    sim.add_fault(action="DescribeSnapshots", **FORBIDDEN)
    assert leftovers.run(str(cpi.path), cpi.clock) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "DescribeSnapshots" in shown.err
