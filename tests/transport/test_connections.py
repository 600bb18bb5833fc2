"""One kept-alive connection per call and endpoint; a failure says what it may have left behind."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi.cloud.wire import api
from alicloud_cpi.cloud.wire.transport import LostAnswer, Transport, Unreachable
from alicloud_cpi.endpoints import Endpoint
from support.tls import Authority, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from support.cpi import Cpi

AUTHORITY = Authority()


@pytest.fixture
def transport() -> Iterator[Transport]:
    """Give the connections of one call."""
    made = Transport(AUTHORITY.pem)
    yield made
    made.close()


def post(transport: Transport, server: Server, *, read_timeout: float = 5, host: str = "") -> int:
    """Send one request and return its answer's status."""
    endpoint = Endpoint(host or "localhost", server.port, secure=not host)
    return transport.post(endpoint, "/", {}, b"a=b", read_timeout).status


def test_all_requests_of_a_call_share_one_connection(cpi: Cpi, sim: Simulator) -> None:
    """A TLS handshake per request is what the Go CPI pays."""
    sim.set_pace(disk__create=5)
    cpi.ok("create_disk", 20480, {})
    calls = sim.calls()
    assert len(calls) > 3
    assert {call["tls"] for call in calls} == {"TLSv1.3"}
    assert len({call["client_port"] for call in calls}) == 1


def test_another_call_opens_a_connection_of_its_own(cpi: Cpi, sim: Simulator) -> None:
    """As each is a process of its own."""
    cpi.ok("has_disk", "d-1")
    cpi.ok("has_disk", "d-1")
    assert len({call["client_port"] for call in sim.calls()}) == 2


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_session_tickets_do_not_pass_for_a_closed_connection(
    transport: Transport, version: ssl.TLSVersion
) -> None:
    """TLS 1.3 sends them unasked; what looks whether the peer has hung up must not see them."""
    with Server(AUTHORITY.issue("localhost"), version=version) as server:
        for _ in range(3):
            assert post(transport, server) == 200
        assert server.connections == 1


@pytest.mark.parametrize("host", ["", "127.0.0.1"], ids=["https", "http"])
def test_a_connection_that_the_peer_closed_meanwhile_is_replaced(
    transport: Transport, host: str
) -> None:
    """Endpoints drop idle connections: waits are longer than their patience."""
    chain = None if host else AUTHORITY.issue("localhost")
    with Server(chain, hang_up=True) as server:
        for number in (1, 2, 3):
            assert post(transport, server, host=host) == 200
            assert server.hung_up.wait(5)
            server.hung_up.clear()
            assert server.connections == number


def test_each_endpoint_has_its_own_connection(transport: Transport) -> None:
    """And keeps it while the others are asked."""
    chain = AUTHORITY.issue("localhost")
    with Server(chain) as one, Server(chain) as other:
        for server in (one, other, one, other):
            assert post(transport, server) == 200
        assert (one.connections, other.connections) == (1, 1)


def test_a_server_that_does_not_answer_is_given_up_after_the_read_time_out(
    transport: Transport,
) -> None:
    """The request was sent: it may have had its effect."""
    with Server(AUTHORITY.issue("localhost"), answer=None) as server:
        start = time.monotonic()
        with pytest.raises(LostAnswer, match=r"no answer from localhost:\d+: timed out"):
            post(transport, server, read_timeout=0.1)
        assert 0.1 <= time.monotonic() - start < 2
        assert len(server.received) == 1


def test_after_a_lost_answer_the_next_request_has_a_new_connection(transport: Transport) -> None:
    """A late answer to the first must not pass for the second's."""
    with Server(AUTHORITY.issue("localhost"), answer=None) as server:
        with pytest.raises(LostAnswer):
            post(transport, server, read_timeout=0.05)
        server.answer = b"{}"
        assert post(transport, server) == 200
        assert server.connections == 2


def test_actions_that_answer_late_are_given_the_time_that_the_sdk_gives_them() -> None:
    """Its own table, in seconds (API reference, semantics section 2)."""
    known = {"CreateInstance": 86, "CreateSnapshot": 86, "DeleteInstance": 66, "CreateDisk": 36}
    known |= {"DescribeImages": 38, "AttachDisk": 36, "DeleteImage": 36, "ImportImage": 29}
    known |= {"RebootInstance": 27, "DescribeDisks": 10, "DetachDisk": 10, "StartInstance": 10}
    for action, seconds in known.items():
        assert api.read_timeout(action) >= seconds


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [("127.0.0.1", 1, "Connection refused"), ("nowhere.invalid", 443, "cannot be resolved")],
)
def test_an_endpoint_that_cannot_be_reached_is_named_with_the_reason(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, host: str, port: int, said: str
) -> None:
    """Nothing was sent."""
    _resolver_says(monkeypatch, socket.EAI_NONAME)
    with pytest.raises(Unreachable, match=f"cannot connect to {host}.*{said}"):
        transport.post(Endpoint(host, port), "/", {}, b"", 5)


def _resolver_says(monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    """Let names that are no addresses be unknown."""
    resolve = socket.getaddrinfo

    def failing(host: bytes, *rest: object, **named: object) -> object:
        if host.endswith((b".invalid", b".aliyuncs.com")):
            raise socket.gaierror(error, "the resolver's words")
        return resolve(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", failing)


@pytest.mark.parametrize(
    ("error", "lasting"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False)]
)
def test_a_name_that_does_not_exist_is_final_but_a_resolver_that_is_down_is_not(
    cpi: Cpi, monkeypatch: pytest.MonkeyPatch, error: int, *, lasting: bool
) -> None:
    """A mistyped region ends at once; a blip of the resolver must not end a deployment."""
    _resolver_says(monkeypatch, error)
    cpi.configure(ecs_endpoint=None)
    answer = cpi.call("has_disk", "d-1")
    assert answer.type == "CloudError"
    assert "ecs.cn-beijing.aliyuncs.com" in answer.message
    assert "the name cannot be resolved" in answer.message
    assert answer.ok_to_retry is not lasting
    assert bool(cpi.clock.slept) is not lasting


@pytest.mark.parametrize("host", ["ecs." + "x" * 70 + ".com", "a..b", ".x"])
def test_a_name_that_no_resolver_takes_is_an_answer_like_any_other(
    transport: Transport, host: str
) -> None:
    """Python refuses some before it asks, with exceptions of another kind."""
    with pytest.raises(Unreachable, match="the name cannot be resolved"):
        transport.post(Endpoint(host, 443), "/", {}, b"", 5)


def test_plain_http_reaches_a_loopback_endpoint(cpi: Cpi, sim: Simulator) -> None:
    """For the simulator by hand; every other host needs https."""
    cpi.configure(ecs_endpoint=sim.plain_url)
    assert cpi.ok("has_disk", "d-1") is False
    assert sim.calls()[0]["tls"] is None


def test_plain_http_to_another_host_is_refused(cpi: Cpi) -> None:
    """A signed request can be read and repeated by everybody on the way."""
    cpi.configure(ecs_endpoint="http://ecs.cn-beijing.aliyuncs.com")
    answer = cpi.call("has_disk", "d-1")
    assert answer.type == "CpiError"
    assert answer.message.startswith("alicloud.ecs_endpoint must use https")
