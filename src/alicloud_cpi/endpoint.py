"""Where a service answers: ``https://host:port``, as operators write it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from alicloud_cpi.errors import CpiError

_EXPECTED = "must be a host, host:port or https URL"
HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.:_%")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send requests; ``secure`` is false for loopback hosts only."""

    host: str
    port: int
    secure: bool = True

    @property
    def authority(self) -> str:
        """The host as a Host header has it, without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def parse_endpoint(text: str, name: str) -> Endpoint:
    """Read a host, host:port or URL; plain http is accepted for loopback hosts only.

    :param name: the property, for messages
    :raises CpiError: naming the property
    """
    try:
        url = urlsplit(text if "://" in text else f"https://{text}")
        port = url.port
    except ValueError:
        raise CpiError(f"{name} {_EXPECTED}") from None
    host = url.hostname or ""
    if url.path.strip("/") or url.query or url.fragment or "@" in url.netloc:
        raise CpiError(f"{name} {_EXPECTED}, without a path or user")
    if url.scheme not in ("http", "https") or not host or not HOST_CHARACTERS.issuperset(host):
        raise CpiError(f"{name} {_EXPECTED}")
    if url.netloc.endswith(":") or port == 0:
        raise CpiError(f"{name} {_EXPECTED}")
    secure = url.scheme == "https"
    if not secure and not is_loopback(host):
        raise CpiError(f"{name} must use https: http is accepted for loopback hosts only")
    return Endpoint(host, port or (443 if secure else 80), secure)


def is_loopback(host: str) -> bool:
    """Whether the host can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
