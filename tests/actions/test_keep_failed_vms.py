"""create_vm with ``alicloud.keep_failed_vms``: a VM that fails is kept for debugging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.connections import Connections

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.vms import Vms


@pytest.fixture(autouse=True)
def keep(vms: Vms) -> None:
    """Set the property."""
    vms.cpi.configure(keep_failed_vms=True)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"action": "StartInstance", "code": "OperationDenied.NoStock"}, "OperationDenied.NoStock"),
        ({"action": "ModifyInstanceAttribute", "code": "Forbidden.RAM"}, "Forbidden.RAM"),
    ],
)
def test_a_vm_that_fails_is_kept(
    vms: Vms, sim: Simulator, fault: dict[str, Any], code: str
) -> None:
    """It is tagged and named, with its disks, and the Director does not try again."""
    sim.add_fault(kind="error", status=403, count=0, **fault)
    answer = vms.create(ephemeral_disk={"size": 20480})
    assert answer.type == "VMCreationFailed"
    assert code in answer.message
    assert not answer.ok_to_retry
    (cid,) = vms.left()["instance"]
    assert f"Kept for debugging, delete by hand: VM '{cid}'" in answer.message
    assert "Cleaned up" not in answer.message
    assert vms.vm(cid).tags["bosh-failed"] == "create_vm"
    assert len(vms.disks(cid)) == 2
    assert sim.calls("DeleteInstance") == []


def test_a_wait_in_vain(vms: Vms, sim: Simulator) -> None:
    """A VM that does not come up in time is one to look at."""
    sim.set_pace(instance__start=4000)
    answer = vms.create()
    (cid,) = vms.left()["instance"]
    assert f"VM '{cid}'" in answer.message.partition("Kept for debugging")[2]
    assert not answer.ok_to_retry


def test_its_load_balancers_are_kept(vms: Vms, sim: Simulator) -> None:
    """What it has joined stays as it was when the call failed."""
    connections = Connections(sim)
    groups = [{"server_group_id": connections.nlb_groups[0], "port": 80}]
    vms.create(nlb_server_groups=groups, slbs=["lb-gone"])
    (cid,) = vms.left()["instance"]
    assert [member[1] for member in connections.nlb_members()] == [cid]


def test_a_tag_that_is_refused(vms: Vms, sim: Simulator) -> None:
    """The VM is kept and named all the same."""
    sim.add_fault(kind="error", action="StartInstance", code="OperationDenied.NoStock", count=0)
    sim.add_fault(kind="error", action="TagResources", code="Forbidden.RAM", status=403, count=0)
    answer = vms.create()
    (cid,) = vms.left()["instance"]
    assert f"Kept for debugging, delete by hand: VM '{cid}'" in answer.message
    assert "OperationDenied.NoStock" in answer.message


def test_nothing_is_kept_of_a_vm_that_was_never_created(vms: Vms, sim: Simulator) -> None:
    """A refused CreateInstance fails as always."""
    sim.add_fault(kind="error", action="CreateInstance", code="OperationDenied.NoStock", count=0)
    answer = vms.create()
    assert answer.ok_to_retry
    assert "Kept" not in answer.message
    assert vms.left() == {}


def test_without_the_property_a_failed_vm_is_deleted(vms: Vms, sim: Simulator) -> None:
    """As it is by default, and in a call whose cpi-config entry says so."""
    sim.add_fault(kind="error", action="StartInstance", code="OperationDenied.NoStock", count=0)
    answer = vms.create(context={"keep_failed_vms": False})
    assert "Cleaned up: VM" in answer.message
    assert vms.left() == {}


def test_a_vm_that_succeeds_is_as_always(vms: Vms, sim: Simulator) -> None:
    """No tag and no request more."""
    cid = vms.make()
    assert "bosh-failed" not in vms.vm(cid).tags
    assert sim.calls("TagResources") == []
