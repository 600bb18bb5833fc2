"""HTTP to the cloud: one kept-alive connection per endpoint, over the standard library.

Replaces the SDK's own transport, a copy of requests from 2018 that sends no SNI on current
Pythons, ignores no_proxy, puts the whole signed URL into its errors and takes 60 ms to load.
What a failure left behind matters more than its kind, so there are two: nothing can have
happened (``Unreachable``), or something may have (``LostAnswer``).
"""

from __future__ import annotations

import socket
import ssl

from alicloud_cpi.cloud.wire.answers import BadAnswer
from alicloud_cpi.cloud.wire.connection import Connection
from alicloud_cpi.cloud.wire.proxies import proxy_for
from alicloud_cpi.cloud.wire.tls import client_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from alicloud_cpi.cloud.wire.answers import Answer
    from alicloud_cpi.cloud.wire.proxies import Proxy
    from alicloud_cpi.endpoints import Endpoint

CONNECT_TIMEOUT = 10.0

# What a proxy will not say otherwise the next time: wrong request, credentials, rights, place.
_PROXYS_VERDICTS = (400, 401, 403, 404, 405, 407)


class TransportFailure(Exception):
    """No answer came; the text names the endpoint and the cause, never what was sent."""

    def __init__(self, text: str, *, lasting: bool = False) -> None:
        super().__init__(text)
        self.lasting = lasting


class Unreachable(TransportFailure):
    """The request was never sent: no name, no connection, no trusted TLS peer."""


class LostAnswer(TransportFailure):
    """The request was sent and no whole answer came back: it may have had its effect."""


class Transport:
    """Connections to the endpoints of one call."""

    def __init__(self, ca_cert: str) -> None:
        self._ca_cert = ca_cert
        self._tls: ssl.SSLContext | None = None
        self._connections: dict[Endpoint, Connection] = {}

    def post(
        self,
        endpoint: Endpoint,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        read_timeout: float,
    ) -> Answer:
        """Send one request and return its answer, whatever its status.

        :raises Unreachable: nothing was sent
        :raises LostAnswer: sent, but not answered in full within ``read_timeout`` seconds
        """
        connection = self._connected(endpoint)
        try:
            return connection.ask("POST", target, headers, body, read_timeout)
        except (OSError, BadAnswer) as error:
            self._drop(endpoint)
            raise LostAnswer(f"no answer from {endpoint.authority}: {cause(error)}") from None
        except BaseException:
            self._drop(endpoint)
            raise

    def _connected(self, endpoint: Endpoint) -> Connection:
        """Return an open connection; one that cannot be used any more is replaced."""
        if endpoint in self._connections and self._connections[endpoint].ended:
            self._drop(endpoint)
        if endpoint not in self._connections:
            self._connections[endpoint] = self._connect(endpoint, proxy_for(endpoint))
        return self._connections[endpoint]

    def _connect(self, endpoint: Endpoint, proxy: Proxy | None) -> Connection:
        if endpoint.secure and self._tls is None:
            self._tls = client_context(self._ca_cert)
        tls = self._tls if endpoint.secure else None
        try:
            return Connection(endpoint, proxy, tls, CONNECT_TIMEOUT)
        except (OSError, BadAnswer, UnicodeError) as error:
            way = f" through the proxy {proxy.host}:{proxy.port}" if proxy else ""
            raise Unreachable(
                f"cannot connect to {endpoint.authority}{way}: {cause(error)}",
                lasting=is_lasting(error),
            ) from None

    def close(self) -> None:
        """Close every connection."""
        for endpoint in list(self._connections):
            self._drop(endpoint)

    def _drop(self, endpoint: Endpoint) -> None:
        connection = self._connections.pop(endpoint, None)
        if connection is not None:
            connection.close()


def cause(error: BaseException) -> str:
    """Say what went wrong in words that hold nothing of the request."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or type(error).__name__).replace("_", " ").lower()
        return f"no TLS connection ({reason})"
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "the name cannot be resolved"
    if isinstance(error, OSError):
        status = _proxys_status(error)
        refusal = f"the proxy refused with HTTP {status}" if status else None
        return refusal or error.strerror or type(error).__name__
    return str(error) if isinstance(error, BadAnswer) else type(error).__name__


def is_lasting(error: BaseException) -> bool:
    """Whether the next connection would fail in the same way."""
    if isinstance(error, socket.gaierror):
        return error.errno != socket.EAI_AGAIN
    if isinstance(error, ssl.SSLError):
        return not isinstance(error, (ssl.SSLEOFError, ssl.SSLSyscallError))
    return isinstance(error, UnicodeError) or _proxys_status(error) in _PROXYS_VERDICTS


def _proxys_status(error: BaseException) -> int:
    """Return the status with which a proxy refused to connect, or 0; oss2's errors say it too."""
    _, refused, told = str(error).partition("Tunnel connection failed: ")
    status = told.partition(" ")[0]
    return int(status) if refused and status.isdigit() else 0
