"""Every call ends in bounded time, whatever the cloud does."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.aliyun import transport
from alicloud_cpi.aliyun.transport import Transport, Unreachable
from alicloud_cpi.endpoint import Endpoint
from alicloud_cpi.rpc.dispatcher import METHODS
from alicloud_cpi.rpc.limits import TIME_LIMITS
from alicloud_cpi.signals import CLEAN_UP_TIMEOUT, PATIENCE
from faults.matrix_scenarios import SCENARIOS, Bench
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, Answer, parsed
from support.raw_server import RawServer
from support.tls import Authority

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.cpi import Cpi

AUTHORITY = Authority()
OK = b"HTTP/1.1 200 OK\r\n"
TRICKLES = {
    "body": (OK + b"Content-Length: 9999\r\n\r\n", b"x"),
    "headers": (OK, b"A: b\r\n"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}

# The limits of the wrapped program, so that a test takes seconds instead of hours.
LIMIT, PATIENT, CLEANING = 3, 1, 2
SOONER = f"""
import sys
from alicloud_cpi import signals
from alicloud_cpi.rpc.limits import TIME_LIMITS
TIME_LIMITS.update(dict.fromkeys(TIME_LIMITS, {LIMIT}))
signals.PATIENCE, signals.CLEAN_UP_TIMEOUT = {PATIENT}, {CLEANING}
from alicloud_cpi.__main__ import start
start()
"""
# One scenario per method; ``info`` asks nothing of the cloud.
CALLS = {name.partition(",")[0]: name for name in sorted(SCENARIOS, reverse=True)}
CALLS["create_stemcell"] = "create_stemcell, full"
# The machine may be busy.
SPARE = 15


class Endless:
    """A response whose end never comes, for any number of connections."""

    def __init__(self, first: bytes, repeated: bytes) -> None:
        self._parts = first, repeated

    def __iter__(self) -> Iterator[bytes]:
        """Start anew."""
        first, repeated = self._parts
        return itertools.chain([first], itertools.repeat(repeated))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a simulated cloud of this module's own."""
    with Bench() as found:
        yield found


def start(cpi: Cpi, method: str, arguments: Iterable[Any]) -> subprocess.Popen[bytes]:
    """Start a call whose limits are short."""
    started = subprocess.Popen(
        [sys.executable, "-c", SOONER, "--config", str(cpi.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
    )
    assert started.stdin is not None
    started.stdin.write(cpi.request(method, arguments))
    started.stdin.close()
    started.stdin = None
    return started


def finish(started: subprocess.Popen[bytes]) -> Answer:
    """Return the answer of a call, which must end with status 0."""
    stdout, stderr = started.communicate(timeout=60)
    assert started.returncode == 0, stderr.decode()
    return parsed(stdout.decode(), stderr.decode())


def point_at(cpi: Cpi, server: RawServer) -> None:
    """Make a server every endpoint of the configuration."""
    services = ("ecs", "slb", "nlb", "vpc", "oss", "sts", "location")
    url = f"https://localhost:{server.port}"
    cpi.configure(ca_cert=AUTHORITY.pem, **{f"{name}_endpoint": url for name in services})


def test_every_method_has_a_limit() -> None:
    """Without one a call could take for ever."""
    assert set(TIME_LIMITS) == set(METHODS)


def test_the_limits_are_documented() -> None:
    """docs/reliability.md states them in minutes."""
    page = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text()
    for method, seconds in TIME_LIMITS.items():
        assert f"| `{method}` | {seconds // 60} |" in page
    assert f"{CLEAN_UP_TIMEOUT // 60} minutes for each resource" in page
    assert f"{PATIENCE} s" in page


@pytest.mark.parametrize("kind", TRICKLES)
def test_a_trickling_cloud_ends_every_method(bench: Bench, kind: str) -> None:
    """Over TLS, each byte or line after a pause: one error that names the limit."""
    requests = {}
    for method, scenario in CALLS.items():
        bench.reset()
        requests[method] = SCENARIOS[scenario](bench)
    chain = AUTHORITY.issue("localhost")
    with RawServer(pause=0.2, hang_up=False, chain=chain) as server:
        server.parts = Endless(*TRICKLES[kind])
        point_at(bench.cpi, server)
        began = time.monotonic()
        calls = {name: start(bench.cpi, *request) for name, request in requests.items()}
        for method, call in calls.items():
            answer = finish(call)
            assert answer.type in ("CloudError", "VMCreationFailed"), method
            assert f"its time limit of {LIMIT} s" in answer.message, method
        assert time.monotonic() - began < LIMIT + PATIENT + CLEANING + SPARE


def test_what_may_exist_is_named(bench: Bench) -> None:
    """The limit comes while a create request waits for its response."""
    bench.reset()
    bench.sim.resume()
    bench.sim.add_fault(kind="stall", action="CreateInstance", seconds=60, effect=True)
    answer = finish(start(bench.cpi, "create_vm", bench.vms.arguments()))
    assert f"its time limit of {LIMIT} s" in answer.message
    assert "may have been created" in answer.message


def test_what_was_created_is_deleted(bench: Bench) -> None:
    """The clean-up has its own time."""
    bench.reset()
    bench.sim.resume()
    bench.sim.add_fault(kind="stall", action="DescribeDisks", seconds=60)
    answer = finish(start(bench.cpi, "create_disk", [20480, {}, bench.storage.vm()]))
    assert f"its time limit of {LIMIT} s. Cleaned up: disk" in answer.message


def test_a_clean_up_that_does_not_end_is_named(bench: Bench) -> None:
    """Each resource has a limit, too."""
    bench.reset()
    bench.sim.resume()
    bench.sim.add_fault(kind="stall", action="DescribeDisks", seconds=60, count=0)
    answer = finish(start(bench.cpi, "create_disk", [20480, {}, bench.storage.vm()]))
    left = f"(not deleted within {CLEANING} s)"
    assert "LEFT BEHIND, delete by hand: disk 'd-" in answer.message
    assert answer.message.endswith(left)
    assert not answer.ok_to_retry


def test_several_addresses_share_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with many addresses, none of which answers, takes no longer than one."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        port = busy.getsockname()[1]
        waiting = [socket.socket() for _ in range(8)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        probe = socket.socket()
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            pytest.skip("this kernel accepts connections without a limit")
        address = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))
        monkeypatch.setattr(transport, "CONNECT_TIMEOUT", 1.0)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [address] * 5)
        began = time.monotonic()
        with pytest.raises(Unreachable, match="timed out"):
            Transport("").request(
                Endpoint("cloud.example", port, secure=False), "GET", "/", {}, b"", 5
            )
        assert time.monotonic() - began < 3
        for sock in (*waiting, probe):
            sock.close()


def test_the_answer_is_one_document(bench: Bench) -> None:
    """Also when the limit ends the call."""
    bench.reset()
    with RawServer(pause=0.2, hang_up=False, chain=AUTHORITY.issue("localhost")) as server:
        server.parts = Endless(*TRICKLES["body"])
        point_at(bench.cpi, server)
        call = start(bench.cpi, "has_disk", ["d-1"])
        stdout, _ = call.communicate(timeout=60)
    assert json.loads(stdout)["error"]["message"]
