"""Ctrl-C ends every script with one line that says what is left, and status 130."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Self

import pytest

from docs.documents import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SECONDS_TO_END = 5

SLEEPING = """
import time, pathlib

def test_sleeping():
    pathlib.Path({started!r}).touch()
    time.sleep(60)
"""


class Running:
    """A script in a session of its own, as in a terminal."""

    def __init__(self, *words: str | Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [ROOT / "scripts" / str(words[0]), *words[1:]],
            env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def _check_all_ended(self) -> None:
        """Fail when something of it goes on in the background."""
        deadline = time.monotonic() + SECONDS_TO_END
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.killpg(self.process.pid, 0)
                assert time.monotonic() < deadline, "a process of it goes on"
                time.sleep(0.05)

    def wait_for_line(self, start: str) -> None:
        """Read stdout up to a line."""
        assert self.process.stdout is not None
        assert any(line.startswith(start) for line in self.process.stdout), start

    def interrupt(self, *, number: int = signal.SIGINT, group: bool = True) -> tuple[int, str]:
        """Send a signal as a terminal does, or to the script alone; return status and stderr."""
        if group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        _, stderr = self.process.communicate(timeout=60)
        self._check_all_ended()
        return self.process.returncode, stderr


def one_line(found: tuple[int, str], expected: str) -> None:
    """Check status and stderr of a script that was interrupted."""
    status, stderr = found
    assert status == 130, stderr
    assert "Traceback" not in stderr
    assert stderr.splitlines()[-1] == expected


@pytest.mark.parametrize("group", [True, False], ids=["terminal", "script alone"])
def test_the_demo(*, group: bool) -> None:
    """In the middle of a create_vm; its simulated cloud goes with it."""
    with Running("demo") as demo:
        demo.wait_for_line(" 2 create_stemcell")
        time.sleep(0.5)
        found = demo.interrupt(group=group)
    left = "the simulated cloud ended with the demo, nothing is left"
    one_line(found, f"scripts/demo: interrupted: {left}")
    assert len(found[1].splitlines()) == 1


@pytest.mark.parametrize("group", [True, False], ids=["terminal", "script alone"])
def test_the_simulator(tmp_path: Path, *, group: bool) -> None:
    """That is how it ends; the file that points nowhere now is named."""
    with Running("simulate", "--dir", tmp_path) as simulator:
        simulator.wait_for_line("simulator ready")
        found = simulator.interrupt(group=group)
    left = f"the simulated cloud is gone; {tmp_path}/cpi.json stays, and points nowhere"
    one_line(found, f"scripts/simulate: interrupted: {left}")
    assert len(found[1].splitlines()) == 1


def test_the_simulator_ends_with_sigterm(tmp_path: Path) -> None:
    """A script that started it in the background ends it so; that is no failure."""
    with Running("simulate", "--dir", tmp_path) as simulator:
        simulator.wait_for_line("simulator ready")
        assert simulator.interrupt(number=signal.SIGTERM, group=False) == (0, "")


def test_a_call(tmp_path: Path) -> None:
    """While it waits for the cloud: the CPI answers, then the script says where to look."""
    with socket.create_server(("127.0.0.1", 0)) as cloud:
        endpoint = f"http://127.0.0.1:{cloud.getsockname()[1]}"
        alicloud = {"region": "cn-beijing", "access_key_id": "id", "access_key_secret": "secret"}
        properties = {"alicloud": {**alicloud, "ecs_endpoint": endpoint}}
        config = tmp_path / "cpi.json"
        config.write_text(json.dumps({"cloud": {"properties": properties}}))
        words = ("call", ROOT / "examples" / "has_vm.json", "vm_cid=i-1")
        with Running(*words, CPI_JSON=str(config)) as call:
            probe, _ = cloud.accept()
            request, _ = cloud.accept()
            found = call.interrupt()
        probe.close()
        request.close()
    left = "the response and the log say what the call left"
    one_line(found, f"scripts/call: interrupted: {left}")


def test_the_tests(tmp_path: Path) -> None:
    """The runner ends its own way first."""
    started = tmp_path / "started"
    file = tmp_path / "test_sleeping.py"
    file.write_text(SLEEPING.format(started=str(started)))
    left = "the tests that had not ended did not run"
    with Running("test", file, "-p", "no:cacheprovider") as tests:
        deadline = time.monotonic() + 240
        while not started.exists():
            assert time.monotonic() < deadline, "the test did not start"
            time.sleep(0.05)
        one_line(tests.interrupt(), f"scripts/test: interrupted: {left}")


def test_the_bench(tmp_path: Path) -> None:
    """While it measures; the document stays as it is."""
    into = tmp_path / "results"
    with Running("bench", "--short", "--into", into) as bench:
        assert bench.process.stderr is not None
        assert bench.process.stderr.readline() == "short calls ...\n"
        time.sleep(0.5)
        one_line(bench.interrupt(), f"scripts/bench: interrupted: {into} is unchanged")
    assert not into.exists()


def test_the_fault_matrix() -> None:
    """While its processes work; the document stays as it is."""
    document = ROOT / "docs" / "reliability.md"
    before = document.stat().st_mtime_ns
    with Running("faults", "2") as faults:
        time.sleep(5)
        one_line(
            faults.interrupt(), "scripts/faults: interrupted: docs/reliability.md is unchanged"
        )
    assert document.stat().st_mtime_ns == before


def test_the_soak() -> None:
    """While calls are made; the seed is named."""
    with Running("soak", "--seed", "7") as soak:
        assert soak.process.stderr is not None
        assert soak.process.stderr.readline() == "seed 7, 8 processes, 300 s\n"
        time.sleep(2)
        one_line(soak.interrupt(), "scripts/soak: interrupted: seed 7")


def test_the_digests_of_images(tmp_path: Path) -> None:
    """While a registry is asked; the variables stay as they are."""
    skopeo = tmp_path / "skopeo"
    skopeo.write_text("#!/bin/sh\nexec sleep 60\n")
    skopeo.chmod(0o755)
    variables = tmp_path / "vars.yml"
    variables.write_text('golang_digest: "" # of golang:1.25.6-bookworm\n')
    with Running("pin-images", variables, PATH=f"{tmp_path}:{os.environ['PATH']}") as pin:
        time.sleep(2)
        one_line(pin.interrupt(), f"scripts/pin-images: interrupted: {variables} is unchanged")
    assert variables.read_text() == 'golang_digest: "" # of golang:1.25.6-bookworm\n'
