"""deletion_protection: on when create_vm returns, off again for delete_vm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.connections import Connections

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

PROTECTED: dict[str, Any] = {"deletion_protection": True}
TAG = "bosh-cpi-deletion-protection"


def protections(sim: Simulator) -> list[str]:
    """Return how each request changed the protection."""
    calls = sim.calls("ModifyInstanceAttribute")
    found = [call["params"].get("DeletionProtection") for call in calls]
    return [value for value in found if value]


def test_on_and_off(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """The VM is protected; a tag shows that the CPI did it, so delete_vm deletes it."""
    cid = vms.make(**PROTECTED)
    assert vms.vm(cid).deletion_protection
    assert vms.vm(cid).tags[TAG] == "true"
    cpi.ok("delete_vm", cid)
    assert protections(sim) == ["true", "false"]
    assert vms.left() == {}


@pytest.mark.parametrize("properties", [{}, {"deletion_protection": False}])
def test_without_protection_nothing_is_sent(
    vms: Vms, cpi: Cpi, sim: Simulator, properties: dict[str, Any]
) -> None:
    """No request more, and no tag."""
    cid = vms.make(**properties)
    assert TAG not in vms.vm(cid).tags
    cpi.ok("delete_vm", cid)
    assert protections(sim) == []


def test_protected_by_somebody_else(vms: Vms, cpi: Cpi) -> None:
    """Refused before anything of the VM is changed; it works once the protection is off."""
    connections = Connections(vms.sim)
    cid = vms.make(slbs=[connections.balancer])
    vms.vm(cid).deletion_protection = True
    answer = cpi.call("delete_vm", cid)
    assert "has deletion protection that this CPI did not turn on" in answer.message
    assert not answer.ok_to_retry
    assert vms.vm(cid).status == "Running"
    assert len(connections.backends()) == 1
    vms.vm(cid).deletion_protection = False
    cpi.ok("delete_vm", cid)
    assert vms.left() == {}


def test_protected_meanwhile(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A list that lags does not show it: the error of DeleteInstance says what to do."""
    cid = vms.make()
    sim.add_fault(
        kind="error",
        action="DeleteInstance",
        code="InvalidOperation.DeletionProtection",
        status=403,
    )
    answer = cpi.call("delete_vm", cid)
    assert "Turn off the deletion protection of the instance, then repeat" in answer.message


def test_metadata_keeps_the_tag(vms: Vms, cpi: Cpi) -> None:
    """Neither more tags than fit nor one of its name replace it."""
    cid = vms.make(**PROTECTED, tags={f"own-{number}": "x" for number in range(20)})
    cpi.ok("set_vm_metadata", cid, {TAG: "false", **{f"more-{n}": "x" for n in range(30)}})
    assert vms.vm(cid).tags[TAG] == "true"
    cpi.ok("delete_vm", cid)


@pytest.mark.parametrize(
    ("properties", "changes"),
    [
        ({}, ["true", "false"]),  # by the second call, and by delete_vm
        (PROTECTED, ["true", "true", "true", "false"]),
        ({"spot_strategy": "SpotAsPriceGo"}, []),  # the cloud refuses protection of a spot VM
    ],
)
def test_a_vm_that_two_calls_return(
    vms: Vms, cpi: Cpi, sim: Simulator, properties: dict[str, Any], changes: list[str]
) -> None:
    """It is protected and described so from then on; delete_vm deletes it."""
    cid = vms.make(**properties)
    assert vms.make(**properties) == cid
    assert vms.vm(cid).description.endswith(", returned by several calls")
    assert vms.vm(cid).deletion_protection == bool(changes)
    cpi.ok("delete_vm", cid)
    assert protections(sim) == changes
    assert vms.left() == {}


@pytest.mark.parametrize("kind", ["lost", "refused"])
def test_trouble_with_the_protection(vms: Vms, sim: Simulator, kind: str) -> None:
    """A lost answer is repeated; after a refusal the VM is deleted, protected or not."""
    nth = 2  # the first one writes the user data
    if kind == "lost":
        sim.add_fault(kind="lost", action="ModifyInstanceAttribute", nth=nth)
        assert vms.vm(vms.make(**PROTECTED)).deletion_protection
        return
    sim.add_fault(
        kind="error", action="ModifyInstanceAttribute", code="Forbidden.RAM", status=403, nth=nth
    )
    answer = vms.create(**PROTECTED)
    assert "Forbidden.RAM" in answer.message
    assert vms.left() == {}


def test_a_failure_after_it(vms: Vms, sim: Simulator) -> None:
    """The protected VM is deleted, with its disk that would have stayed."""
    sim.add_fault(
        kind="error", action="ModifyDiskAttribute", code="Forbidden.RAM", status=403, count=0
    )
    disk = {"size": 20480, "delete_with_instance": False}
    answer = vms.create(**PROTECTED, ephemeral_disk=disk)
    assert "Forbidden.RAM" in answer.message
    assert protections(sim) == ["true", "false"]
    assert vms.left() == {}


@pytest.mark.parametrize(
    "properties",
    [
        {"charge_type": "PrePaid", "charge_period": 1},
        {"spot_strategy": "SpotAsPriceGo"},
        {"spot_strategy": "SpotAsPriceGo", "spot_ondemand_fallback": True},
    ],
)
def test_vms_that_cannot_be_protected(vms: Vms, sim: Simulator, properties: dict[str, Any]) -> None:
    """The cloud protects pay-as-you-go VMs only."""
    answer = vms.create(**PROTECTED, **properties)
    assert "cloud_properties.deletion_protection is for pay-as-you-go VMs" in answer.message
    assert sim.calls("CreateInstance") == []


def test_protection_that_cannot_be_turned_off(vms: Vms, sim: Simulator) -> None:
    """It was never on, so the VM is deleted all the same."""
    sim.add_fault(
        kind="error",
        action="ModifyInstanceAttribute",
        code="Forbidden.RAM",
        status=403,
        nth=2,  # the first one writes the user data
        count=0,
    )
    answer = vms.create(**PROTECTED)
    assert "Cleaned up: VM" in answer.message
    assert vms.left() == {}
