"""An import or a copy that fails is told with its reason, soon, and taken back altogether."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.stemcells import KIB, MIB, ended_well, image, left, properties, tarball
from support.storage import refused
from support.vms import Meanwhile

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.storage import Storage

MAX_INTERVAL = 10  # seconds between two polls


@pytest.fixture
def create(cpi: Cpi, tmp_path: Path) -> Any:
    """Give a function that makes an encrypted stemcell."""
    cpi.configure(encrypted=True)
    path = tarball(tmp_path, image(300 * KIB, -2 * MIB))

    def create() -> Answer:
        return cpi.call("create_stemcell", path, properties(nvme_support="supported"))

    return create


@pytest.mark.parametrize("vanishes", [True, False])
def test_failed_import(create: Any, sim: Simulator, storage: Storage, *, vanishes: bool) -> None:
    """A failed import ends the wait at the poll that shows it, with the reason; nothing is left."""
    storage.set(image__import_fails=True)
    sim.set_pace(image__import=900)
    if vanishes:
        storage.cpi.clock = Meanwhile(sim, lambda: _drop_failed(storage))
    before = sim.world.clock.now()
    answer = create()
    refused(answer, "CloudError", "could not be imported", "ImportImageFailed", "Cleaned up: image")
    assert len(sim.calls("DescribeTaskAttribute")) == 1
    assert sim.world.clock.now() - before < 900 + MAX_INTERVAL + 10
    assert left(storage) == []


def _drop_failed(storage: Storage) -> None:
    """Remove failed images, as the cloud may do."""
    for made in storage.own_images():
        if made.status == "CreateFailed":
            storage.sim.world.remove(made)


def test_failed_import_without_a_reason(create: Any, sim: Simulator, storage: Storage) -> None:
    """Where the reason may not be read, the failed import still ends the wait."""
    storage.set(image__import_fails=True)
    storage.refuse("DescribeTaskAttribute", "Forbidden.RAM", status=403)
    refused(create(), "CloudError", "could not be imported: it is CreateFailed")
    assert len(sim.calls("DescribeImages")) < 12
    assert left(storage) == []


@pytest.mark.parametrize("action", ["ImportImage", "CopyImage"])
def test_answer_that_never_comes(
    create: Any, sim: Simulator, storage: Storage, action: str
) -> None:
    """An image whose id never came is found by its name, which no other has."""
    sim.add_fault(kind="lost", action=action, count=0)
    ended_well(storage, create())


def test_reason_without_the_tasks_id(create: Any, sim: Simulator, storage: Storage) -> None:
    """The reason of such an import is found as well, and so is what cancels it."""
    sim.add_fault(kind="lost", action="ImportImage", count=0)
    storage.set(image__import_fails=True)
    refused(create(), "CloudError", "could not be imported", "ImportImageFailed")
    assert left(storage) == []


def test_image_that_may_be_there(create: Any, sim: Simulator) -> None:
    """Where not even that can be looked up, the message names the image that may be there."""
    sim.add_fault(kind="lost", action="ImportImage", count=0, effect=False)
    answer = create()
    assert "An image named 'bosh-alicloud-kvm-ubuntu-jammy" in answer.message
    assert "may have been created" in answer.message


def test_wrong_format(cpi: Cpi, storage: Storage, tmp_path: Path) -> None:
    """An image that is not of the format it says fails with the cloud's reason."""
    content = b"QFI\xfb" + bytes(20) + (1 << 30).to_bytes(8, "big") + image(MIB)
    answer = cpi.call("create_stemcell", tarball(tmp_path, content), properties())
    refused(answer, "CloudError", "could not be imported", "InvalidImageFormat.Malformed")
    assert left(storage) == []


def test_missing_role(create: Any, sim: Simulator, storage: Storage) -> None:
    """Where ECS may not read OSS, the message says which role to make."""
    storage.set(ram__roles=[])
    answer = create()
    refused(answer, "CloudError", "NoSetRoletoECSServiceAcount")
    assert "create the RAM role AliyunECSImageImportDefaultRole" in answer.message
    assert len(sim.calls("ImportImage")) == 1
    assert left(storage) == []


@pytest.mark.parametrize("removes", [True, False])
def test_import_without_end(
    create: Any, sim: Simulator, storage: Storage, *, removes: bool
) -> None:
    """An import that does not end in time is cancelled, and its image deleted."""
    storage.set(image__cancel_removes=removes)
    sim.set_pace(image__import=20000)
    answer = create()
    refused(answer, "CloudError", "Gave up waiting", "last state: Creating", "Cleaned up: image")
    assert len(sim.calls("CancelTask")) == 1
    assert left(storage) == []


def test_import_that_is_not_listed(create: Any, sim: Simulator, storage: Storage) -> None:
    """An image that no list shows yet is waited for, and taken back by its id."""
    sim.set_pace(image__listed=120)
    storage.refuse("CopyImage", "Forbidden.RAM", status=403)
    answer = create()
    refused(answer, "CloudError", "CopyImage", "Cleaned up: image")
    assert left(storage) == []


@pytest.mark.parametrize("lag", [3, 10])
def test_lag(create: Any, sim: Simulator, storage: Storage, lag: float) -> None:
    """Reads that show an older state make no difference."""
    sim.set_lag(lag)
    ended_well(storage, create())


@pytest.mark.parametrize("action", ["CopyImage", "ModifyImageAttribute"])
def test_lag_of_a_failure(create: Any, sim: Simulator, storage: Storage, action: str) -> None:
    """Neither do they to what is taken back."""
    sim.set_lag(3)
    storage.refuse(action, "Forbidden.RAM", status=403)
    refused(create(), "CloudError", action, "Cleaned up: image")
    assert left(storage) == []


def test_lag_of_a_cancelled_import(create: Any, sim: Simulator, storage: Storage) -> None:
    """An import that is cancelled is over before its image is deleted."""
    sim.set_lag(3)
    sim.set_pace(image__import=20000)
    refused(create(), "CloudError", "Gave up waiting", "Cleaned up: image")
    assert left(storage) == []
