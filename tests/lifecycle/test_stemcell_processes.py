"""Full stemcells by real processes in real time, as the Director starts them and kills them."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from support.cpi import Started
from support.stemcells import KIB, MIB, image, left, properties, tarball

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

PATIENCE_SECONDS = 20


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> Iterator[None]:
    """Let the simulator's clock run: a process of its own waits in real time."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    yield
    sim.clear_faults()


@pytest.fixture
def start(cpi: Cpi, tmp_path: Path) -> Callable[[], Started]:
    """Give a function that starts a call for a stemcell of many parts."""
    path = tarball(tmp_path, image(*[700 * KIB, -2 * MIB] * 12))
    request = cpi.request("create_stemcell", [path, properties()])
    return lambda: Started(["--config", str(cpi.path)], request)


def until(condition: Callable[[], bool]) -> None:
    """Return as soon as something is the case."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, "it never came to that"
        time.sleep(0.005)


def hits(sim: Simulator, rule: int, count: int = 1) -> Callable[[], bool]:
    """Tell when a fault has struck so often."""
    return lambda: sim.gateway.faults.list()[rule]["hit"] >= count


def test_life(cpi: Cpi, storage: Storage, start: Callable[[], Started]) -> None:
    """A stemcell is made and deleted, each by a process of its own."""
    answer = start().answer()
    assert answer.error is None, answer.stderr
    (made,) = storage.own_images()
    assert left(storage) == [answer.result, *made.snapshot_ids]
    assert cpi.process("delete_stemcell", answer.result).error is None
    assert left(storage) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("action", ["PutBucket", "PutObject", "UploadPart", "UploadPartCopy"])
def test_stopped_while_uploading(
    sim: Simulator,
    storage: Storage,
    start: Callable[[], Started],
    number: signal.Signals,
    action: str,
) -> None:
    """A signal ends the upload: what is under way arrives, and everything is taken back."""
    sim.add_fault(kind="delay", action=action, seconds=0.5, count=0)
    call = start()
    until(hits(sim, 0))
    answer = call.answer(number)
    assert answer.type == "CloudError"
    assert f"stopped by {number.name}" in answer.message
    assert "Cleaned up: bucket 'bosh-stemcell-" in answer.message
    assert "LEFT BEHIND" not in answer.message
    assert sim.calls("ImportImage") == []
    assert left(storage) == []


def test_stopped_while_a_part_is_repeated(
    sim: Simulator, storage: Storage, start: Callable[[], Started]
) -> None:
    """A thread that waits to send its part again gives up as well."""
    sim.add_fault(kind="status", action="UploadPart", status=503, count=0)
    call = start()
    until(hits(sim, 0, 12))
    answer = call.answer(signal.SIGTERM)
    assert "stopped by SIGTERM. Cleaned up: bucket" in answer.message
    assert left(storage) == []


def test_stopped_while_importing(
    sim: Simulator, storage: Storage, start: Callable[[], Started]
) -> None:
    """A signal during the import cancels it: image and bucket are gone."""
    sim.set_pace(image__import=600)
    call = start()
    until(lambda: any(made.status == "Creating" for made in storage.own_images()))
    answer = call.answer(signal.SIGTERM)
    assert "stopped by SIGTERM. Cleaned up: image 'm-" in answer.message
    assert len(sim.calls("CancelTask")) == 1
    assert left(storage) == []


def test_stopped_while_the_bucket_is_removed(
    sim: Simulator, storage: Storage, start: Callable[[], Started]
) -> None:
    """A signal in the last moment, when the image is there, takes back the image as well."""
    sim.add_fault(kind="delay", action="DeleteObject", seconds=0.5, count=0)
    call = start()
    until(hits(sim, 0))
    answer = call.answer(signal.SIGTERM)
    assert "stopped by SIGTERM. Cleaned up: image 'm-" in answer.message
    assert left(storage) == []


def test_stopped_twice(sim: Simulator, storage: Storage, start: Callable[[], Started]) -> None:
    """A second signal does not interrupt the clean-up of the first."""
    sim.add_fault(kind="delay", action="UploadPart", seconds=0.3, count=0)
    sim.add_fault(kind="delay", action="AbortMultipartUpload", seconds=0.5)
    call = start()
    until(hits(sim, 0))
    call.send(signal.SIGTERM)
    until(hits(sim, 1))
    answer = call.answer(signal.SIGTERM, signal.SIGINT)
    assert "stopped by SIGTERM. Cleaned up: bucket" in answer.message
    assert left(storage) == []


def test_stopped_during_the_clean_up_of_a_failure(
    sim: Simulator, storage: Storage, start: Callable[[], Started]
) -> None:
    """A signal while a failed call takes back what it made does not keep it from that."""
    sim.add_fault(kind="error", action="UploadPart", code="AccessDenied", status=403)
    sim.add_fault(kind="delay", action="AbortMultipartUpload", seconds=0.5)
    call = start()
    until(hits(sim, 1))
    answer = call.answer(signal.SIGTERM)
    assert "Cleaned up: bucket" in answer.message
    assert left(storage) == []
