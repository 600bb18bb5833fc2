"""create_vm with ``raw_instance_storage``: the local disks of an instance type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused
from support.world import ZONE

if TYPE_CHECKING:
    from support.storage import Storage
    from support.vms import Vms

ONE = "ecs.i2.xlarge"
TWO = "ecs.i2.4xlarge"
LOCAL = "local_ssd_pro"


def raw(vms: Vms, cid: str) -> list[dict[str, str]] | None:
    """Return the local disks in the agent's settings."""
    found: list[dict[str, str]] | None = vms.settings(cid)["disks"].get("raw_ephemeral")
    return found


def put_type(vms: Vms, **fields: Any) -> str:
    """Put an instance type into the world; returns its name."""
    row = {
        "region": "",
        "account": "",
        "zones": [ZONE],
        "disk_categories": ["cloud_efficiency", "cloud_essd"],
        **fields,
    }
    return vms.sim.seed({"instance_type": [row]})["instance_type"][0]


@pytest.mark.parametrize(
    ("instance_type", "paths"),
    [(ONE, ["/dev/nvme0n1"]), (TWO, ["/dev/nvme0n1", "/dev/nvme1n1"])],
)
@pytest.mark.parametrize("size", [None, 20480])
def test_in_the_settings(vms: Vms, instance_type: str, paths: list[str], size: int | None) -> None:
    """The agent is given each local disk, besides the ephemeral disk, if there is one."""
    cid = vms.make(
        instance_type=instance_type,
        raw_instance_storage=True,
        ephemeral_disk={"size": size} if size else None,
    )
    assert raw(vms, cid) == [{"path": path} for path in paths]
    ephemeral = [disk for disk in vms.disks(cid) if disk.description == "BOSH ephemeral disk"]
    found = vms.settings(cid)["disks"].get("ephemeral", "")
    assert found.endswith(ephemeral[0].serial_number if ephemeral else "")
    assert bool(found) == bool(size)


@pytest.mark.parametrize("wanted", [{}, {"raw_instance_storage": "false"}])
def test_unless_asked_for(vms: Vms, wanted: dict[str, Any]) -> None:
    """Without the property the agent is given none, and no request is made for it."""
    with vms.cpi.requests() as usual:
        vms.make(agent="usual", ephemeral_disk=None)
    networks = vms.names.networks(ip="10.0.1.20")
    with vms.cpi.requests() as requests:
        cid = vms.make(
            instance_type=ONE, ephemeral_disk=None, agent="other", networks=networks, **wanted
        )
    assert raw(vms, cid) is None
    assert sorted(requests) == sorted(usual)


def test_of_the_type_that_is_taken(vms: Vms) -> None:
    """Of several instance types the one counts that the zone sells."""
    vms.sim.seed({"stock": [{"zone": ZONE, "type": TWO, "left": 0}]})
    cid = vms.make(instance_type=None, instance_types=[TWO, ONE], raw_instance_storage=True)
    assert vms.vm(cid).instance_type == ONE
    assert raw(vms, cid) == [{"path": "/dev/nvme0n1"}]


@pytest.mark.parametrize("also", [[], [ONE]])
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "local NVMe disks: {} has none"),
        ({"local_disks": 4, "local_category": "local_hdd_pro"}, "local NVMe disks: {} has none"),
        (
            {"local_disks": 1, "local_category": LOCAL, "nvme_support": "required"},
            "are virtio devices: those of {} are NVMe devices",
        ),
    ],
)
def test_refused(vms: Vms, also: list[str], fields: dict[str, Any], words: str) -> None:
    """A type without them, or whose devices cannot be told apart, is named before creation."""
    name = put_type(vms, **fields)
    wanted = [*also, name]
    answer = vms.create(instance_type=None, instance_types=wanted, raw_instance_storage=True)
    refused(answer, "VMCreationFailed", "cloud_properties.raw_instance_storage needs an instance")
    refused(answer, "VMCreationFailed", words.format(name))
    assert vms.left() == {}
    assert vms.sim.calls("CreateInstance") == []


def test_no_such_type(vms: Vms) -> None:
    """The cloud's own refusal names it."""
    answer = vms.create(instance_type="ecs.none", raw_instance_storage=True)
    refused(answer, "VMCreationFailed", "InvalidInstanceType")
    assert vms.left() == {}


def test_a_lost_answer(vms: Vms) -> None:
    """A repeat finds the same VM, with its local disks in the settings."""
    vms.sim.add_fault(kind="lost", action="CreateInstance")
    cid = vms.make(instance_type=ONE, raw_instance_storage=True)
    assert raw(vms, cid) == [{"path": "/dev/nvme0n1"}]
    assert vms.make(instance_type=ONE, raw_instance_storage=True) == cid


@pytest.mark.parametrize("wanted", [True, False])
def test_they_are_no_persistent_disks(vms: Vms, storage: Storage, wanted: bool) -> None:  # noqa: FBT001
    """get_disks does not list them, and they go with the VM."""
    cid = vms.make(instance_type=TWO, raw_instance_storage=wanted, ephemeral_disk={"size": 20480})
    assert [disk.category for disk in vms.disks(cid)].count(LOCAL) == 2
    disk_cid = storage.make()
    vms.cpi.ok("attach_disk", cid, disk_cid)
    assert vms.cpi.ok("get_disks", cid) == [disk_cid]
    vms.cpi.ok("delete_vm", cid)
    assert [disk.id for disk in storage.disks()] == [disk_cid]
