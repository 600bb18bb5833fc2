"""A response is complete or refused, ends in time, and takes bounded memory.

``http.client`` reads the responses. Where it is more lenient than RFC 9112, either the transport
refuses the response all the same, or a test here says what is accepted and why it does no harm.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from http.client import InvalidURL
from typing import TYPE_CHECKING

import pytest
from aliyunsdkecs.request.v20140526.DeleteDiskRequest import DeleteDiskRequest
from hypothesis import given
from hypothesis import strategies as st

from alicloud_cpi.aliyun.errors import LOST_RESPONSE, ApiError
from alicloud_cpi.aliyun.transport import (
    MAX_RESPONSE,
    HttpResponse,
    ResponseLost,
    Transport,
)
from alicloud_cpi.endpoint import Endpoint
from support.raw_server import RawServer
from support.tls import Authority
from support.world import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aliyun.conftest import ServicesAt

AUTHORITY = Authority()

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SHORT = OK + b"Content-Length: 2\r\n\r\nok"

# Every reason that a message may give for a response that is refused: none quotes the response.
REASONS = re.compile(
    r"no response from 127\.0\.0\.1:\d+: ("
    r"the connection ended before the response did"
    r"|the response is not HTTP \([A-Za-z]+\)"
    r"|the response is malformed"
    r"|the response's (length is malformed|headers are malformed|encoding is unknown)"
    r"|the response is an interim one"
    rf"|the response is longer than {MAX_RESPONSE} bytes"
    r"|timed out"
    r"|Connection reset by peer)"
)


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    """Give a server that closes each connection after one response."""
    with RawServer() as server:
        yield server


def get(
    server: RawServer,
    *parts: bytes,
    target: str = "/",
    headers: Mapping[str, str] | None = None,
    timeout: float = 5,
) -> HttpResponse:
    """Send one request and return the response that the server makes of these parts."""
    if parts:
        server.parts = parts
    transport = Transport(AUTHORITY.pem)
    endpoint = Endpoint("127.0.0.1", server.port, secure=False)
    with contextlib.closing(transport):
        return transport.request(endpoint, "GET", target, headers or {}, b"", timeout)


# Complete responses


@pytest.mark.parametrize(
    ("text", "status", "body"),
    [
        (SHORT, 200, b"ok"),
        (b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, b""),
        (b"HTTP/1.1 200 \r\ncontent-length:2\r\n\r\nok", 200, b"ok"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, b"ok"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
        (OK + b"Connection: Close\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
        (OK + b"\r\nto the end", 200, b"to the end"),
        (OK + b"\r\n", 200, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + SHORT, 200, b"ok"),
        (b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" * 3 + SHORT, 200, b"ok"),
        (SHORT + b"more", 200, b"ok"),
        (CHUNKED + b"2\r\nok\r\n0\r\n\r\n", 200, b"ok"),
        (
            CHUNKED + b"0A ; x=y\r\n0123456789\r\n1\r\n!\r\n00\r\nTrailer: t\r\n\r\n",
            200,
            b"0123456789!",
        ),
        (CHUNKED[:-2] + b"Content-Length: 9\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, b"ok"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_response_is_read_to_its_end(
    server: RawServer, text: bytes, status: int, body: bytes
) -> None:
    """Also when it comes in single bytes."""
    for parts in ([text], [text[at : at + 1] for at in range(len(text))]):
        response = get(server, *parts)
        assert (response.status, response.body) == (status, body)


@given(
    status=st.integers(200, 599).filter(lambda status: status not in (204, 304)),
    headers=st.dictionaries(
        st.from_regex("x-[a-z]{1,9}", fullmatch=True), st.text("aZ 0:;=,", max_size=9)
    ),
    body=st.binary(),
    chunk=st.integers(0, 9),
)
def test_status_headers_and_body_are_what_was_sent(
    server: RawServer, status: int, headers: dict[str, str], body: bytes, chunk: int
) -> None:
    """With a length or in chunks."""
    lines = [f"HTTP/1.1 {status} Reason", *(f"{name}: {value}" for name, value in headers.items())]
    lines.append("Transfer-Encoding: chunked" if chunk else f"Content-Length: {len(body)}")
    parts = [body[at : at + chunk] for at in range(0, len(body), chunk)] if chunk else []
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])
    response = get(server, "\r\n".join([*lines, "", ""]).encode() + (chunks if chunk else body))
    assert (response.status, response.body) == (status, body)
    assert {name: response.headers[name].strip() for name in headers} == {
        name: value.strip() for name, value in headers.items()
    }


# Refused responses


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n",
        b"HTTP/1.1 2",
        OK + b"Content-Length: 3\r\n\r\nok",
        OK + b"Content-Length: 3\r\n",
        OK + b"Content-Len",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: +2\r\n\r\nok",
        OK + b"Content-Length: 0x2\r\n\r\nok",
        OK + b"Content-Length: \xb2\r\n\r\nok",
        OK + b"Content-Length:\r\n\r\nok",
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        OK + b"Content-Length: 2\r\n 0\r\n\r\nok",
        OK + b"Content-Length : 2\r\n\r\nok",
        OK + b"no header\r\n\r\n",
        OK + b": value\r\n\r\n",
        OK + b"A: b\r\n" * 101 + b"\r\n",
        OK + b"A: " + b"b" * 70_000,
        OK + b"Transfer-Encoding: gzip\r\n\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        CHUNKED,
        CHUNKED + b"2\r\nok",
        CHUNKED + b"2\r\nok\r\n",
        CHUNKED + b"2\r\nokay\r\n0\r\n\r\n",
        CHUNKED + b"-2\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"-1\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"1_0\r\n",
        CHUNKED + b"\r\nok\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" + SHORT,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + SHORT,
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 -20 OK\r\n\r\n",
        b"HTTP/1.1 \xb2\xb2\xb2 OK\r\n\r\n",
        b"HTTP/1.1200 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"<html>no server</html>",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=lambda value: repr(value)[:60],
)
def test_an_incomplete_or_malformed_response_is_refused_without_quoting_it(
    server: RawServer, text: bytes
) -> None:
    """Half a response must not be taken for a whole one, nor another protocol for HTTP."""
    with pytest.raises(ResponseLost) as caught:
        get(server, text)
    assert REASONS.fullmatch(str(caught.value))


def test_a_connection_that_is_closed_without_a_response(server: RawServer) -> None:
    """The request was sent, so it may have had its effect."""
    with pytest.raises(ResponseLost, match="the connection ended before the response did"):
        get(server, b"")


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (OK + b"A: b\r\n folded: 1\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (CHUNKED + b"0x2\r\nok\r\n0\r\n\r\n", b"ok"),
        (CHUNKED + b"2\r\nok\r\n0\r\n", b"ok"),
        (CHUNKED + b"2\r\nokxx0\r\n\r\n", b"ok"),
        (b"HTTP/1.1 200 OK", b""),
        (OK + b"A: b\r\n", b""),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_leniency_of_http_client(server: RawServer, text: bytes, body: bytes) -> None:
    """Accepted although RFC 9112 forbids it: folded lines, odd chunk framing, a head cut short.

    None of it makes a part of a body pass for the whole one. A head that is cut before its length
    is an empty response, which the client refuses (see the test of a response that is cut).
    """
    assert get(server, text).body == body


@given(
    st.lists(st.sampled_from([OK, CHUNKED, SHORT, b"\r\n", b"2\r\n", b"ok", b"A: b\r\n", b"\xff"]))
)
def test_whatever_a_server_sends_is_a_response_or_refused(
    server: RawServer, parts: list[bytes]
) -> None:
    """No other exception leaves the transport."""
    with contextlib.suppress(ResponseLost):
        assert isinstance(get(server, b"".join(parts)), HttpResponse)


WHOLE = b'{"RequestId": "r-1"}'


@pytest.mark.parametrize(
    "text",
    [
        OK + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE,
        CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(WHOLE), WHOLE),
        OK + b"\r\n" + WHOLE,
    ],
    ids=["with a length", "in chunks", "until the connection ends"],
)
def test_a_response_that_is_cut_anywhere_is_a_lost_response(
    services_at: ServicesAt, server: RawServer, text: bytes
) -> None:
    """What counts is whether all of the body is there."""
    client = services_at(f"http://127.0.0.1:{server.port}").client

    def delete(length: int) -> str:
        server.parts = [text[:length]]
        request = DeleteDiskRequest()
        request.set_DiskId("d-1")
        return client.send(request, REGION).text("RequestId")

    whole = text.index(WHOLE) + len(WHOLE)
    for length in range(whole):
        with pytest.raises(ApiError) as caught:
            delete(length)
        assert caught.value.code == LOST_RESPONSE
    assert delete(len(text)) == "r-1"


# Size


@pytest.mark.parametrize(
    "text",
    [
        OK + b"Content-Length: %d\r\n\r\n" % (MAX_RESPONSE + 1),
        OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        OK + b"Content-Length: " + b"0" * 5000 + b"2\r\n\r\n",
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_response_that_announces_too_much_is_refused_before_it_is_read(text: bytes) -> None:
    """The server sends nothing of it and keeps the connection open."""
    started = time.monotonic()
    with RawServer(text, hang_up=False) as server, pytest.raises(ResponseLost) as caught:
        get(server, timeout=10)
    assert time.monotonic() - started < 5
    assert REASONS.fullmatch(str(caught.value))


MIB = 1 << 20


@pytest.mark.parametrize(
    "parts",
    [
        itertools.chain([OK + b"\r\n"], itertools.repeat(bytes(MIB))),
        itertools.chain([CHUNKED], itertools.repeat(b"100000\r\n" + bytes(MIB) + b"\r\n")),
        itertools.chain([CHUNKED + b"f" * 5000 + b"\r\n"], itertools.repeat(bytes(MIB))),
        itertools.chain([OK], itertools.repeat(b"A: " + b"b" * 60_000 + b"\r\n")),
        itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        itertools.chain([CHUNKED + b"0\r\n"], itertools.repeat(b"A: b\r\n" * 1000)),
        itertools.chain([CHUNKED], itertools.repeat(b"0" * 60_000)),
    ],
    ids=["body", "chunks", "one chunk", "headers", "100 Continue", "trailer", "chunk size"],
)
def test_a_response_without_an_end_is_refused(parts: Iterator[bytes]) -> None:
    """At the size limit at the latest; nothing of it is kept in memory beyond that."""
    with RawServer() as server:
        server.parts = parts
        with pytest.raises(ResponseLost) as caught:
            get(server, timeout=30)
    assert REASONS.fullmatch(str(caught.value))
    assert "timed out" not in str(caught.value)


def test_a_response_up_to_the_limit_is_read(server: RawServer) -> None:
    """Pages of 100 resources are much smaller."""
    body = bytes(MAX_RESPONSE - 1024)
    assert get(server, OK + b"Content-Length: %d\r\n\r\n" % len(body), body).body == body


# Time


TRICKLES = {
    "nothing": (b"", b""),
    "a part of the head": (OK, b""),
    "a part of the body": (OK + b"Content-Length: 2\r\n\r\no", b""),
    "body with a length": (OK + b"Content-Length: 9999\r\n\r\n", b"x"),
    "body without a length": (OK + b"\r\n", b"x"),
    "headers": (OK, b"A: b\r\n"),
    "one header": (OK + b"A: ", b"b"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunks of one byte": (CHUNKED, b"1\r\nx\r\n"),
    "size of a chunk": (CHUNKED, b"0"),
    "trailer": (CHUNKED + b"0\r\n", b"A: b\r\n"),
}


@pytest.mark.parametrize(("first", "repeated"), TRICKLES.values(), ids=list(TRICKLES))
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_response_that_does_not_end_in_time_is_lost(
    first: bytes, repeated: bytes, *, secure: bool
) -> None:
    """The time is for the whole response: one that trickles resets nothing."""
    chain = AUTHORITY.issue("localhost") if secure else None
    transport = Transport(AUTHORITY.pem)
    with RawServer(pause=0.05, hang_up=False, chain=chain) as server:
        server.parts = itertools.chain([first], itertools.repeat(repeated) if repeated else [])
        endpoint = Endpoint("localhost", server.port, secure)
        started = time.monotonic()
        with contextlib.closing(transport), pytest.raises(ResponseLost, match="timed out"):
            transport.request(endpoint, "GET", "/", {}, b"", 0.3)
        assert 0.3 <= time.monotonic() - started < 1.5


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_request_that_the_server_reads_too_slowly_ends_in_time(*, secure: bool) -> None:
    """Sending counts, too: a part of an image has 2 MiB."""
    chain = AUTHORITY.issue("localhost") if secure else None
    transport = Transport(AUTHORITY.pem)
    with RawServer(SHORT, read_pause=0.1, chain=chain) as server:
        endpoint = Endpoint("localhost", server.port, secure)
        started = time.monotonic()
        with contextlib.closing(transport), pytest.raises(ResponseLost, match="timed out"):
            transport.request(endpoint, "PUT", "/", {}, bytes(16 * MIB), 0.5)
        assert 0.5 <= time.monotonic() - started < 2


# Connections


@pytest.mark.parametrize(
    ("text", "reused"),
    [
        (SHORT, True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (CHUNKED + b"2\r\nok\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + SHORT, True),
        (OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nok", False),
        (OK + b"Connection: x, Close\r\nContent-Length: 2\r\n\r\nok", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", False),
        (CHUNKED[:-2] + b"Connection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n", False),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_several_responses_over_one_connection(text: bytes, *, reused: bool) -> None:
    """Each is read to its end and no further; one that ends the connection is the last."""
    transport = Transport("")
    with RawServer(text, hang_up=False) as server, contextlib.closing(transport):
        endpoint = Endpoint("127.0.0.1", server.port, secure=False)
        bodies = [
            transport.request(endpoint, "POST", "/", {}, b"x", 5).body.decode() for _ in range(3)
        ]
        assert bodies == [bodies[0]] * 3
        assert (server.connections == 1) is reused
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "text",
    [
        OK + b"Content-Length: 3\r\n\r\nok",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        OK + b"Content-Length: x\r\n\r\nok",
        b"no HTTP\r\n",
    ],
    ids=lambda value: repr(value)[:60],
)
def test_after_a_refused_response_the_next_request_has_a_new_connection(text: bytes) -> None:
    """What is left of the refused one must not be taken for the next response.

    ``http.client`` takes an interim response for the final one; the next request would get this
    request's response.
    """
    transport = Transport("")
    with RawServer(text, hang_up=False) as server, contextlib.closing(transport):
        endpoint = Endpoint("127.0.0.1", server.port, secure=False)
        with pytest.raises(ResponseLost):
            transport.request(endpoint, "GET", "/", {}, b"", 0.2)
        server.parts = [SHORT]
        assert transport.request(endpoint, "GET", "/", {}, b"", 5).body == b"ok"
        assert server.connections == 2


# Requests


@pytest.mark.parametrize("text", ["a\r\nX-Forged: 1", "a\nX-Forged: 1", "a\rX-Forged: 1"])
@pytest.mark.parametrize("place", ["target", "header", "name of a header"])
def test_nothing_adds_a_header_to_a_request(text: str, place: str) -> None:
    """Targets and headers are built from what callers and servers send."""
    headers = {"header": {"X-Token": text}, "name of a header": {text: "x"}}.get(place, {})
    with RawServer(SHORT) as server:
        with pytest.raises((ValueError, InvalidURL)):
            get(server, target=text if place == "target" else "/", headers=headers)
        assert server.requests == []


@pytest.mark.parametrize("target", ["/ HTTP/1.1", "/\x00", "/\t", "/\x7f", "/é"])
def test_a_request_target_is_printable_ascii(server: RawServer, target: str) -> None:
    """Nothing in it ends the request line."""
    with pytest.raises((ValueError, InvalidURL)):
        get(server, SHORT, target=target)
