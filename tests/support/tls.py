"""Certificates that are wrong in one way each, and a small server that shows them.

The simulator's own certificate is good; what the CPI must refuse is made here.
"""

from __future__ import annotations

import contextlib
import hashlib
import ssl
import tempfile
import threading
import warnings
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

NO_DISKS = b'{"RequestId": "r-1", "Disks": {"Disk": []}}'


class Chain(NamedTuple):
    """A server's certificate and its key, both PEM."""

    certificate: str
    key: str


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, name: str = "test authority") -> None:
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        signed = _builder(name, self._key, name, days=30, is_ca=True).sign(
            self._key, hashes.SHA256()
        )
        self.pem = signed.public_bytes(Encoding.PEM).decode()

    def issue(self, *names: str, days: int = 30) -> Chain:
        """Issue a certificate for these names; with negative days it has expired."""
        return _chain(names, days, self.name, self._key)

    @property
    def hashed_name(self) -> str:
        """The name under which OpenSSL looks for it in a directory (X509_NAME_hash)."""
        text = self.name.encode()
        value = bytes((0x0C, len(text))) + text
        pair = b"\x06\x03\x55\x04\x03" + value
        sequence = bytes((0x30, len(pair))) + pair
        digest = hashlib.sha1(
            bytes((0x31, len(sequence))) + sequence, usedforsecurity=False
        ).digest()
        return f"{int.from_bytes(digest[:4], 'little'):08x}.0"


def self_signed(*names: str) -> Chain:
    """Make a certificate that nobody vouches for but itself."""
    return _chain(names, 30, names[0], None)


def _chain(
    names: Sequence[str], days: int, issuer: str, issuer_key: ec.EllipticCurvePrivateKey | None
) -> Chain:
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    signed = (
        _builder(names[0], key, issuer, days=days, is_ca=False)
        .add_extension(alternatives, critical=False)
        .sign(issuer_key or key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Chain(signed.public_bytes(Encoding.PEM).decode(), private.decode())


def _builder(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, *, days: int, is_ca: bool
) -> x509.CertificateBuilder:
    end = datetime.now(UTC) + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=60))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )


class Received(NamedTuple):
    """One request as it came over the wire."""

    target: str
    headers: dict[str, str]
    body: bytes


class Server(ThreadingHTTPServer):
    """An HTTP server on a loopback port, over TLS where it has a chain.

    ``body`` is the body of every response, or returns it for a request; with None it never
    responds. With ``hang_up`` it closes each connection after one response, unannounced.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        chain: Chain | None = None,
        *,
        version: ssl.TLSVersion | None = None,
        body: bytes | Callable[[Received], bytes] | None = NO_DISKS,
        hang_up: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = body
        self.hang_up = hang_up
        self.connections = 0
        self.received: list[Received] = []
        self.arrived = threading.Event()
        self.hung_up = threading.Event()
        self.stopping = threading.Event()
        self._context = server_context(chain, version) if chain else None
        self._open: set[socket.socket] = set()

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
        for connection in list(self._open):
            connection.close()
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection and close it, whichever way it was wrapped."""
        self.connections += 1
        sock = request
        with contextlib.suppress(OSError):
            if self._context is not None:
                sock = self._context.wrap_socket(request, server_side=True)
            self._open.add(sock)
            _Handler(sock, client_address, self)
        self._open.discard(sock)
        sock.close()
        self.hung_up.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Record the request and respond as the server is told to."""
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        received, body = Received(self.path, headers, content), self.server.body
        self.server.received.append(received)
        self.server.arrived.set()
        if body is None:
            self.server.stopping.wait()
            self.close_connection = True
            return
        text = body(received) if callable(body) else body
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n"
        self.wfile.write(head.encode() + text)
        self.close_connection = self.server.hang_up

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's signature
        """Stay silent."""


def server_context(chain: Chain, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """Return the context of a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if version is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "chain.pem")
        path.write_text(chain.key + chain.certificate, "ascii")
        context.load_cert_chain(path)
    return context
