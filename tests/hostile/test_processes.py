"""Processes that are short of something: nothing is created that nobody learns of."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instances.record import Instance
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, parsed
from support.stemcells import KIB, image, properties, tarball

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.vms import Vms

ENVIRONMENT = {**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)}


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the simulator's clock run: processes of their own wait in real time."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)


def run(
    cpi: Cpi,
    text: bytes,
    prepare: Callable[[], object] | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run one call in a process that ``prepare`` has taken something from."""
    return subprocess.run(
        [sys.executable, "-m", "alicloud_cpi", "--config", str(cpi.path)],
        input=text,
        capture_output=True,
        env={**ENVIRONMENT, **(environment or {})},
        preexec_fn=prepare,
        close_fds=False,
        check=False,
        timeout=120,
    )


def answered(done: subprocess.CompletedProcess[bytes]) -> Answer:
    """Return the answer of a process, which must have exited with 0."""
    assert done.returncode == 0, done.stderr.decode()
    return parsed(done.stdout.decode(), done.stderr.decode())


def create_vm(cpi: Cpi, vms: Vms) -> bytes:
    """Word a request that creates something."""
    return cpi.request("create_vm", vms.arguments())


def replaced(number: int, path: str, flags: int) -> Callable[[], object]:
    """Return what puts a file in the place of a standard stream."""
    return lambda: os.dup2(os.open(path, flags), number)


def limited(what: int, limit: int) -> Callable[[], object]:
    """Return what limits a resource of a process."""
    return lambda: resource.setrlimit(what, (limit, limit))


# Standard streams


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda: os.close(1), "it is closed"),
        (lambda: os.closerange(0, 2), "it is closed"),
        (replaced(1, os.devnull, os.O_RDONLY), "it is open for reading only"),
    ],
    ids=["closed", "stdin closed, too", "read-only"],
)
def test_stdout_that_cannot_be_used(
    cpi: Cpi, vms: Vms, prepare: Callable[[], object], reason: str
) -> None:
    """The call is refused before anything is created."""
    done = run(cpi, create_vm(cpi, vms), prepare)
    assert done.returncode == 1
    assert done.stderr.decode() == f"stdout cannot be used: {reason}\n"
    assert vms.ids(Instance) == []


def test_stdout_whose_reader_is_gone(cpi: Cpi, vms: Vms) -> None:
    """The Director was killed."""
    reading, writing = os.pipe()
    os.close(reading)
    done = run(cpi, create_vm(cpi, vms), lambda: os.dup2(writing, 1))
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == b"stdout cannot be used: its reader is gone\n"
    assert vms.ids(Instance) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_stdout_that_is_full_in_the_end(cpi: Cpi, vms: Vms) -> None:
    """The log has the response, with the id."""
    done = run(cpi, create_vm(cpi, vms), replaced(1, "/dev/full", os.O_WRONLY))
    (cid,) = vms.ids(Instance)
    assert done.returncode == 1
    last = done.stderr.decode().splitlines()[-1]
    assert "the response could not be written (No space left on device)" in last
    assert cid in last
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "prepare",
    [lambda: os.close(2), replaced(2, os.devnull, os.O_RDONLY), lambda: os.dup2(1, 2)],
    ids=["closed", "read-only", "the same as stdout"],
)
def test_stderr_is_not_needed(cpi: Cpi, vms: Vms, prepare: Callable[[], object]) -> None:
    """A log that nobody takes fails no call; the closed stream's number is given to no socket."""
    done = run(cpi, create_vm(cpi, vms), prepare)
    assert done.returncode == 0
    (cid,) = vms.ids(Instance)
    last = done.stdout.decode().splitlines()[-1]
    assert parsed(last, "").result[0] == cid


def test_stdin_that_cannot_be_read(cpi: Cpi) -> None:
    """One JSON error."""
    done = run(cpi, b"", replaced(0, os.devnull, os.O_WRONLY))
    message = "The request on stdin cannot be read: Bad file descriptor"
    assert answered(done).message == message


# Limits


@pytest.mark.parametrize(
    "prepare",
    [limited(resource.RLIMIT_NOFILE, 32), limited(resource.RLIMIT_AS, 256 << 20)],
    ids=["32 open files", "256 MiB"],
)
def test_few_resources_are_enough(
    cpi: Cpi, vms: Vms, tmp_path: Path, prepare: Callable[[], object]
) -> None:
    """For a VM, and for a stemcell with its eight threads and their connections."""
    assert answered(run(cpi, create_vm(cpi, vms), prepare)).error is None
    path = tarball(tmp_path, image(300 * KIB, -2 << 20))
    text = cpi.request("create_stemcell", [path, properties()])
    answer = answered(run(cpi, text, prepare))
    assert answer.error is None, answer.message


@pytest.mark.parametrize("files", [8, 7, 6, 5])
def test_too_few_files_are_one_error(cpi: Cpi, vms: Vms, files: int) -> None:
    """Or enough; nothing is left behind either way."""
    done = run(cpi, create_vm(cpi, vms), limited(resource.RLIMIT_NOFILE, files))
    if done.stdout:
        answer = answered(done)
        assert (answer.error is None) == bool(vms.ids(Instance)), answer.message
    else:
        # Python itself did not start.
        assert vms.ids(Instance) == []


@contextmanager
def open_files(count: int) -> Iterator[None]:
    """Hold so many files open, which a process inherits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 500), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(count)]
    for number in held:
        os.set_inheritable(number, True)
    yield
    for number in held:
        os.close(number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_more_than_1024_inherited_files(cpi: Cpi, vms: Vms, tmp_path: Path) -> None:
    """select() takes no number beyond 1023; poll() does."""
    path = tarball(tmp_path, image(300 * KIB, -2 << 20))
    with open_files(1100):
        assert answered(run(cpi, create_vm(cpi, vms))).error is None
        text = cpi.request("create_stemcell", [path, properties()])
        assert answered(run(cpi, text)).error is None


@pytest.mark.parametrize("folder", ["/nowhere", "/dev/full", "/proc"])
def test_no_place_for_temporary_files(cpi: Cpi, tmp_path: Path, folder: str) -> None:
    """None are written: a full or read-only file system fails nothing."""
    path = tarball(tmp_path, image(300 * KIB, -2 << 20))
    text = cpi.request("create_stemcell", [path, properties()])
    limit = limited(resource.RLIMIT_FSIZE, 0)
    answer = answered(run(cpi, text, limit, {"TMPDIR": folder, "HOME": folder}))
    assert answer.error is None, answer.message
    assert tempfile.gettempdir() != folder


def test_many_secrets_are_one_error(cpi: Cpi, vms: Vms) -> None:
    """Sixteen megabytes of them would take gigabytes to be searched for."""
    env = {"passwords": [f"{number:09}" for number in range(1_000_000)]}
    done = run(cpi, cpi.request("create_vm", vms.arguments(env=env)))
    assert answered(done).message.startswith("The request has more than 131072 characters of")
    assert vms.ids(Instance) == []


def test_a_large_request_is_one_error(cpi: Cpi) -> None:
    """A hundred megabytes of an id: the rest is not even read."""
    done = run(cpi, cpi.request("has_disk", ["d" * 100_000_000]))
    assert answered(done).message == "The request on stdin is longer than 16777216 bytes"
