"""Measurements of a stemcell upload: time, memory, and the simulator's share of the CPU."""

from __future__ import annotations

import os
import random
import tarfile
import time
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

from tasks.stemcell import MIB, PROPERTIES

if TYPE_CHECKING:
    from pathlib import Path

    from tasks.bench.subjects import Stage

IMAGE_MIB = 1024
DELAY = 0.02
RATE = 50_000_000


class Sent(NamedTuple):
    """One create_stemcell: seconds, MiB at most, CPU seconds of its own and the simulator's."""

    seconds: float
    peak_mib: float
    cpu: float
    simulator_cpu: float
    requests: int


def stemcell(folder: Path, mib: int) -> str:
    """Make a stemcell's tarball of an image that is three quarters zeros, in uneven stretches."""
    image, tarball = folder / "root.img", folder / "image"
    data = random.Random(1).randbytes(8 * MIB)  # noqa: S311 - the same bytes every time
    with image.open("wb") as file:
        for stretch in cycle((1, 3, 8, 2)):
            written = min(stretch, (mib - file.tell() // MIB) // 4)
            if not written:
                break
            file.write(data[: written * MIB])
            file.seek(3 * written * MIB, os.SEEK_CUR)
        file.truncate(mib * MIB)
    with tarfile.open(tarball, "w:gz") as tar:
        tar.add(image, "root.img")
    image.unlink()
    return str(tarball)


def upload(stage: Stage, tarball: str, *, slow: bool = False) -> Sent:
    """Upload a stemcell with delayed OSS requests and, if asked, slow connections."""
    stage.reset("instant", grace=0)
    stage.sim.add_fault(kind="delay", service="oss", seconds=DELAY, count=0)
    if slow:
        stage.sim.seed({"settings": {"oss.bytes_per_second": RATE}})
    before = time.process_time()
    done = stage.ok("create_stemcell", tarball, PROPERTIES, {"tags": {}})
    taken = time.process_time() - before
    return Sent(done.seconds, done.peak_mib, done.cpu, taken, done.requests)
