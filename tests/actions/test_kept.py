"""What a failed call keeps by design: its error names all of it, and the next call uses it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.deployment_sets import DeploymentSet
from alicloud_sim.ecs.images.record import Image
from support.gate import Gate, Moment

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.storage import Storage
    from support.vms import Vms

HERE, THERE = "cn-beijing", "cn-hangzhou"
SET = {"name": "web", "strategy": "Availability"}
KEPT = "Kept for the next call: "


@pytest.fixture
def shared(cpi: Cpi, sim: Simulator) -> str:
    """Let stemcells be copied; returns one of another account in another region."""
    cpi.configure(copy_stemcells=True, cross_regions=[THERE])
    return f"{sim.world.constants[f'{THERE}.light_stemcell']} light"


def copies(storage: Storage) -> list[Image]:
    """List the copies in all regions, the oldest first."""
    found = [image for image in storage.own_images() if image.origin == "copy"]
    return sorted(found, key=lambda image: image.created)


def named(answer: Answer) -> str:
    """Return the part of an error that names what is kept."""
    return answer.message.partition(KEPT)[2]


def stopped(
    cpi: Cpi, sim: Simulator, action: str, moment: Moment, request: tuple[str, list[Any]]
) -> Answer:
    """Stop a call with a signal while the first such request of it is held."""
    gate = Gate.at(sim)
    gate.close("ecs", action, 1, moment)
    call = cpi.started(request[0], *request[1])
    assert gate.reached.wait(30)
    call.send(signal.SIGTERM)
    gate.open()
    answer = call.answer()
    assert answer.message.startswith("The CPI was stopped by SIGTERM")
    return answer


def check_named(storage: Storage, answer: Answer) -> None:
    """Both copies are named with their regions and snapshots, and so is nothing else."""
    there, here = copies(storage)
    assert named(answer) == ", ".join(
        f"image '{copy.id}' in region {copy.region} (snapshots: {', '.join(copy.snapshot_ids)})"
        for copy in (there, here)
    )
    assert (there.region, here.region) == (THERE, HERE)


def test_copies_of_a_refused_vm(sim: Simulator, storage: Storage, vms: Vms, shared: str) -> None:
    """CreateInstance is refused when the stemcell is copied; the next call copies nothing."""
    sim.add_fault(kind="error", action="CreateInstance", code="OperationDenied.NoStock")
    answer = vms.create(stemcell=shared)
    assert answer.type == "VMCreationFailed"
    assert answer.ok_to_retry
    check_named(storage, answer)
    vms.make(stemcell=shared)
    assert storage.asked("CopyImage") == 2


def test_copies_that_do_not_suit(storage: Storage, vms: Vms, shared: str) -> None:
    """What the VM needs of its image is compared when the copy is made."""
    answer = vms.create(stemcell=shared, system_disk={"encrypted": True})
    assert "needs an encrypted stemcell" in answer.message
    check_named(storage, answer)


def test_copies_of_a_stopped_vm(
    cpi: Cpi, sim: Simulator, storage: Storage, vms: Vms, shared: str
) -> None:
    """A signal while the VM is created deletes the VM, and nothing else."""
    request = ("create_vm", vms.arguments(stemcell=shared))
    answer = stopped(cpi, sim, "CreateInstance", Moment.AFTER, request)
    assert "Cleaned up: VM 'i-" in answer.message
    check_named(storage, answer)
    assert list(vms.left()) == []


@pytest.mark.parametrize("method", ["create_vm", "create_stemcell"])
def test_a_signal_during_the_request_to_copy(
    cpi: Cpi, sim: Simulator, storage: Storage, vms: Vms, shared: str, method: str
) -> None:
    """It waits for the id of the copy."""
    arguments = {
        "create_vm": vms.arguments(stemcell=shared),
        "create_stemcell": ["", {"image_id": {THERE: shared.removesuffix(" light")}}],
    }
    answer = stopped(cpi, sim, "CopyImage", Moment.AFTER, (method, arguments[method]))
    (copy,) = copies(storage)
    assert named(answer) == f"image '{copy.id}' in region {THERE}"


def test_a_copy_whose_features_cannot_be_set(cpi: Cpi, storage: Storage) -> None:
    """create_stemcell names the copy, too."""
    cpi.configure(copy_stemcells=True, cross_regions=[THERE])
    source = storage.image(region=THERE, nvme_supported=True)
    storage.refuse("ModifyImageAttribute", "Forbidden.RAM", status=403)
    answer = cpi.call("create_stemcell", "", {"image_id": {THERE: source}})
    (copy,) = copies(storage)
    assert f"image '{copy.id}' in region {HERE} (snapshots: s-" in named(answer)


def test_a_failed_copy_is_deleted(
    cpi: Cpi, sim: Simulator, storage: Storage, vms: Vms, shared: str
) -> None:
    """Only what can be used is kept; one that cannot be deleted is left behind."""
    storage.set(image__copy_fails=True)
    answer = vms.create(stemcell=shared)
    assert "Cleaned up: image 'm-" in answer.message
    assert (named(answer), copies(storage)) == ("", [])
    sim.add_fault(kind="error", action="DeleteImage", code="Forbidden.RAM", status=403, count=0)
    answer = vms.create(stemcell=shared)
    (copy,) = copies(storage)
    assert f"LEFT BEHIND, delete by hand: image '{copy.id}' in region {THERE}" in answer.message
    assert not answer.ok_to_retry
    sim.clear_faults()
    storage.set(image__copy_fails=False)
    assert cpi.ok("has_vm", vms.make(stemcell=shared))


@pytest.mark.parametrize("cause", ["refusal", "signal", "signal in time"])
def test_a_deployment_set(cpi: Cpi, sim: Simulator, vms: Vms, cause: str) -> None:
    """It is named when the VM is refused, or the call is stopped; the next call uses it."""
    arguments = vms.arguments(deployment_set=SET)
    if cause == "refusal":
        sim.add_fault(kind="error", action="CreateInstance", code="OperationDenied.NoStock")
        answer = cpi.call("create_vm", *arguments)
    else:
        action = "CreateDeploymentSet" if cause == "signal in time" else "CreateInstance"
        answer = stopped(cpi, sim, action, Moment.AFTER, ("create_vm", arguments))
    (found,) = sim.world.all(DeploymentSet)
    assert named(answer) == f"deployment set '{found.id}' in region {HERE}"
    vm = vms.vm(vms.make(deployment_set=SET))
    assert vm.deployment_set_id == found.id


def test_a_deployment_set_that_there_was(sim: Simulator, vms: Vms) -> None:
    """The call did not make it, and does not name it."""
    sim.seed({"deployment_set": [{"name": "web", "strategy": "Availability"}]})
    sim.add_fault(kind="error", action="CreateInstance", code="OperationDenied.NoStock")
    assert "Kept" not in vms.create(deployment_set=SET).message


def test_a_signal_while_a_failed_vm_is_marked(cpi: Cpi, sim: Simulator, vms: Vms) -> None:
    """A VM that ``keep_failed_vms`` keeps is named, also if the call is stopped then."""
    cpi.configure(keep_failed_vms=True)
    sim.set_pace("instant", grace=0.2)
    gate = Gate.at(sim)
    gate.add(kind="error", action="StartInstance", code="OperationDenied.NoStock")
    gate.close("ecs", "TagResources", 1, Moment.BEFORE)
    call = cpi.started("create_vm", *vms.arguments())
    assert gate.reached.wait(30)
    call.send(signal.SIGTERM)
    gate.open()
    answer = call.answer()
    (cid,) = vms.left()["instance"]
    assert f"Kept for debugging, delete by hand: VM '{cid}'" in answer.message
