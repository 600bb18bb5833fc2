"""delete_stemcell deletes an image of our own with its snapshots, and never anybody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.images.record import Image
from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.world import Names

OTHER_ACCOUNT = "1200000000000002"


def stemcell(storage: Storage, snapshots: int = 1, **fields: Any) -> str:
    """Put an image with snapshots into the world, as create_stemcell leaves it."""
    under = [storage.snapshot() for _ in range(snapshots)]
    return storage.image(snapshot_ids=under, data_sizes_gib=[20] * (snapshots - 1), **fields)


def deletions(storage: Storage) -> int:
    """Count the requests that delete something."""
    return storage.asked("DeleteImage") + storage.asked("DeleteSnapshot")


@pytest.mark.parametrize("snapshots", [0, 1, 3])
def test_own_image(cpi: Cpi, storage: Storage, snapshots: int) -> None:
    """Image and snapshots are gone when the call returns; others stay."""
    other = stemcell(storage)
    assert cpi.ok("delete_stemcell", stemcell(storage, snapshots)) is None
    assert [image.id for image in storage.own_images()] == [other]
    assert [left.id for left in storage.snapshots()] == storage.get(Image, other).snapshot_ids


def test_repeat(cpi: Cpi, storage: Storage) -> None:
    """The same call again succeeds, and so does one for an image that never was."""
    image = stemcell(storage)
    cpi.ok("delete_stemcell", image)
    cpi.ok("delete_stemcell", image)
    cpi.ok("delete_stemcell", "m-never")
    assert storage.asked("DeleteImage") == 1


@pytest.mark.parametrize("mark", [" light", ""])
def test_light_stemcell(cpi: Cpi, storage: Storage, names: Names, mark: str) -> None:
    """A light stemcell's image is not ours: with the mark or without it, nothing is deleted."""
    cpi.ok("delete_stemcell", names.image + mark)
    assert storage.get(Image, names.image).status == "Available"
    assert deletions(storage) == 0


def test_light_stemcell_of_our_own(cpi: Cpi, storage: Storage) -> None:
    """The mark protects an image of our own account too: other directors use it."""
    image = stemcell(storage)
    cpi.ok("delete_stemcell", f"{image} light")
    assert [left.id for left in storage.own_images()] == [image]
    assert len(storage.snapshots()) == 1
    assert storage.sim.calls() == []


@pytest.mark.parametrize("public", [True, False])
def test_image_of_another_account(cpi: Cpi, storage: Storage, public: bool) -> None:  # noqa: FBT001
    """An image that is public or shared with us is never deleted, nor its snapshots."""
    image = stemcell(storage, account=OTHER_ACCOUNT, is_public=public)
    storage.get(Image, image).shared_with = [storage.sim.world.account]
    answer = cpi.call("delete_stemcell", image)
    assert answer.error is None
    assert image in answer.stderr
    assert storage.get(Image, image).status == "Available"
    assert deletions(storage) == 0


def test_what_create_stemcell_made(cpi: Cpi, storage: Storage, names: Names) -> None:
    """An encrypted copy is deleted with all that belongs to it; its source stays."""
    cpi.configure(encrypted=True)
    cid = cpi.ok("create_stemcell", "", {"image_id": {"cn-beijing": names.image}})
    cpi.ok("delete_stemcell", cid)
    assert (storage.own_images(), storage.snapshots()) == ([], [])
    assert storage.get(Image, names.image).status == "Available"


@pytest.mark.parametrize("status", ["UnAvailable", "CreateFailed", "Deprecated"])
def test_any_status(cpi: Cpi, storage: Storage, status: str) -> None:
    """An image that failed, or is out of use, is deleted as well."""
    cpi.ok("delete_stemcell", stemcell(storage, status=status))
    assert (storage.own_images(), storage.snapshots()) == ([], [])


@pytest.mark.parametrize("ignores", [False, True])
def test_gone_half_way(
    cpi: Cpi,
    sim: Simulator,
    storage: Storage,
    ignores: bool,  # noqa: FBT001
) -> None:
    """An image that vanishes between the look and the request is fine; its snapshots go."""
    image = stemcell(storage)
    storage.set(deletes_ignore_unknown=ignores)
    sim.set_lag(3)
    sim.world.remove(storage.get(Image, image))
    sim.world.commit()
    cpi.ok("delete_stemcell", image)
    assert storage.snapshots() == []


def test_in_use(cpi: Cpi, storage: Storage) -> None:
    """An image from which VMs were made is an error with the cloud's code; all of it stays."""
    image = stemcell(storage)
    storage.vm(image_id=image)
    refused(cpi.call("delete_stemcell", image), "CloudError", "ImageUsingByInstance", image)
    assert len(storage.own_images()) == len(storage.snapshots()) == 1


def test_snapshot_that_stays(cpi: Cpi, storage: Storage) -> None:
    """Each snapshot that cannot be deleted is named in the log; the call succeeds."""
    image = stemcell(storage, 3)
    first, second, third = storage.get(Image, image).snapshot_ids
    storage.disk(source_snapshot_id=first)
    storage.disk(source_snapshot_id=third)
    answer = cpi.call("delete_stemcell", image)
    assert answer.error is None
    assert {left.id for left in storage.snapshots()} == {first, third}
    warnings = [line for line in answer.stderr.splitlines() if "WARNING" in line]
    assert [first in line or third in line for line in warnings] == [True, True]
    assert second not in "".join(warnings)


@pytest.mark.parametrize("action", ["DeleteImage", "DeleteSnapshot"])
@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize("lag", [0, 3])
def test_lost_answer(
    cpi: Cpi,
    sim: Simulator,
    storage: Storage,
    action: str,
    kind: str,
    effect: bool,  # noqa: FBT001
    lag: float,
) -> None:
    """Whether a request or only its answer got lost, image and snapshots are deleted."""
    image = stemcell(storage, 2)
    sim.set_pace(image__delete=2)
    sim.set_lag(lag)
    sim.add_fault(kind=kind, action=action, effect=effect)
    cpi.ok("delete_stemcell", image)
    assert (storage.own_images(), storage.snapshots()) == ([], [])


def test_waits_until_it_is_gone(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """An image goes slowly: its snapshots, which it holds until then, are deleted after that."""
    image = stemcell(storage)
    sim.set_pace(image__delete=120)
    cpi.ok("delete_stemcell", image)
    assert (storage.own_images(), storage.snapshots()) == ([], [])


@pytest.mark.parametrize("stemcell_cid", ["", "  ", None, 5])
def test_bad_cid(cpi: Cpi, stemcell_cid: object) -> None:
    """A cid that is no text is an error that names the argument."""
    refused(cpi.call("delete_stemcell", stemcell_cid), "CpiError", "stemcell_cid")
