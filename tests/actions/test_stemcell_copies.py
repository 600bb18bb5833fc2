"""Stemcells with ``alicloud.copy_stemcells``: copied into other regions, and deleted there."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.images.record import Image
from support.storage import refused
from support.vms import Meanwhile
from support.world import MARK, Names

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.vms import Vms

HERE, THERE = "cn-beijing", "cn-hangzhou"
ZONE_THERE = "cn-hangzhou-h"
OTHER_ACCOUNT = "1200000000000002"
SOURCE = "m-bp1source"


@pytest.fixture
def copying(cpi: Cpi) -> Cpi:
    """Give the CPI of an account that copies stemcells."""
    cpi.configure(copy_stemcells=True, cross_regions=[THERE])
    return cpi


@pytest.fixture
def source(storage: Storage) -> str:
    """Return an image of our own in the other region."""
    return storage.image(id=SOURCE, region=THERE, name="stemcell", nvme_supported=True)


@pytest.fixture
def shared(storage: Storage) -> str:
    """Return an image in the other region that another account shares with us."""
    image = storage.image(id=SOURCE, region=THERE, name="stemcell", account=OTHER_ACCOUNT)
    storage.get(Image, image).shared_with = [storage.sim.world.account]
    return image


@pytest.fixture
def vm_there(sim: Simulator) -> dict[str, Any]:
    """Give the arguments of create_vm for a VM in the other region."""
    constants = sim.world.constants
    properties = {
        "vswitch_id": constants[f"{THERE}.vswitch.{ZONE_THERE}"],
        "security_group_ids": [constants[f"{THERE}.security_group.default"]],
    }
    network = {**Names(constants).networks(ip="10.0.1.10")["private"]}
    network["cloud_properties"] = properties
    return {"networks": {"private": network}, "region": THERE, "availability_zone": ZONE_THERE}


def light(**regions: str) -> dict[str, Any]:
    """Word a light stemcell's cloud_properties."""
    return {"name": "jammy", "image_id": regions or {THERE: SOURCE}}


def copies(storage: Storage, region: str | None = HERE) -> list[Image]:
    """List the copies in a region, or in all."""
    return [
        image
        for image in storage.own_images()
        if image.origin == "copy" and image.region == (region or image.region)
    ]


def test_copied_at_the_upload(copying: Cpi, storage: Storage, source: str) -> None:
    """The copy is usable and tagged with its source; a repeat finds it."""
    for _ in range(2):
        assert copying.ok("create_stemcell", "", light()) == f"{source} light"
    (copy,) = copies(storage)
    assert (copy.status, copy.copied_from, copy.nvme_supported) == ("Available", source, True)
    assert copy.tags == {**MARK, "bosh-cpi-copy-of": source, "bosh-cpi-nvme": "supported"}
    assert (copy.name, copy.encrypted) == (f"bosh-copy-of-{source}", False)
    assert storage.asked("CopyImage") == storage.asked("ModifyImageAttribute") == 1


def test_used_by_create_vm(copying: Cpi, storage: Storage, vms: Vms, source: str) -> None:
    """A VM of this region is created from the copy, one of the other region from the image."""
    cid = copying.ok("create_stemcell", "", light())
    (copy,) = copies(storage)
    assert vms.vm(vms.make(stemcell=cid)).image_id == copy.id
    assert storage.asked("CopyImage") == 1
    assert source not in (copy.id, "")


def test_on_demand_of_create_vm(
    copying: Cpi, storage: Storage, vms: Vms, vm_there: dict[str, Any]
) -> None:
    """A stemcell of this region is copied for the first VM in another one, once."""
    image = storage.image()
    first = vms.make(stemcell=image, **vm_there)
    vm_there["networks"]["private"]["ip"] = "10.0.1.11"
    second = vms.make(stemcell=image, agent="second", **vm_there)
    (copy,) = copies(storage, THERE)
    assert {vms.vm(cid).image_id for cid in (first, second)} == {copy.id}
    assert storage.asked("CopyImage") == 1
    assert copying.ok("has_vm", first)


@pytest.mark.parametrize("method", ["create_stemcell", "create_vm"])
def test_shared_image(copying: Cpi, storage: Storage, vms: Vms, shared: str, method: str) -> None:
    """The cloud copies another account's image in its region only: the copy is copied on."""
    if method == "create_vm":
        vms.make(stemcell=f"{shared} light")
    else:
        copying.ok("create_stemcell", "", light())
    (intermediate,), (copy,) = copies(storage, THERE), copies(storage, HERE)
    assert (intermediate.copied_from, copy.copied_from) == (shared, intermediate.id)
    assert copy.tags["bosh-cpi-copy-of"] == intermediate.tags["bosh-cpi-copy-of"] == shared


def test_without_the_property(cpi: Cpi, vms: Vms, source: str) -> None:
    """Nothing is copied, and not one more request is made."""
    cpi.configure(cross_regions=[THERE])
    refused(cpi.call("create_stemcell", "", light()), "CloudError", "no image for region")
    with cpi.requests() as requests:
        answer = vms.create(stemcell=source)
    refused(answer, "VMCreationFailed", f"Stemcell '{source}' not found in region {HERE}")
    assert requests == ["DescribeImages"]


def test_nothing_more_where_the_image_is(copying: Cpi, vms: Vms, storage: Storage) -> None:
    """With the property, a stemcell of the VM's region costs no further request."""
    copying.configure(copy_stemcells=False)
    with copying.requests() as usual:
        vms.make(agent="usual")
    copying.configure(copy_stemcells=True)
    with copying.requests() as requests:
        vms.make(agent="other", networks=vms.names.networks(ip="10.0.1.20"))
    assert sorted(requests) == sorted(usual)
    assert copies(storage, None) == []


def test_no_region_has_it(copying: Cpi, vms: Vms, storage: Storage) -> None:
    """An image that none of the regions has is an error, and nothing is made."""
    answer = vms.create(stemcell="m-none")
    refused(answer, "VMCreationFailed", f"Stemcell 'm-none' not found in region {HERE}")
    answer = copying.call("create_stemcell", "", light())
    refused(answer, "CloudError", f"Image '{SOURCE}' of the light stemcell is not visible")
    answer = copying.call("create_stemcell", "", light(**{"us-west-1": "m-1"}))
    refused(answer, "CloudError", "one of the light stemcell's regions in", "us-west-1")
    assert storage.own_images() == []


def test_a_lost_answer(copying: Cpi, storage: Storage, source: str) -> None:
    """The copy is made once."""
    storage.lose_answer("CopyImage")
    assert copying.ok("create_stemcell", "", light()) == f"{source} light"
    assert len(copies(storage)) == 1


@pytest.mark.parametrize("lag", [0, 10])
def test_calls_at_once(copying: Cpi, storage: Storage, source: str, lag: int) -> None:
    """Simultaneous calls agree on one copy, also where lists show it late."""
    storage.sim.set_lag(lag)
    calls = [copying.started("create_stemcell", "", light()) for _ in range(4)]
    assert {call.answer().result for call in calls} == {f"{source} light"}
    storage.sim.set_lag(0)
    assert [copy.status for copy in copies(storage)] == ["Available"]


def test_another_call_is_copying(copying: Cpi, storage: Storage, source: str) -> None:
    """A copy that is under way is waited for, and finished if its call was killed."""
    copying.ok("create_stemcell", "", light())
    (copy,) = copies(storage)
    copy.nvme_supported = False
    assert copying.ok("create_stemcell", "", light()) == f"{source} light"
    assert copies(storage)[0].nvme_supported
    assert storage.asked("CopyImage") == 1


def test_listed_late(copying: Cpi, storage: Storage, source: str) -> None:
    """Where the list misses a copy, the cloud refuses its name, and the copy is found then."""
    copying.ok("create_stemcell", "", light())
    storage.refuse("CopyImage", "InvalidImageName.Duplicated")
    (copy,) = copies(storage)
    copy.status = "CreateFailed"
    refused(copying.call("create_stemcell", "", light()), "CloudError", "to be listed")
    assert source


@pytest.mark.parametrize("method", ["create_stemcell", "create_vm"])
def test_a_copy_that_fails(
    copying: Cpi, storage: Storage, vms: Vms, source: str, method: str
) -> None:
    """It is deleted, and the next call copies again."""
    storage.set(image__copy_fails=True)
    if method == "create_vm":
        answer = vms.create(stemcell=source)
    else:
        answer = copying.call("create_stemcell", "", light())
    assert "could not be copied: CreateFailed" in answer.message
    assert copies(storage, None) == []
    assert vms.left() == {}
    storage.set(image__copy_fails=False)
    copying.ok("create_stemcell", "", light())
    assert len(copies(storage)) == 1


@pytest.mark.parametrize("cause", ["time", "refusal", "signal"])
def test_a_call_that_ends_before_its_copy(
    copying: Cpi, sim: Simulator, storage: Storage, source: str, cause: str
) -> None:
    """The error names the copy, which goes on; a repeat finds it."""
    if cause == "refusal":
        storage.refuse("DescribeImages", "Forbidden.RAM", nth=5, status=403)
    sim.set_pace(image__copy=7200)
    call = copying.started("create_stemcell", "", light())
    if cause == "signal":
        while not sim.calls("CopyImage"):
            time.sleep(0.05)
    answer = call.answer(*([signal.SIGTERM] if cause == "signal" else []))
    sim.clear_faults()
    (copy,) = copies(storage)
    refused(answer, "CloudError", f"Kept for the next call: image '{copy.id}' in region {HERE}")
    sim.advance(7200)
    assert copying.ok("create_stemcell", "", light()) == f"{source} light"
    assert [found.status for found in copies(storage)] == ["Available"]
    assert storage.asked("CopyImage") == 1


@pytest.mark.usefixtures("source")
def test_a_copy_that_another_call_deletes(copying: Cpi, sim: Simulator, storage: Storage) -> None:
    """It is not waited for until the time for a copy is over."""
    sim.set_pace(image__copy=7200)
    deleted: list[str] = []

    def delete() -> None:
        if not deleted and (found := copies(storage)):
            deleted.append(found[0].id)
            sim.world.remove(found[0])

    copying.clock = Meanwhile(sim, delete)
    answer = copying.call("create_stemcell", "", light())
    refused(answer, "CloudError", f"Image '{deleted[0]}' is gone")
    assert sum(copying.clock.slept) < 120
    assert copies(storage, None) == []


@pytest.mark.usefixtures("copying")
def test_not_copied_for_a_vm_that_cannot_be(storage: Storage, vms: Vms, source: str) -> None:
    """The rest of the request is validated before the copy, which may take an hour."""
    vip = {"type": "vip", "ip": "198.51.100.200", "cloud_properties": {}}
    answer = vms.create(stemcell=source, networks={**vms.names.networks(), "public": vip})
    refused(answer, "VMCreationFailed", "198.51.100.200")
    assert storage.asked("CopyImage") == 0
    assert copies(storage, None) == []


def test_a_failed_copy_of_a_killed_call(copying: Cpi, storage: Storage, source: str) -> None:
    """It is replaced."""
    failed = storage.image(
        name=f"bosh-copy-of-{source}", status="CreateFailed", tags={"bosh-cpi-copy-of": source}
    )
    copying.ok("create_stemcell", "", light())
    (copy,) = copies(storage)
    assert (copy.id != failed, copy.status) == (True, "Available")


def test_a_refused_copy(copying: Cpi, storage: Storage, source: str) -> None:
    """The cloud's reason is in the error, and nothing is left."""
    storage.refuse("CopyImage", "QuotaExceed.Image")
    refused(copying.call("create_stemcell", "", light()), "CloudError", "QuotaExceed.Image", source)
    assert copies(storage, None) == []


def test_another_image_of_that_name(copying: Cpi, storage: Storage, source: str) -> None:
    """An image that is no copy by its tag is neither used nor deleted."""
    storage.image(id="m-mine", name=f"bosh-copy-of-{source}")
    for method, arguments in (
        ("create_stemcell", ["", light()]),
        ("delete_stemcell", [f"{source} light"]),
    ):
        refused(copying.call(method, *arguments), "CloudError", "m-mine", "bosh-cpi-copy-of")
    assert {image.id for image in storage.own_images()} == {source, "m-mine"}


def test_encrypted(copying: Cpi, storage: Storage, names: Names, source: str) -> None:
    """An encrypted copy is made across regions at once; it is a stemcell of its own."""
    copying.configure(encrypted=True, kms_key_id=names.kms_key)
    cid = copying.ok("create_stemcell", "", light())
    (copy,) = copies(storage, None)
    assert (copy.id, copy.region, copy.copied_from) == (cid, HERE, source)
    assert (copy.encrypted, copy.kms_key_id, copy.nvme_supported) == (True, names.kms_key, True)
    copying.ok("delete_stemcell", cid)
    assert [image.id for image in storage.own_images()] == [source]


@pytest.mark.parametrize("answer_is_lost", [True, False])
def test_deleted_with_the_stemcell(
    copying: Cpi,
    storage: Storage,
    shared: str,
    answer_is_lost: bool,  # noqa: FBT001
) -> None:
    """Copies and their snapshots are deleted in every region; the image is not ours."""
    cid = copying.ok("create_stemcell", "", light())
    if answer_is_lost:
        storage.lose_answer("DeleteImage")
    for _ in range(2):
        copying.ok("delete_stemcell", cid)
    assert (storage.own_images(), storage.snapshots()) == ([], [])
    assert storage.get(Image, shared).status == "Available"
    assert storage.asked("DeleteImage") == 2 + answer_is_lost


def test_deleted_with_a_full_stemcell(
    copying: Cpi, storage: Storage, vms: Vms, vm_there: dict[str, Any]
) -> None:
    """The image itself is deleted, too."""
    image = storage.image(snapshot_ids=[storage.snapshot()])
    cid = vms.make(stemcell=image, **vm_there)
    copying.ok("delete_vm", cid)
    copying.ok("delete_stemcell", image)
    assert (storage.own_images(), storage.snapshots()) == ([], [])


def test_snapshots_of_a_killed_delete(copying: Cpi, storage: Storage, source: str) -> None:
    """A call that was killed after DeleteImage leaves snapshots: a repeat deletes them."""
    cid = copying.ok("create_stemcell", "", light())
    (copy,) = copies(storage)
    (snapshot_id,) = copy.snapshot_ids
    storage.refuse("DeleteSnapshot", "Forbidden.RAM", status=403)
    copying.ok("delete_stemcell", cid)
    assert [image.id for image in storage.own_images()] == [source]
    storage.sim.clear_faults()
    copying.ok("delete_stemcell", cid)
    assert snapshot_id not in [snapshot.id for snapshot in storage.snapshots()]
    assert [image.id for image in storage.own_images()] == [source]


def test_not_deleted_while_a_vm_uses_it(copying: Cpi, vms: Vms, storage: Storage) -> None:
    """The cloud refuses, and says why; the image of a full stemcell is still there."""
    storage.image(id=SOURCE, region=THERE, name="stemcell")
    cid = copying.ok("create_stemcell", "", light())
    vms.make(stemcell=cid)
    refused(copying.call("delete_stemcell", cid), "CloudError", "ImageUsingByInstance")
    assert len(copies(storage)) == 1
