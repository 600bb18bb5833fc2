"""HTTP requests and answers as plain values, apart from sockets.

An answer also says how it reaches the client (its fate), since a fault may lose it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from .streams import BodyStream, Content


class Fate(Enum):
    """What happens to an answer on its way."""

    SENT = "sent"
    RESET = "reset"  # TCP reset, nothing sent
    CLOSED = "closed"  # connection closed in an orderly way, nothing sent
    TRUNCATED = "truncated"  # full Content-Length, half of the body, then closed
    STALLED = "stalled"  # nothing sent for stall_seconds, then closed


@dataclass(frozen=True)
class HttpRequest:
    """One request; header names are lower case. `stream` is a body yet to be read."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    client_port: int = 0
    tls_version: str | None = None
    server_name: str | None = None
    stream: BodyStream | None = None

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> str:
        """The query as sent, without the question mark."""
        return urlsplit(self.target).query

    @property
    def host(self) -> str:
        """The Host header without its port."""
        host = self.headers.get("host", "")
        return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host


@dataclass(frozen=True)
class HttpResponse:
    """One answer and its fate; `content` is a body that is made while it is sent."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fate: Fate = Fate.SENT
    stall_seconds: float = 0.0
    content: Content | None = None

    @property
    def length(self) -> int:
        """The size of the body."""
        return len(self.body) if self.content is None else self.content.size


def json_response(status: int, document: Any) -> HttpResponse:
    """Answer with a JSON document."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return HttpResponse(status, body, {"Content-Type": "application/json;charset=utf-8"})
