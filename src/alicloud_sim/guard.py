"""Which requests may use the control API and the page: those of this machine's own programs.

A browser lets any site send requests to a loopback port. A site whose name points to 127.0.0.1
(DNS rebinding) is known by its Host, a write from another origin (CSRF) by Origin or
Sec-Fetch-Site: a script can set none of the three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .messages import HttpRequest

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
READS = ("GET", "HEAD")
OWN_SITES = ("same-origin", "none")
"""Values of Sec-Fetch-Site for a request of the page itself, or of the person at the browser."""


def is_loopback(request: HttpRequest) -> bool:
    """Whether the Host header is a name of the loopback."""
    return request.host.lower() in LOOPBACK_HOSTS


def refusal(request: HttpRequest) -> str:
    """Say why a request may not use the control API; empty if it may."""
    if not is_loopback(request):
        host = request.headers.get("host", "")
        return f"Host is {host!r}: expected one of {', '.join(LOOPBACK_HOSTS)}"
    if request.method in READS:
        return ""
    origin = request.headers.get("origin")
    if origin is not None and origin.lower() != _origin_of(request):
        return f"Origin is {origin!r}: only the simulator's own page may write"
    site = request.headers.get("sec-fetch-site", "none")
    if site.lower() not in OWN_SITES:
        return f"Sec-Fetch-Site is {site!r}: only the simulator's own page may write"
    return ""


def _origin_of(request: HttpRequest) -> str:
    scheme = "https" if request.tls_version else "http"
    return f"{scheme}://{request.headers['host'].lower()}"
