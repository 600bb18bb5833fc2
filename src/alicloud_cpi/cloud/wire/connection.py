"""One HTTP/1.1 connection, as far as endpoints, their proxies and the metadata service need it."""

from __future__ import annotations

import select
import socket

from alicloud_cpi.cloud.wire.answers import Answers

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from alicloud_cpi.cloud.wire.answers import Answer
    from alicloud_cpi.cloud.wire.proxies import Proxy
    from alicloud_cpi.endpoints import Endpoint

_AGREED = range(200, 300)


class Connection:
    """A connection to an endpoint, through a proxy where there is one, by TLS if it has a context.

    Making it raises OSError where the endpoint cannot be reached or is another than it should be,
    UnicodeError where no host can have its name, BadAnswer where the proxy speaks no HTTP.
    """

    def __init__(
        self, endpoint: Endpoint, proxy: Proxy | None, tls: ssl.SSLContext | None, timeout: float
    ) -> None:
        self._endpoint = endpoint
        host, port = (proxy.host, proxy.port) if proxy else (endpoint.host, endpoint.port)
        self._sock = socket.create_connection((_spelled(host), port), timeout)  # type: ignore[arg-type] # its types forget bytes
        try:
            # A request is sent in one piece: its last packet need not wait for a receipt.
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if proxy:
                self._ask_for_tunnel(proxy)
            if tls:
                name = _spelled(endpoint.host)
                self._sock = tls.wrap_socket(self._sock, server_hostname=name)
        except BaseException:
            self.close()
            raise
        self._answers = Answers(self._sock)

    def _ask_for_tunnel(self, proxy: Proxy) -> None:
        host = f"[{self._endpoint.host}]" if ":" in self._endpoint.host else self._endpoint.host
        place = f"{host}:{self._endpoint.port}"
        headers = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
        self._sock.sendall(_head("CONNECT", place, place, headers))
        status, _ = Answers(self._sock).head()
        if status not in _AGREED:
            # As http.client words it, and whoever uses that.
            raise OSError(f"Tunnel connection failed: {status}")

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Answer:
        """Send one request and return its answer.

        :param timeout: seconds without a byte of the answer
        :raises OSError: the connection broke, or nothing came in time
        :raises BadAnswer: it ended early, or what came is not HTTP
        """
        self._sock.settimeout(timeout)
        about = {"Accept-Encoding": "identity", "Content-Length": str(len(body))}
        head = _head(method, target, self._endpoint.authority, {**headers, **about})
        self._sock.sendall(head + body)
        return self._answers.whole()

    @property
    def ended(self) -> bool:
        """Whether no further request can be sent: the peer said so, or has hung up since."""
        return self._answers.ended or bool(select.select([self._sock], [], [], 0)[0])

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()


def _spelled(host: str) -> bytes:
    """Spell a host for the resolver: as it is, where the rules for other letters are not needed."""
    return host.encode("ascii" if host.isascii() else "idna")


def _head(method: str, target: str, host: str, headers: Mapping[str, str]) -> bytes:
    """Return all of a request but its body.

    :raises ValueError: something that could end a line
    """
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise ValueError("what precedes a request's body is printable ASCII")
    return "\r\n".join([*lines, "", ""]).encode()
