"""A call that a signal stops still responds, once, and exits with status 0."""

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

SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])

# Says when it starts to read stdin: it handles signals by then.
READING = """
import sys
from alicloud_cpi.__main__ import main

class Stdin:
    buffer = property(lambda self: sys.stderr.write("reading\\n") and sys.__stdin__.buffer)

sys.stdin = Stdin()
sys.exit(main(sys.argv[1:]))
"""

# Gets a signal in the moment in which it writes its response.
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


# Gets a signal in the moment in which a function of the executable returns.
RETURNING = """
import os, sys
from alicloud_cpi.__main__ import main

def signal_itself(frame, event, argument):
    code = frame.f_code
    if event == "return" and "alicloud_cpi" in code.co_filename and code.co_name == sys.argv[2]:
        sys.setprofile(None)
        os.kill(os.getpid(), int(sys.argv[1]))

sys.setprofile(signal_itself)
sys.exit(main(sys.argv[3:]))
"""


@pytest.fixture
def silent(cpi: Cpi) -> Iterator[Server]:
    """Give an endpoint that accepts a request and never responds."""
    with Server(body=None) as server:
        cpi.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        yield server


def stopped(cpi: Cpi, silent: Server, *signals: int) -> Answer:
    """Start a call, and send it signals while it waits for the cloud's response."""
    started = Started(["--config", str(cpi.path)], cpi.request("has_disk", ["d-1"]))
    assert silent.arrived.wait(30)
    return started.answer(*signals)


@SIGNALS
def test_a_signal_during_a_request_ends_the_call_with_an_error(
    cpi: Cpi, silent: Server, number: signal.Signals
) -> None:
    """A CloudError that names the signal, after the clean-up."""
    response = stopped(cpi, silent, number)
    assert response.type == "CloudError"
    assert not response.ok_to_retry
    assert response.message == f"The CPI was stopped by {number.name}"


def test_a_stopped_request_has_its_log_line_and_the_error_too(cpi: Cpi, silent: Server) -> None:
    """There is no traceback: a signal is no unexpected exception."""
    lines = stopped(cpi, silent, signal.SIGTERM).stderr.splitlines()
    assert len(lines) == 2
    assert "DescribeDisks region=cn-beijing" in lines[0]
    assert " interrupted RequestId=- attempt=1" in lines[0]
    assert lines[1].endswith("Bosh::Clouds::CloudError: The CPI was stopped by SIGTERM")


def test_a_second_signal_changes_nothing(cpi: Cpi, silent: Server) -> None:
    """The response is the same, and the clean-up is not interrupted."""
    response = stopped(cpi, silent, signal.SIGTERM, signal.SIGINT, signal.SIGTERM)
    assert response.message.startswith("The CPI was stopped by SIG")


@SIGNALS
def test_a_signal_before_the_request_has_come_ends_the_call_with_an_error(
    cpi: Cpi, number: signal.Signals
) -> None:
    """The process says why it ended, also when its caller died while writing."""
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
    response = parsed(stdout.decode(), stderr.decode())
    assert response.message == f"The CPI was stopped by {number.name}"
    assert response.stderr == ""


@SIGNALS
@pytest.mark.parametrize(
    ("method", "cid"), [("has_disk", "d-1"), ("delete_snapshot", "s-1"), ("nope", "d-1")]
)
def test_a_signal_after_the_work_is_done_changes_nothing(
    cpi: Cpi, sim: Simulator, number: signal.Signals, method: str, cid: str
) -> None:
    """The call had its effect: its response must not be an error."""
    done = subprocess.run(
        [sys.executable, "-c", WRITING, str(int(number)), "--config", str(cpi.path)],
        input=cpi.request(method, [cid]),
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    assert "stopped" not in parsed(done.stdout.decode(), done.stderr.decode()).message
    assert json.loads(done.stdout)["log"] == ""
    assert len(sim.calls()) == (0 if method == "nope" else 1)


@SIGNALS
@pytest.mark.parametrize(
    "function", ["handle", "_read", "limit_time", "close", "success", "respond", "ignore"]
)
def test_a_signal_between_two_steps_of_the_executable(cpi: Cpi, function: str, number: int) -> None:
    """There is one response, that of the method or that of the signal."""
    done = subprocess.run(
        [sys.executable, "-c", RETURNING, str(number), function, "--config", str(cpi.path)],
        input=cpi.request("has_disk", ["d-2zedisk"]),
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        timeout=60,
        check=False,
    )
    answer = parsed(done.stdout.decode(), done.stderr.decode())
    assert done.returncode == 0
    assert answer.result is False or signal.Signals(number).name in answer.message


def test_sighup_is_ignored_by_a_call_that_was_started_with_it_ignored(
    cpi: Cpi, silent: Server
) -> None:
    """As nohup starts programs: the caller's wish is kept."""
    code = f"trap '' HUP; exec {sys.executable} -m alicloud_cpi --config {cpi.path}"
    process = subprocess.Popen(
        ["/bin/sh", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
    )
    assert process.stdin is not None
    process.stdin.write(cpi.request("has_disk", ["d-1"]))
    process.stdin.close()
    process.stdin = None
    assert silent.arrived.wait(30)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=60)
    response = parsed(stdout.decode(), stderr.decode())
    assert response.message == "The CPI was stopped by SIGTERM"
