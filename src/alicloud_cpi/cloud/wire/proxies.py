"""The proxy for an endpoint, by the variables that bin/cpi exports.

``http_proxy``, ``https_proxy`` and ``no_proxy`` are job properties (env.http_proxy ...), handed
over in the environment as every BOSH job does. They are the only thing read from there.
"""

from __future__ import annotations

import os

from alicloud_cpi.endpoints import is_loopback
from alicloud_cpi.errors import CpiError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.endpoints import Endpoint

_HTTP_PORT = 80


class Proxy(Record):
    """An HTTP proxy; ``authorization`` is the value of Proxy-Authorization, or empty."""

    host: str
    port: int
    authorization: str


def proxy_for(endpoint: Endpoint) -> Proxy | None:
    """Return the proxy to this endpoint, or None for a direct connection.

    :raises CpiError: the variable is not a proxy's URL
    """
    name = "https_proxy" if endpoint.secure else "http_proxy"
    text = _variable(name)
    if not text or is_loopback(endpoint.host) or _is_excluded(endpoint.host, endpoint.port):
        return None
    from urllib.parse import urlsplit

    try:
        url = urlsplit(text if "://" in text else f"http://{text}")
        port = url.port or _HTTP_PORT
    except ValueError:
        raise CpiError(f"{name} must be the URL of an HTTP proxy") from None
    if url.scheme != "http" or not url.hostname:
        raise CpiError(f"{name} must be the URL of an HTTP proxy")
    return Proxy(url.hostname, port, _authorization(url.username, url.password))


def _variable(name: str) -> str:
    return (os.environ.get(name) or os.environ.get(name.upper()) or "").strip()


def _is_excluded(host: str, port: int) -> bool:
    """Whether no_proxy names the host, by an entry without a port or with this one."""
    for entry in _variable("no_proxy").lower().split(","):
        name = entry.strip()
        if name.count(":") == 1:
            name = name.removesuffix(f":{port}")
        if _names(name, host.lower()):
            return True
    return False


def _names(entry: str, host: str) -> bool:
    """Whether the entry is ``*``, the host, its network or a domain (``x``, ``.x``, ``*.x``)."""
    if entry in ("*", host):
        return True
    if "/" in entry:
        return _is_in(host, entry)
    suffix = entry.removeprefix("*").lstrip(".")
    return bool(suffix) and host.endswith(f".{suffix}")


def _is_in(host: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


def _authorization(user: str | None, password: str | None) -> str:
    if not user:
        return ""
    from base64 import b64encode
    from urllib.parse import unquote

    pair = f"{unquote(user)}:{unquote(password or '')}"
    return f"Basic {b64encode(pair.encode()).decode()}"
