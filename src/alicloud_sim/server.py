"""One loopback port for HTTPS and plain HTTP: the first byte of a connection decides.

A thread per connection, HTTP/1.1 with keep-alive. An answer goes out in one write, unless
its fate is to be lost or it is too big for memory (streams.py).
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any

from .messages import Fate, HttpRequest, HttpResponse
from .streams import BodyStream, Meter

if TYPE_CHECKING:
    from collections.abc import Callable

TLS_HANDSHAKE = b"\x16"
IDLE_SECONDS = 300.0
DRAIN_SECONDS = 10.0
LARGEST_BODY = 16 << 20
"""Of a request that no service reads as a stream."""
LINGER_RESET = struct.pack("ii", 1, 0)
NO_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Connection(BaseHTTPRequestHandler):
    """One client connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: PortServer

    def setup(self) -> None:
        """Find out whether the client speaks TLS, and answer in kind."""
        self.server_name: str | None = None
        self._awaited = False
        self.request.settimeout(self.timeout)
        if self.request.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
            self.request = self.server.secure(self.request)
        super().setup()

    def handle_one_request(self) -> None:
        """Read one request and answer it, whatever its method."""
        try:
            self._awaited = False
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
                return
            if not self.parse_request():
                return
            request = self._request()
            self._answer(request)
        except (TimeoutError, ConnectionError, ssl.SSLError):
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        """Note that the client waits: the first read of the body tells it to go on."""
        self._awaited = True
        return True

    def _go_on(self) -> None:
        self.send_response_only(HTTPStatus.CONTINUE)
        self.end_headers()

    def _request(self) -> HttpRequest:
        tls = isinstance(self.connection, ssl.SSLSocket)
        headers = {name.lower(): value for name, value in self.headers.items()}
        head = HttpRequest(
            method=self.command,
            target=self.path,
            headers=headers,
            body=b"",
            client_port=self.client_address[1],
            tls_version=self.connection.version() if tls else None,
            server_name=self.server.names.get(self.client_address[1]),
        )
        go_on = self._go_on if self._awaited else None
        stream = BodyStream(self.rfile, headers, self.server.stopping.wait, go_on)
        if self.server.streams(head):
            return replace(head, stream=stream)
        body = stream.read(LARGEST_BODY)
        if len(body) > LARGEST_BODY:
            self.close_connection = True
            self._send(HttpResponse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE), head=False)
            self.connection.settimeout(DRAIN_SECONDS)
            stream.drain()
            raise ConnectionAbortedError("the body is too long to be kept")
        return replace(head, body=body)

    def _answer(self, request: HttpRequest) -> None:
        """Answer, and leave nothing of the body behind that would pass for a request."""
        response = self.server.answer(request)
        stream, fate = request.stream, response.fate
        if stream is None or fate is Fate.RESET or stream.settle():
            self._send(response, head=request.method == "HEAD")
            return
        self.close_connection = True
        self.connection.settimeout(DRAIN_SECONDS)
        if fate in (Fate.CLOSED, Fate.STALLED):
            stream.drain()
        self._send(response, head=request.method == "HEAD")
        stream.drain()

    def _send(self, response: HttpResponse, *, head: bool) -> None:
        if response.fate in (Fate.RESET, Fate.CLOSED, Fate.STALLED):
            if response.fate is Fate.STALLED:
                self.server.stopping.wait(response.stall_seconds)
            if response.fate is Fate.RESET:
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
            self.close_connection = True
            return
        lengthless = head or response.status in NO_BODY
        headers = {"Date": self.date_time_string(), "Server": "simulator", **response.headers}
        if response.status not in NO_BODY:
            headers.setdefault("Content-Length", str(response.length))
        if self.close_connection or response.fate is Fate.TRUNCATED:
            headers["Connection"] = "close"
            self.close_connection = True
        phrase = HTTPStatus(response.status).phrase if response.status in _KNOWN else "Unknown"
        lines = [f"HTTP/1.1 {response.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        body = b"" if lengthless else response.body
        if response.fate is Fate.TRUNCATED:
            body = body[: len(body) // 2]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        if not lengthless:
            self._send_content(response)

    def _send_content(self, response: HttpResponse) -> None:
        content = response.content
        if content is None:
            return
        left = content.size // 2 if response.fate is Fate.TRUNCATED else content.size
        meter = Meter(content.bytes_per_second, self.server.stopping.wait)
        for piece in content.pieces:
            for start in range(0, len(piece), meter.piece):
                part = memoryview(piece)[start : start + min(meter.piece, left)]
                meter.passed(len(part))
                self.wfile.write(part)
                left -= len(part)
                if not left:
                    return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's signature
        """Stay silent: the record of calls tells more."""


_KNOWN = frozenset(status.value for status in HTTPStatus)


class PortServer(ThreadingMixIn, TCPServer):
    """The port and its open connections."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        context: ssl.SSLContext,
        answer: Callable[[HttpRequest], HttpResponse],
        stopping: threading.Event,
        streams: Callable[[HttpRequest], bool] = lambda _: False,
    ) -> None:
        """Bind a loopback port; 0 takes any free one. `streams` tells whose body stays unread."""
        self.answer = answer
        self.streams = streams
        self.stopping = stopping
        self.names: dict[int, str] = {}
        self._context = context
        self._open: dict[threading.Thread, socket.socket] = {}
        context.sni_callback = self._note_name
        super().__init__(("127.0.0.1", port), Connection)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self.server_address[1])

    def _note_name(self, sock: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: Any) -> None:
        if name and isinstance(sock, ssl.SSLSocket):
            self.names[sock.getpeername()[1]] = name

    def secure(self, plain: socket.socket) -> ssl.SSLSocket:
        """Speak TLS on an accepted connection."""
        secured = self._context.wrap_socket(plain, server_side=True)
        self._open[threading.current_thread()] = secured
        return secured

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, and close it whichever way it was wrapped."""
        me = threading.current_thread()
        self._open[me] = request
        try:
            self.finish_request(request, client_address)
        except (OSError, ValueError):
            pass  # the client went away, or what it sent is no HTTP
        finally:
            sock = self._open.pop(me)
            self.names.pop(client_address[1], None)
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
            sock.close()

    def close_all(self) -> None:
        """End every connection and wait for its thread."""
        for thread, sock in list(self._open.items()):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)
