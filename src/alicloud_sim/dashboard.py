"""The page at /: what the control API says, for people. Its files are in page/.

It is served for loopback names only, and may load nothing but its own two files.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from . import guard
from .messages import HttpResponse

if TYPE_CHECKING:
    from .messages import HttpRequest

TYPES = {
    "index.html": "text/html;charset=utf-8",
    "app.js": "text/javascript;charset=utf-8",
    "style.css": "text/css;charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def claims(request: HttpRequest) -> bool:
    """Whether a request is for the page: a plain GET of /, which no service of the cloud has."""
    return (
        request.method in guard.READS
        and request.target == "/"
        and "authorization" not in request.headers
        and guard.is_loopback(request)
    )


def answer(name: str = "index.html") -> HttpResponse:
    """Give one of the page's files."""
    body = (files("alicloud_sim") / "page" / name).read_bytes()
    return HttpResponse(200, body, {"Content-Type": TYPES[name], **HEADERS})
