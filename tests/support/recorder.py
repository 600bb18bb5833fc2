"""A loopback server in front of the simulator that records every request as it comes."""

from __future__ import annotations

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from support.tls import Received


class Recorder(ThreadingHTTPServer):
    """Records requests, and forwards them to a port of plain HTTP."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream_port: int, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.upstream_port = upstream_port
        self.received: list[Received] = []

    @property
    def url(self) -> str:
        """The endpoint to configure."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def do_POST(self) -> None:
        """Record the request, forward it and pass the response on."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(Received(self.path, headers, body))
        upstream = HTTPConnection("127.0.0.1", self.server.upstream_port)
        upstream.request("POST", self.path, body, headers)
        response = upstream.getresponse()
        content = response.read()
        upstream.close()
        head = f"HTTP/1.1 {response.status} {response.reason}\r\nContent-Length: {len(content)}"
        self.wfile.write(f"{head}\r\n\r\n".encode() + content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's signature
        """Write no log."""
