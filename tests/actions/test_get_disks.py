"""get_disks: the persistent disks of a VM, all of them and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms


def test_none(vms: Vms, cpi: Cpi) -> None:
    """Neither the system disk nor the ephemeral one is a persistent disk."""
    assert cpi.ok("get_disks", vms.make(ephemeral_disk={"size": 20480})) == []


def test_attached_ones(vms: Vms, cpi: Cpi) -> None:
    """Attached persistent disks are listed; others are not."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    vms.disk()
    vms.attached("i-other")
    disk = cpi.ok("create_disk", 20480, {"category": "cloud_essd"}, cid)
    assert cpi.ok("get_disks", cid) == []
    cpi.ok("attach_disk", cid, disk)
    assert cpi.ok("get_disks", cid) == [disk]
    assert cpi.ok("get_disks", cid) == [disk]
    cpi.ok("detach_disk", cid, disk)
    assert cpi.ok("get_disks", cid) == []


@pytest.mark.parametrize("count", [9, 10, 11, 16, 130])
def test_all_pages(vms: Vms, cpi: Cpi, count: int) -> None:
    """However many disks there are, all are listed, each once."""
    cid = vms.make(ephemeral_disk={"size": 20480})
    disks = [vms.attached(cid, number) for number in range(count)]
    found = cpi.ok("get_disks", cid)
    assert sorted(found) == sorted(disks)


def test_whatever_their_flags(vms: Vms, cpi: Cpi) -> None:
    """A persistent disk is one also where somebody set DeleteWithInstance=true on it."""
    cid = vms.make()
    disk = vms.attached(cid, device="/dev/xvdb", delete_with_instance=True)
    assert cpi.ok("get_disks", cid) == [disk]


def test_a_stopped_vm(vms: Vms, cpi: Cpi) -> None:
    """A VM that is down has its disks, too."""
    cid = vms.make()
    disk = vms.attached(cid)
    vms.vm(cid).status = "Stopped"
    assert cpi.ok("get_disks", cid) == [disk]


@pytest.mark.parametrize("cid", ["i-2zenever0000000000000", "nonsense"])
def test_not_there(cpi: Cpi, cid: str) -> None:
    """A VM that is not there is VMNotFound."""
    assert cpi.call("get_disks", cid).type == "VMNotFound"


def test_deleted(vms: Vms, cpi: Cpi) -> None:
    """A VM that was deleted is VMNotFound, also where its disks are still there."""
    cid = vms.make()
    vms.attached(cid)
    cpi.ok("delete_vm", cid)
    assert cpi.call("get_disks", cid).type == "VMNotFound"


@pytest.mark.parametrize("cid", ["", None, 5])
def test_bad_cid(cpi: Cpi, sim: Simulator, cid: object) -> None:
    """A cid has to be a text that is not empty."""
    answer = cpi.call("get_disks", cid)
    assert answer.type == "CpiError"
    assert "vm_cid" in answer.message
    assert sim.calls() == []
