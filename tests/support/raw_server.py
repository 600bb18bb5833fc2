"""A loopback server that responds with the bytes a test gives it, whether they are HTTP or not."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Self

from support.tls import Chain, server_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

# Small, so that a client that sends more than the server reads has to wait.
_RECEIVE_BUFFER = 16 * 1024


class RawServer(ThreadingTCPServer):
    """A server on a loopback port, over TLS where it has a chain.

    It sends ``parts`` in response to every request, one after the other with ``pause`` seconds
    before each, and then closes the connection if ``hang_up`` says so. With ``read_pause`` it reads
    a request slowly: a buffer's length, then a pause of so many seconds.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        *parts: bytes,
        pause: float = 0.0,
        read_pause: float = 0.0,
        hang_up: bool = True,
        chain: Chain | None = None,
    ) -> None:
        self.read_pause = read_pause
        super().__init__(("127.0.0.1", 0), _Handler)
        self.parts: Iterable[bytes] = parts
        self.pause = pause
        self.hang_up = hang_up
        self.connections = 0
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self.context: ssl.SSLContext | None = server_context(chain) if chain else None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        sock, address = super().get_request()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock, address

    def server_bind(self) -> None:
        """Bind the port; connections inherit the size of the receive buffer."""
        if self.read_pause:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        super().server_bind()


class _Handler(StreamRequestHandler):
    server: RawServer

    def setup(self) -> None:
        """Open TLS where the server has a certificate."""
        if self.server.context:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        """Read requests and respond until either side closes the connection."""
        self.server.connections += 1
        with contextlib.suppress(OSError):
            while request := self._read_request():
                self.server.requests.append(request)
                for part in self.server.parts:
                    self.server.stopping.wait(self.server.pause)
                    self.connection.sendall(part)
                if self.server.hang_up:
                    return

    def finish(self) -> None:
        """Close the connection, whichever way it was wrapped."""
        super().finish()
        self.request.close()

    def _read_request(self) -> bytes:
        head, length = b"", 0
        while line := self.rfile.readline():
            head += line
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            if not line.strip():
                return head + self._read_body(length)
        return b""

    def _read_body(self, length: int) -> bytes:
        if not self.server.read_pause:
            return self.rfile.read(length)
        body = b""
        while len(body) < length and not self.server.stopping.is_set():
            time.sleep(self.server.read_pause)
            body += self.rfile.read1(_RECEIVE_BUFFER)
        return body
