"""A call that is told to stop still answers, once, and exits with 0."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, Started, parsed
from support.tls import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])

# Reads stdin like any other program, but says when it begins to: by then it listens to signals.
READING = """
import sys
from alicloud_cpi.__main__ import main

class Stdin:
    buffer = property(lambda self: sys.stderr.write("reading\\n") and sys.__stdin__.buffer)

sys.stdin = Stdin()
sys.exit(main(sys.argv[1:]))
"""

# Is signalled at the moment when it writes its answer.
WRITING = """
import os, sys
from alicloud_cpi.__main__ import main

class Stdout:
    flush = sys.__stdout__.flush

    def write(self, text):
        os.kill(os.getpid(), int(sys.argv[1]))
        return sys.__stdout__.write(text)

sys.stdout = Stdout()
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def silent(cpi: Cpi) -> Iterator[Server]:
    """Give an endpoint that takes a request and never answers."""
    with Server(answer=None) as server:
        cpi.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        yield server


def stopped(cpi: Cpi, silent: Server, *signals: int) -> Answer:
    """Start a call, and signal it while it waits for the cloud's answer."""
    started = Started(["--config", str(cpi.path)], cpi.request("has_disk", ["d-1"]))
    assert silent.arrived.wait(30)
    return started.answer(*signals)


@SIGNALS
def test_a_signal_while_the_cloud_is_asked_ends_the_call_with_an_answer(
    cpi: Cpi, silent: Server, number: signal.Signals
) -> None:
    """A CloudError that names the signal: what was to be taken back has been."""
    answer = stopped(cpi, silent, number)
    assert answer.type == "CloudError"
    assert not answer.ok_to_retry
    assert answer.message == f"The CPI was stopped by {number.name}"


def test_a_stopped_request_has_its_log_line_and_the_error_too(cpi: Cpi, silent: Server) -> None:
    """No traceback: nothing unexpected has happened."""
    lines = stopped(cpi, silent, signal.SIGTERM).stderr.splitlines()
    assert len(lines) == 2
    assert "DescribeDisks region=cn-beijing" in lines[0]
    assert " stopped RequestId=- attempt=1" in lines[0]
    assert lines[1].endswith("Bosh::Clouds::CloudError: The CPI was stopped by SIGTERM")


def test_a_second_signal_changes_nothing(cpi: Cpi, silent: Server) -> None:
    """An impatient caller gets the same answer, and what is taken back is taken back."""
    answer = stopped(cpi, silent, signal.SIGTERM, signal.SIGINT, signal.SIGTERM)
    assert answer.message.startswith("The CPI was stopped by SIG")


@SIGNALS
def test_a_signal_before_the_request_has_come_is_answered_too(
    cpi: Cpi, number: signal.Signals
) -> None:
    """A caller that dies while it writes leaves a process that says why it ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", READING, "--config", str(cpi.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"reading\n"
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr.decode()
    answer = parsed(stdout.decode(), stderr.decode())
    assert answer.message == f"The CPI was stopped by {number.name}"
    assert answer.stderr == ""


@SIGNALS
@pytest.mark.parametrize("method", ["has_disk", "delete_snapshot", "nope"])
def test_a_signal_after_the_work_is_done_changes_nothing(
    cpi: Cpi, sim: Simulator, number: signal.Signals, method: str
) -> None:
    """The answer is on its way, and a failure now would be a lie."""
    done = subprocess.run(
        [sys.executable, "-c", WRITING, str(int(number)), "--config", str(cpi.path)],
        input=cpi.request(method, ["d-1"]),
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    assert "stopped" not in parsed(done.stdout.decode(), done.stderr.decode()).message
    assert json.loads(done.stdout)["log"] == ""
    assert len(sim.calls()) == (0 if method == "nope" else 1)
