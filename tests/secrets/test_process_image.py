"""What others on the machine could read of a process while it holds secrets."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faults.matrix_scenarios import SCENARIOS, Bench
from support.canaries import WORD
from support.cpi import DIRECTORS_ENVIRONMENT, Started
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


@pytest.fixture(autouse=True)
def unlimited() -> Iterator[None]:
    """Let processes inherit that they may write core files, as some machines are set up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.fixture
def held(
    bench: Bench, tmp_path: Path, scenario: str, service: str, action: str
) -> Iterator[Started]:
    """Give a call that waits for the cloud's answer, with an empty folder to write into."""
    bench.reset()
    gate = Gate.at(bench.sim)
    request = SCENARIOS[scenario](bench)
    gate.close(service, action, 1, Moment.NEVER)
    text = bench.cpi.request(request.method, request.arguments)
    places = dict.fromkeys(("TMPDIR", "HOME"), str(tmp_path))
    started = Started(
        ["--config", str(bench.cpi.path)],
        text,
        environment={**DIRECTORS_ENVIRONMENT, **places},
        folder=tmp_path,
    )
    assert gate.reached.wait(30)
    yield started
    started.send(signal.SIGKILL)
    started.end()
    gate.open()


@HELD
def test_a_crash_leaves_no_image(held: Started) -> None:
    """No core file fits into one byte, and that limit keeps crash reporters away too."""
    (line,) = [
        line
        for line in Path(f"/proc/{held.pid}/limits").read_text().splitlines()
        if line.startswith("Max core file size")
    ]
    assert line.split()[4] in ("0", "1")


@HELD
def test_a_crash_writes_no_core_file(held: Started, tmp_path: Path) -> None:
    """Where another program that crashes like it leaves one."""
    other = tmp_path / "other"
    other.mkdir()
    crash = "import os; os.abort()"
    subprocess.run([sys.executable, "-c", crash], cwd=other, check=False, capture_output=True)
    if not list(other.iterdir()):
        pytest.skip("this machine writes no core files into the working directory")
    held.send(signal.SIGABRT)
    held.end()
    assert list(tmp_path.iterdir()) == [other]


@HELD
def test_command_line_and_environment_hold_no_secret(held: Started) -> None:
    """Everybody on the machine can list them."""
    for name in ("cmdline", "environ"):
        assert WORD.encode() not in Path(f"/proc/{held.pid}/{name}").read_bytes()


@HELD
def test_no_file_is_written(held: Started, tmp_path: Path) -> None:
    """What is unpacked and uploaded goes through memory: there is no temporary file to protect.

    So there is none after SIGKILL either, which nothing cleans up after.
    """
    writable = []
    for link in Path(f"/proc/{held.pid}/fd").iterdir():
        target = str(link.readlink())
        told = Path(f"/proc/{held.pid}/fdinfo/{link.name}").read_text()
        flags = told.partition("flags:")[2].split()[0]
        if target.startswith("/") and int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
            writable.append(target)
    assert not [target for target in writable if not target.startswith("/dev/")]
    assert list(tmp_path.iterdir()) == []
    held.send(signal.SIGKILL)
    held.end()
    assert list(tmp_path.iterdir()) == []
