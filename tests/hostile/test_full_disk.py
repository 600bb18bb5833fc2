"""A file system that is really full, and one that is read-only: success, or one clear error.

A process gets mounts of its own (``unshare``), which end with it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.images.record import Image
from alicloud_sim.ecs.instances.record import Instance
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, parsed
from support.stemcells import KIB, image, properties, tarball

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.vms import Vms

FULL = 'mount -t tmpfs -o size=64k none "$PLACE"; ! cat /dev/zero >"$PLACE/fill" 2>/dev/null'
READ_ONLY = 'mount -t tmpfs -o size=64k,ro none "$PLACE"; mount -o remount,bind,ro /'
PLACES = pytest.mark.parametrize("mounts", [FULL, READ_ONLY], ids=["full", "read-only"])


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the simulator's clock run: processes of their own wait in real time."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder to mount file systems at."""
    found = tmp_path / "place"
    found.mkdir()
    return found


def run(
    cpi: Cpi, text: bytes, place: Path, mounts: str, streams: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """Run one call with these mounts, everything that could be written led to them.

    :param streams: redirections of a shell
    """
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed: file systems are mounted with it")
    # The call itself is not run where something else goes wrong.
    script = f'set -e; {mounts}; cd "$PLACE"; exec "$@" {streams}'
    places = dict.fromkeys(("PLACE", "TMPDIR", "HOME"), str(place))
    environment = {**DIRECTORS_ENVIRONMENT, **places, "PYTHONPATH": str(SOURCE)}
    sandbox = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    probe = subprocess.run(
        [*sandbox, 'mount -t tmpfs none "$PLACE"'],
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
    )
    if probe.returncode:
        pytest.skip(f"mounting is not permitted: {probe.stderr.decode().strip()}")
    call = [sys.executable, "-m", "alicloud_cpi", "--config", str(cpi.path)]
    return subprocess.run(
        [*sandbox, script, "sh", *call],
        input=text,
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )


@PLACES
def test_create_stemcell(
    cpi: Cpi, storage: Storage, tmp_path: Path, place: Path, mounts: str
) -> None:
    """The image is unpacked and uploaded in memory, so nothing fails."""
    path = tarball(tmp_path, image(300 * KIB, -2 << 20))
    text = cpi.request("create_stemcell", [path, properties()])
    done = run(cpi, text, place, mounts)
    answer = parsed(done.stdout.decode(), done.stderr.decode())
    assert answer.error is None, answer.message
    assert storage.get(Image, answer.result).status == "Available"
    assert (done.returncode, list(place.iterdir())) == (0, [])


def test_a_log_on_a_full_disk(cpi: Cpi, vms: Vms, place: Path) -> None:
    """The Director's debug log: what cannot be written to stderr is lost, and the VM is not."""
    done = run(cpi, cpi.request("create_vm", vms.arguments()), place, FULL, '2>>"$PLACE/log"')
    answer = parsed(done.stdout.decode(), done.stderr.decode())
    assert answer.error is None, answer.message
    assert vms.ids(Instance) == [answer.result[0]]
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_response_on_a_full_disk(cpi: Cpi, vms: Vms, place: Path) -> None:
    """The log has what could not be written, with the VM's id."""
    done = run(cpi, cpi.request("create_vm", vms.arguments()), place, FULL, '>"$PLACE/answer"')
    (cid,) = vms.ids(Instance)
    last = done.stderr.decode().splitlines()[-1]
    assert "the response could not be written (No space left on device)" in last
    assert cid in last
    assert (done.returncode, done.stdout) == (1, b"")
