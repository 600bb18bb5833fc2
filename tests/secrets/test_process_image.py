"""What others on the machine could read of a process while it holds secrets."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faults.matrix_scenarios import SCENARIOS, Bench
from support.canaries import WORD
from support.cpi import Started
from support.gate import Gate, Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/limits").exists(), reason="Linux tells it in /proc"
)

# Under way with every secret that there is: the VM's password, and a stemcell in its upload.
HELD = pytest.mark.parametrize(
    ("scenario", "service", "action"),
    [
        ("create_vm, everything", "ecs", "CreateInstance"),
        ("create_stemcell, full", "oss", "UploadPart"),
    ],
)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a bench of this module's own."""
    with Bench() as bench:
        yield bench


@pytest.fixture
def held(bench: Bench, scenario: str, service: str, action: str) -> Iterator[int]:
    """Give the process id of a call that waits for the cloud's answer."""
    bench.reset()
    gate = Gate.at(bench.sim)
    request = SCENARIOS[scenario](bench)
    gate.close(service, action, 1, Moment.NEVER)
    text = bench.cpi.request(request.method, request.arguments)
    started = Started(["--config", str(bench.cpi.path)], text)
    assert gate.reached.wait(30)
    yield started.pid
    started.send(signal.SIGKILL)
    started.end()
    gate.open()


@HELD
def test_a_crash_leaves_no_image(held: int) -> None:
    """No core file fits into one byte, and that limit keeps crash reporters away too."""
    (line,) = [
        line
        for line in Path(f"/proc/{held}/limits").read_text().splitlines()
        if line.startswith("Max core file size")
    ]
    assert line.split()[4:6] in (["1", "1"], ["0", "0"])


@HELD
def test_command_line_and_environment_hold_no_secret(held: int) -> None:
    """Everybody on the machine can list them."""
    for name in ("cmdline", "environ"):
        assert WORD.encode() not in Path(f"/proc/{held}/{name}").read_bytes()


@HELD
def test_no_file_is_written(held: int) -> None:
    """What is unpacked and uploaded goes through memory: there is no temporary file to protect."""
    writable = []
    for link in Path(f"/proc/{held}/fd").iterdir():
        target = str(link.readlink())
        told = Path(f"/proc/{held}/fdinfo/{link.name}").read_text()
        flags = told.partition("flags:")[2].split()[0]
        if target.startswith("/") and int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
            writable.append(target)
    assert not [target for target in writable if not target.startswith("/dev/")]
