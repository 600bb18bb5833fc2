"""An upload is fast, sends little and takes little memory, beside oss2 as it is commonly used."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tarfile
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, parsed
from support.stemcells import MIB, properties

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi

pytestmark = pytest.mark.slow

# A whole GiB takes this test half a minute and more.
IMAGE_MIB = int(os.environ.get("MEASURED_IMAGE_MIB", "384"))
DELAY_SECONDS = 0.02
MOST_MEMORY_MIB = 80

# Starts a process and tells its time and peak memory; it is small itself, because a process that
# a large one starts is taken for as large.
MEASURE = """
import resource, subprocess, sys, time
start = time.monotonic()
status = subprocess.run(sys.argv[1:]).returncode
seconds = time.monotonic() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
sys.stderr.write(f"\\nMEASURED {seconds} {peak}")
sys.exit(status)
"""

# oss2 as most programs use it: one part of 5 MiB after the other.
ONE_BY_ONE = """
import json, sys, warnings
warnings.simplefilter("ignore")
import oss2
config, ca, path = sys.argv[1:]
account = json.load(open(config))["cloud"]["properties"]["alicloud"]
auth = oss2.AuthV4(account["access_key_id"], account["access_key_secret"])
session = oss2.Session()
session.session.verify = ca
session.session.trust_env = False
bucket = oss2.Bucket(
    auth, account["oss_endpoint"], "one-by-one", session=session, region=account["region"]
)
bucket.create_bucket()
upload_id = bucket.init_multipart_upload("image").upload_id
parts = []
with open(path, "rb") as file:
    while data := file.read(5 << 20):
        sent = bucket.upload_part("image", upload_id, len(parts) + 1, data)
        part = oss2.models.PartInfo(len(parts) + 1, sent.etag, size=len(data), part_crc=sent.crc)
        parts.append(part)
bucket.complete_multipart_upload("image", upload_id, parts)
"""


class Measured(NamedTuple):
    """What a process wrote, its seconds and its peak of memory in MiB."""

    stdout: str
    stderr: str
    seconds: float
    peak_mib: float


def measured(command: list[str], text: bytes = b"") -> Measured:
    """Run a process that has to exit 0."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, sys.executable, *command],
        input=text,
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        timeout=300,
        check=False,
    )
    stderr, _, numbers = done.stderr.decode().rpartition("\nMEASURED ")
    assert done.returncode == 0, stderr
    seconds, peak_kib = numbers.split()
    return Measured(done.stdout.decode(), stderr, float(seconds), int(peak_kib) / 1024)


@pytest.fixture(scope="module")
def disk_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a raw disk image, three quarters of it holes, in stretches of several lengths."""
    path = tmp_path_factory.mktemp("image") / "root.img"
    data = random.Random(1).randbytes(8 * MIB)  # noqa: S311 - the same bytes every time
    with path.open("wb") as file:
        for stretch in cycle((1, 3, 8, 2)):
            written = min(stretch, (IMAGE_MIB - file.tell() // MIB) // 4)
            if not written:
                break
            file.write(data[: written * MIB])
            file.seek(3 * written * MIB, os.SEEK_CUR)
        file.truncate(IMAGE_MIB * MIB)
    return path


@pytest.fixture(scope="module")
def tarball(disk_image: Path) -> Path:
    """Give the image in a stemcell's tarball."""
    path = disk_image.with_name("image")
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        tar.add(disk_image, "root.img")
    return path


def test_upload(cpi: Cpi, sim: Simulator, disk_image: Path, tarball: Path) -> None:
    """At most half the time, 1.1 times the data that is there, and 80 MiB of memory."""
    sim.resume()
    sim.set_pace("instant", grace=0)
    sim.add_fault(kind="delay", service="oss", seconds=DELAY_SECONDS, count=0)

    ca = str(cpi.path.with_name("ca.pem"))
    one_by_one = measured(["-c", ONE_BY_ONE, str(cpi.path), ca, str(disk_image)])
    before = len(sim.calls())
    request = cpi.request("create_stemcell", [str(tarball), properties()])
    ours = measured(["-m", "alicloud_cpi", "--config", str(cpi.path)], request)

    assert parsed(ours.stdout, ours.stderr).error is None
    sent = sum(call.get("bytes_in", 0) for call in sim.calls()[before:]) / MIB
    numbers = {
        "image_mib": IMAGE_MIB,
        "seconds": round(ours.seconds, 2),
        "one_by_one_seconds": round(one_by_one.seconds, 2),
        "sent_mib": round(sent, 1),
        "peak_mib": round(ours.peak_mib, 1),
        "one_by_one_peak_mib": round(one_by_one.peak_mib, 1),
    }
    sys.stdout.write(json.dumps(numbers))
    assert ours.seconds <= one_by_one.seconds / 2, numbers
    assert sent <= 1.1 * IMAGE_MIB / 4, numbers
    assert ours.peak_mib < MOST_MEMORY_MIB, numbers
