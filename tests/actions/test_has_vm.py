"""has_vm: true for every VM that there is, false for one that is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms


@pytest.mark.parametrize("status", ["Pending", "Starting", "Running", "Stopping", "Stopped"])
def test_there(vms: Vms, cpi: Cpi, status: str) -> None:
    """A VM exists, whatever it is up to; nothing is changed."""
    cid = vms.make()
    vms.vm(cid).status = status
    assert cpi.ok("has_vm", cid) is True
    assert cpi.ok("has_vm", cid) is True
    assert vms.vm(cid).status == status


@pytest.mark.parametrize("cid", ["i-2zenever0000000000000", "nonsense", '"]'])
def test_not_there(cpi: Cpi, cid: str) -> None:
    """A cid that nobody knows is no error: cloud-check wants an answer."""
    assert cpi.ok("has_vm", cid) is False


def test_gone(vms: Vms, cpi: Cpi) -> None:
    """A VM that was deleted is not there."""
    cid = vms.make()
    cpi.ok("delete_vm", cid)
    assert cpi.ok("has_vm", cid) is False


def test_of_another_account(vms: Vms, cpi: Cpi) -> None:
    """Another account's VM is not there."""
    cid = vms.make()
    vms.vm(cid).account = "1200000000000002"
    assert cpi.ok("has_vm", cid) is False


@pytest.mark.parametrize("cid", ["", " ", None, 5])
def test_bad_cid(cpi: Cpi, sim: Simulator, cid: object) -> None:
    """A cid has to be a text that is not empty."""
    answer = cpi.call("has_vm", cid)
    assert answer.type == "CpiError"
    assert "vm_cid" in answer.message
    assert sim.calls() == []


def test_only_where_vms_are_made(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """The job's region and cross_regions are asked, and no others."""
    cpi.configure(cross_regions=["cn-hangzhou"])
    assert cpi.ok("has_vm", "i-gone") is False
    regions = [call["params"]["RegionId"] for call in sim.calls()]
    assert regions == ["cn-beijing", "cn-hangzhou"]
    sim.reset()
    assert cpi.ok("has_vm", vms.make()) is True
    assert sim.calls()[-1]["params"]["RegionId"] == "cn-beijing"


@pytest.mark.parametrize("kind", ["lost", "html", "truncated"])
def test_trouble_is_no_answer(vms: Vms, cpi: Cpi, sim: Simulator, kind: str) -> None:
    """A request that failed in passing is repeated: it never reads as "not there"."""
    cid = vms.make()
    sim.add_fault(kind=kind, count=2)
    assert cpi.ok("has_vm", cid) is True


def test_no_permission(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A refusal is an error, not a VM that is gone."""
    cid = vms.make()
    sim.add_fault(kind="error", code="Forbidden.RAM", status=403)
    answer = cpi.call("has_vm", cid)
    assert answer.type == "CloudError"
    assert f'DescribeInstances of InstanceIds ["{cid}"] failed: Forbidden.RAM' in answer.message
