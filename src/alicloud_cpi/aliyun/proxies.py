"""The HTTP proxy for an endpoint, from the variables that bin/cpi exports.

``http_proxy``, ``https_proxy`` and ``no_proxy`` are job properties (env.http_proxy ...), passed in
the environment as every BOSH job does. Nothing else is read from the environment.
"""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

from alicloud_cpi.endpoint import HOST_CHARACTERS, Endpoint, is_loopback
from alicloud_cpi.errors import CpiError

_HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; ``authorization`` is the value of Proxy-Authorization, or empty."""

    host: str
    port: int
    authorization: str


def proxy_for(endpoint: Endpoint) -> Proxy | None:
    """Return the proxy to this endpoint, or None for a direct connection.

    :raises CpiError: the variable is not the URL of an HTTP proxy
    """
    name = "https_proxy" if endpoint.secure else "http_proxy"
    text = _variable(name)
    if not text or is_loopback(endpoint.host) or _is_excluded(endpoint.host, endpoint.port):
        return None
    try:
        url = urlsplit(text if "://" in text else f"http://{text}")
        port = url.port or _HTTP_PORT
        authorization = _authorization(url.username, url.password)
    except ValueError:
        raise CpiError(f"{name} must be the URL of an HTTP proxy") from None
    if url.scheme != "http" or not url.hostname or not HOST_CHARACTERS.issuperset(url.hostname):
        raise CpiError(f"{name} must be the URL of an HTTP proxy")
    if "@" in f"{url.path}{url.query}{url.fragment}":
        raise CpiError(
            f"{name} must be the URL of an HTTP proxy, with '/', '?' and '#' in its password "
            "percent-encoded"
        )
    return Proxy(url.hostname, port, authorization)


def proxy_credentials() -> list[str]:
    """Return what in the variables is secret: user and password, as given and decoded."""
    found: list[str] = []
    for name in ("http_proxy", "https_proxy"):
        pair = _variable(name).rpartition("@")[0].rpartition("//")[2]
        for text in (pair, unquote(pair)):
            found += [text, text.partition(":")[2]]
    return found


def _variable(name: str) -> str:
    return (os.environ.get(name) or os.environ.get(name.upper()) or "").strip()


def _is_excluded(host: str, port: int) -> bool:
    """Whether no_proxy names the host, in an entry without a port or with this one."""
    for entry in _variable("no_proxy").lower().split(","):
        name = entry.strip()
        if name.count(":") == 1:
            name = name.removesuffix(f":{port}")
        if _matches(name, host.lower()):
            return True
    return False


def _matches(entry: str, host: str) -> bool:
    """Whether the entry is ``*``, the host, its network or a domain (``x``, ``.x``, ``*.x``)."""
    if entry in ("*", host):
        return True
    if "/" in entry:
        try:
            return ip_address(host) in ip_network(entry, strict=False)
        except ValueError:
            return False
    suffix = entry.removeprefix("*").lstrip(".")
    return bool(suffix) and host.endswith(f".{suffix}")


def _authorization(user: str | None, password: str | None) -> str:
    """Return the value of Proxy-Authorization.

    :raises ValueError: user or password is no UTF-8
    """
    if not user:
        return ""
    pair = f"{unquote(user, errors='strict')}:{unquote(password or '', errors='strict')}"
    return f"Basic {b64encode(pair.encode()).decode()}"
