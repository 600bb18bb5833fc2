"""One kept-alive connection per call and endpoint; a failure says whether anything was sent."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import time
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi.aliyun.client import request_timeout
from alicloud_cpi.aliyun.proxies import Proxy
from alicloud_cpi.aliyun.tls import client_context
from alicloud_cpi.aliyun.transport import Connection, ResponseLost, Transport, Unreachable
from alicloud_cpi.endpoint import Endpoint
from support.raw_server import RawServer
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


def post(transport: Transport, server: Server, *, timeout: float = 5, host: str = "") -> int:
    """Send one request and return its response's status."""
    endpoint = Endpoint(host or "localhost", server.port, secure=not host)
    return transport.request(endpoint, "POST", "/", {}, b"a=b", timeout).status


def test_all_requests_of_a_call_share_one_connection(cpi: Cpi, sim: Simulator) -> None:
    """A TLS handshake per request is what the Go CPI pays."""
    sim.set_pace(disk__create=5)
    cpi.ok("create_disk", 20480, {})
    calls = sim.calls()
    assert len(calls) > 3
    assert {call["tls"] for call in calls} == {"TLSv1.3"}
    assert len({call["client_port"] for call in calls}) == 1


def test_another_call_opens_a_connection_of_its_own(cpi: Cpi, sim: Simulator) -> None:
    """Each call is a process of its own."""
    cpi.ok("has_disk", "d-1")
    cpi.ok("has_disk", "d-1")
    assert len({call["client_port"] for call in sim.calls()}) == 2


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_session_tickets_are_not_taken_for_a_closed_connection(
    transport: Transport, version: ssl.TLSVersion
) -> None:
    """TLS 1.3 servers send them unasked, and a closed connection is recognized by its input."""
    with Server(AUTHORITY.issue("localhost"), version=version) as server:
        for _ in range(3):
            assert post(transport, server) == 200
        assert server.connections == 1


@pytest.mark.parametrize("host", ["", "127.0.0.1"], ids=["https", "http"])
def test_a_connection_that_the_peer_closed_meanwhile_is_replaced(
    transport: Transport, host: str
) -> None:
    """Endpoints close idle connections while the CPI waits for a state."""
    chain = None if host else AUTHORITY.issue("localhost")
    with Server(chain, hang_up=True) as server:
        for number in (1, 2, 3):
            assert post(transport, server, host=host) == 200
            assert server.hung_up.wait(5)
            server.hung_up.clear()
            assert server.connections == number


def test_each_endpoint_has_its_own_connection(transport: Transport) -> None:
    """It stays open while requests go to the others."""
    chain = AUTHORITY.issue("localhost")
    with Server(chain) as one, Server(chain) as other:
        for server in (one, other, one, other):
            assert post(transport, server) == 200
        assert (one.connections, other.connections) == (1, 1)


def test_a_server_that_does_not_respond_is_given_up_after_the_timeout(
    transport: Transport,
) -> None:
    """The request was sent: it may have had its effect."""
    with Server(AUTHORITY.issue("localhost"), body=None) as server:
        start = time.monotonic()
        with pytest.raises(ResponseLost, match=r"no response from localhost:\d+: timed out"):
            post(transport, server, timeout=0.1)
        assert 0.1 <= time.monotonic() - start < 2
        assert len(server.received) == 1


def test_after_a_lost_response_the_next_request_has_a_new_connection(transport: Transport) -> None:
    """A late response to the first must not be taken for the second's."""
    with Server(AUTHORITY.issue("localhost"), body=None) as server:
        with pytest.raises(ResponseLost):
            post(transport, server, timeout=0.05)
        server.body = b"{}"
        assert post(transport, server) == 200
        assert server.connections == 2


def test_a_large_request_arrives_whole(transport: Transport) -> None:
    """Larger than any buffer on the way."""
    body = bytes(range(256)) * 32 * 1024
    with Server(AUTHORITY.issue("localhost")) as server:
        endpoint = Endpoint("localhost", server.port)
        transport.request(endpoint, "POST", "/", {}, body, 30)
        assert server.received[0].body == body


def test_actions_that_respond_late_get_at_least_the_time_that_the_sdk_gives_them() -> None:
    """Its own table, in seconds (API reference, semantics section 2)."""
    known = {"CreateInstance": 86, "CreateSnapshot": 86, "DeleteInstance": 66, "CreateDisk": 36}
    known |= {"DescribeImages": 38, "AttachDisk": 36, "DeleteImage": 36, "ImportImage": 29}
    known |= {"RebootInstance": 27, "DescribeDisks": 10, "DetachDisk": 10, "StartInstance": 10}
    for action, seconds in known.items():
        assert request_timeout(action) >= seconds


# Unreachable endpoints


@pytest.mark.parametrize(
    ("host", "port", "cause"),
    [("127.0.0.1", 1, "Connection refused"), ("nowhere.invalid", 443, "cannot be resolved")],
)
def test_an_endpoint_that_cannot_be_reached_is_named_with_the_cause(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, host: str, port: int, cause: str
) -> None:
    """Nothing was sent."""
    _resolver_fails(monkeypatch, socket.EAI_NONAME)
    with pytest.raises(Unreachable, match=f"cannot connect to {host}.*{cause}"):
        transport.request(Endpoint(host, port), "POST", "/", {}, b"", 5)


def _resolver_fails(monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    """Let the resolver know no names of the cloud."""
    resolve = socket.getaddrinfo

    def failing(host: str, *rest: object, **named: object) -> object:
        if host.endswith((".invalid", ".aliyuncs.com")):
            raise socket.gaierror(error, "the resolver's message")
        return resolve(host, *rest, **named)  # type: ignore[arg-type] # passed on as they are

    monkeypatch.setattr(socket, "getaddrinfo", failing)


@pytest.mark.parametrize(
    ("error", "permanent"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False)]
)
def test_a_name_that_does_not_exist_is_permanent_but_a_resolver_that_is_down_is_retryable(
    cpi: Cpi, monkeypatch: pytest.MonkeyPatch, error: int, *, permanent: bool
) -> None:
    """A mistyped region ends at once; a short outage of the resolver ends no deployment."""
    _resolver_fails(monkeypatch, error)
    cpi.configure(ecs_endpoint=None)
    response = cpi.call("has_disk", "d-1")
    assert response.type == "CloudError"
    assert "ecs.cn-beijing.aliyuncs.com" in response.message
    assert "the name cannot be resolved" in response.message
    assert response.ok_to_retry is not permanent
    assert bool(cpi.clock.slept) is not permanent


@pytest.mark.parametrize("host", ["ecs." + "x" * 70 + ".com", "a..b", ".x"])
def test_a_name_that_python_refuses_is_unreachable_like_any_other(
    transport: Transport, host: str
) -> None:
    """Some names are refused before the resolver gets them, with other exceptions."""
    with pytest.raises(Unreachable, match="the name cannot be resolved") as caught:
        transport.request(Endpoint(host, 443), "POST", "/", {}, b"", 5)
    assert caught.value.permanent


@pytest.mark.parametrize("repeated", [b"", b"x", b"A: b\r\n"], ids=["nothing", "line", "headers"])
def test_a_proxy_that_responds_slowly_ends_the_connection_in_time(repeated: bytes) -> None:
    """The time is for all of connecting: a response that trickles resets nothing."""
    with RawServer(pause=0.05, hang_up=False) as server:
        server.parts = itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(repeated))
        _assert_times_out(Proxy("127.0.0.1", server.port, ""), Endpoint("localhost", 443))


def test_a_server_without_a_tls_handshake_ends_the_connection_in_time() -> None:
    """It accepts the connection and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _assert_times_out(None, Endpoint("localhost", listener.getsockname()[1]))


def _assert_times_out(proxy: Proxy | None, endpoint: Endpoint) -> None:
    connection = Connection(endpoint, proxy, client_context(AUTHORITY.pem))
    start = time.monotonic()
    with contextlib.closing(connection), pytest.raises(TimeoutError):
        connection.connect(0.3)
    assert 0.3 <= time.monotonic() - start < 1.5


# Plain HTTP


def test_plain_http_reaches_a_loopback_endpoint(cpi: Cpi, sim: Simulator) -> None:
    """For the simulator; every other host needs https."""
    cpi.configure(ecs_endpoint=sim.plain_url)
    assert cpi.ok("has_disk", "d-1") is False
    assert sim.calls()[0]["tls"] is None


def test_plain_http_to_another_host_is_refused(cpi: Cpi) -> None:
    """A signed request could be read and repeated by anyone on the way."""
    cpi.configure(ecs_endpoint="http://ecs.cn-beijing.aliyuncs.com")
    response = cpi.call("has_disk", "d-1")
    assert response.type == "CpiError"
    assert response.message.startswith("alicloud.ecs_endpoint must use https")
