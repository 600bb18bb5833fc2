"""An HTTP proxy that offers CONNECT only, and connects to one port whatever the target is.

So requests to names of the real cloud reach the simulator without a resolver.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import NamedTuple, Self

ESTABLISHED = "200 Connection established"


class ConnectRequest(NamedTuple):
    """The method and target of a request, and the proxy credentials in it."""

    target: str
    authorization: str


class Proxy(ThreadingTCPServer):
    """A proxy on a loopback port; with another status than ESTABLISHED it refuses."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, upstream_port: int, status: str = ESTABLISHED) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.upstream_port = upstream_port
        self.status = status
        self.requests: list[ConnectRequest] = []

    @property
    def url(self) -> str:
        """The value of https_proxy."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Tunnel(StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        """Record the request, respond, and pass bytes both ways."""
        method, target, _ = self.rfile.readline().decode("latin-1").split()
        headers: dict[str, str] = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        authorization = headers.get("proxy-authorization", "")
        self.server.requests.append(ConnectRequest(f"{method} {target}", authorization))
        self.wfile.write(f"HTTP/1.1 {self.server.status}\r\n\r\n".encode())
        if self.server.status == ESTABLISHED:
            with socket.create_connection(("127.0.0.1", self.server.upstream_port)) as upstream:
                _pass_on(self.connection, upstream)


def _pass_on(client: socket.socket, upstream: socket.socket) -> None:
    other = {client: upstream, upstream: client}
    with contextlib.suppress(OSError):
        while True:
            for source in select.select(list(other), [], [], 60)[0]:
                data = source.recv(65536)
                if not data:
                    return
                other[source].sendall(data)
