"""HTTPS to the cloud: ``http.client`` over one kept-alive connection per endpoint.

Added to ``http.client`` is what it lacks: proxies with credentials, one deadline for a whole
request (not per read: a response that trickles must end), and a limit for the size of a response.

What a failure means for the request matters more than its cause, so there are two kinds:
``Unreachable`` (nothing was sent) and ``ResponseLost`` (the request may have had its effect).
"""

from __future__ import annotations

import http.client
import io
import select
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alicloud_cpi.aliyun.proxies import Proxy, proxy_for
from alicloud_cpi.aliyun.tls import client_context
from alicloud_cpi.endpoint import Endpoint

# Seconds to connect, all of proxy and TLS included.
CONNECT_TIMEOUT = 10.0

# Bytes. A page of 100 resources has some hundred KiB. JSON of many small values takes 25 times as
# much memory once it is parsed.
MAX_RESPONSE = 2 * 1024 * 1024
_BLOCK = 64 * 1024
_MAX_LENGTH_DIGITS = 18

# Statuses with which a proxy refuses for good: wrong request, credentials, rights or host.
_PERMANENT_PROXY_STATUSES = (400, 401, 403, 404, 405, 407)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete response; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportError(Exception):
    """No response came. The text names the endpoint and the cause, nothing of the request."""

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class Unreachable(TransportError):
    """The request was not sent: no name, no connection, no trusted TLS peer."""


class ResponseLost(TransportError):
    """The request was sent and no complete response came back."""


class ProxyRefused(OSError):
    """The proxy did not open a tunnel."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the proxy refused with HTTP {status}")
        self.status = status


class BadResponse(Exception):
    """What came is no HTTP response; the text quotes nothing of it."""


class Transport:
    """The connections of one call."""

    def __init__(self, ca_cert: str, tls: ssl.SSLContext | None = None) -> None:
        """Trust the system's authorities and those in ``ca_cert``.

        :param tls: the settings of another transport, to share them
        """
        self._ca_cert = ca_cert
        self._tls = tls
        self._connections: dict[Endpoint, Connection] = {}

    def request(
        self,
        endpoint: Endpoint,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout: float,
    ) -> HttpResponse:
        """Send one request and return its response, whatever its status.

        :param timeout: seconds from the first byte sent to the last byte received
        :raises Unreachable: nothing was sent
        :raises ResponseLost: sent, but no complete response within ``timeout``
        """
        connection = self._connected(endpoint)
        try:
            response = connection.request(method, target, headers, body, timeout)
        except (OSError, BadResponse) as error:
            self._drop(endpoint)
            raise ResponseLost(
                f"no response from {endpoint.authority}: {describe_cause(error)}"
            ) from error
        except BaseException:
            self._drop(endpoint)
            raise
        if not connection.is_reusable:
            self._drop(endpoint)
        return response

    def close(self) -> None:
        """Close every connection."""
        for endpoint in list(self._connections):
            self._drop(endpoint)

    def _connected(self, endpoint: Endpoint) -> Connection:
        """Return an open connection; replace one that the peer closed meanwhile."""
        if endpoint in self._connections and self._connections[endpoint].has_input:
            self._drop(endpoint)
        if endpoint not in self._connections:
            self._connections[endpoint] = self._connect(endpoint, proxy_for(endpoint))
        return self._connections[endpoint]

    def _connect(self, endpoint: Endpoint, proxy: Proxy | None) -> Connection:
        if endpoint.secure and self._tls is None:
            self._tls = client_context(self._ca_cert)
        connection = Connection(endpoint, proxy, self._tls if endpoint.secure else None)
        try:
            connection.connect(CONNECT_TIMEOUT)
        except (OSError, BadResponse, UnicodeError) as error:
            via = f" through the proxy {proxy.host}:{proxy.port}" if proxy else ""
            raise Unreachable(
                f"cannot connect to {endpoint.authority}{via}: {describe_cause(error)}",
                permanent=is_permanent(error),
            ) from error
        return connection

    def _drop(self, endpoint: Endpoint) -> None:
        connection = self._connections.pop(endpoint, None)
        if connection is not None:
            connection.close()


class Connection:
    """One connection to an endpoint, by TLS with a context, through a proxy where there is one."""

    def __init__(self, endpoint: Endpoint, proxy: Proxy | None, tls: ssl.SSLContext | None) -> None:
        self._endpoint = endpoint
        self._proxy = proxy
        self._tls = tls
        self._sock = socket.socket()
        self.is_reusable = True

    def connect(self, timeout: float) -> None:
        """Open the connection within ``timeout`` seconds.

        :raises OSError: the endpoint cannot be reached, or is not the one that it should be
        :raises UnicodeError: no host can have this name
        :raises BadResponse: the proxy does not speak HTTP
        """
        deadline = time.monotonic() + timeout
        peer = self._proxy or self._endpoint
        self._sock.close()
        self._sock = _connected_socket(peer.host, peer.port, deadline)
        try:
            # A request is one write, which must not wait for an acknowledgement.
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._proxy:
                self._open_tunnel(self._proxy, deadline)
            if self._tls:
                self._sock.settimeout(_remaining(deadline))
                self._sock = self._tls.wrap_socket(self._sock, server_hostname=self._endpoint.host)
        except BaseException:
            self.close()
            raise

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> HttpResponse:
        """Send one request and return its response.

        :raises OSError: the connection broke, or the response did not end in time
        :raises BadResponse: what came is no HTTP response, or not a complete one
        """
        http_connection = http.client.HTTPConnection(self._endpoint.host)
        # http.client uses sendall, makefile and close of a socket, which these are.
        http_connection.sock = _DeadlineSocket(self._sock, time.monotonic() + timeout)
        about = {"Host": self._endpoint.authority, "Accept-Encoding": "identity"}
        http_connection.request(method, target, body, {**about, **headers})
        with _http_errors(), http_connection.getresponse() as response:
            _check_head(response)
            content = _read_body(response)
            names = {name.lower(): value for name, value in response.getheaders()}
            # http.client drops the socket where the peer closes the connection.
            self.is_reusable = http_connection.sock is not None
            return HttpResponse(response.status, names, content)

    @property
    def has_input(self) -> bool:
        """Whether the peer sent something unasked: that it closes the connection."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()

    def _open_tunnel(self, proxy: Proxy, deadline: float) -> None:
        host = f"[{self._endpoint.host}]" if ":" in self._endpoint.host else self._endpoint.host
        authority = f"{host}:{self._endpoint.port}"
        headers = {"Host": authority}
        if proxy.authorization:
            headers["Proxy-Authorization"] = proxy.authorization
        tunnel = http.client.HTTPConnection(proxy.host)
        tunnel.sock = _DeadlineSocket(self._sock, deadline)
        tunnel.request("CONNECT", authority, headers=headers)
        with _http_errors():
            response = tunnel.getresponse()
        if not 200 <= response.status < 300:  # noqa: PLR2004 - 2xx is success
            raise ProxyRefused(response.status)


def _connected_socket(host: str, port: int, deadline: float) -> socket.socket:
    """Return a socket to the first address that answers; each gets an equal part of the time."""
    failure: OSError = OSError()
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_remaining(deadline) / (len(addresses) - number))
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


class _DeadlineSocket:
    """What ``http.client`` uses of a socket, with one deadline for all of it."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all of the data before the deadline."""
        self._sock.settimeout(_remaining(self._deadline))
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a file to read the response from."""
        return io.BufferedReader(_DeadlineReader(self._sock, self._deadline))

    def close(self) -> None:
        """Leave the socket open: ``Connection`` closes it."""


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until the deadline, and at most ``MAX_RESPONSE`` bytes."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline
        self._allowed = MAX_RESPONSE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_remaining(self._deadline))
        count = self._sock.recv_into(buffer)
        self._allowed -= count
        if self._allowed < 0:
            raise _too_long()
        return count


def _check_head(response: http.client.HTTPResponse) -> None:
    """Refuse a head that ``http.client`` accepts although the end of its body is not certain.

    It takes any interim response but 100 for the final one, drops a malformed header and all that
    follow it, and reads a body of an unknown encoding or length until the connection ends.
    """
    if response.status < 200:  # noqa: PLR2004 - 1xx is interim
        raise BadResponse("the response is an interim one")
    if response.headers.defects:
        raise BadResponse("the response's headers are malformed")
    if response.getheader("Transfer-Encoding", "chunked").lower() != "chunked":
        raise BadResponse("the response's encoding is unknown")
    length = response.getheader("Content-Length", "0")
    if not (length.isascii() and length.isdigit() and len(length) <= _MAX_LENGTH_DIGITS):
        raise BadResponse("the response's length is malformed")


def _read_body(response: http.client.HTTPResponse) -> bytes:
    """Read a body in small steps: ``read()`` would first allocate what a header announces."""
    if (response.length or 0) > MAX_RESPONSE:
        raise _too_long()
    body = bytearray()
    while block := response.read(_BLOCK):
        body += block
    if response.length:
        raise BadResponse("the connection ended before the response did")
    return bytes(body)


def _too_long() -> BadResponse:
    return BadResponse(f"the response is longer than {MAX_RESPONSE} bytes")


@contextmanager
def _http_errors() -> Iterator[None]:
    """Translate what ``http.client`` raises for a response that is none."""
    try:
        yield
    except (http.client.IncompleteRead, http.client.RemoteDisconnected) as error:
        raise BadResponse("the connection ended before the response did") from error
    except http.client.HTTPException as error:
        raise BadResponse(f"the response is not HTTP ({type(error).__name__})") from error
    except ValueError as error:
        raise BadResponse("the response is malformed") from error


def _remaining(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def describe_cause(error: BaseException) -> str:
    """Describe an error in words that hold nothing of the request."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or type(error).__name__).replace("_", " ").lower()
        return f"no TLS connection ({reason})"
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "the name cannot be resolved"
    if isinstance(error, (BadResponse, ProxyRefused)):
        return str(error)
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def is_permanent(error: BaseException) -> bool:
    """Whether the next connection would fail in the same way."""
    if isinstance(error, socket.gaierror):
        return error.errno != socket.EAI_AGAIN
    if isinstance(error, ssl.SSLError):
        return not isinstance(error, (ssl.SSLEOFError, ssl.SSLSyscallError))
    if isinstance(error, ProxyRefused):
        return error.status in _PERMANENT_PROXY_STATUSES
    return isinstance(error, UnicodeError)
