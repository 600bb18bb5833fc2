"""RPC on the wire: which action was called with what, and answers as JSON or XML.

V1 has everything in parameters (query and form body together) and answers XML unless
Format=JSON; V3 has action and version in headers and answers JSON unless Format says XML.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from .messages import HttpRequest, HttpResponse
from .signatures import V3_ALGORITHM

FORM = "application/x-www-form-urlencoded"
HELP = "https://api.aliyun.com/troubleshoot?q="


@dataclass(frozen=True)
class RpcCall:
    """One RPC request, taken apart."""

    http: HttpRequest
    is_v3: bool
    version: str
    action: str
    params: dict[str, str]

    @property
    def is_json_wanted(self) -> bool:
        """Whether the answer is wanted as JSON."""
        wanted = self.params.get("Format", "").upper()
        return wanted == "JSON" or (self.is_v3 and wanted != "XML")


def decode(http: HttpRequest) -> RpcCall:
    """Take an HTTP request apart; what is missing is an empty text."""
    params = dict(parse_qsl(http.query, keep_blank_values=True))
    if http.headers.get("content-type", "").startswith(FORM):
        body = http.body.decode("utf-8", "replace")
        params.update(parse_qsl(body, keep_blank_values=True))
    is_v3 = http.headers.get("authorization", "").startswith(V3_ALGORITHM)
    return RpcCall(
        http=http,
        is_v3=is_v3,
        version=http.headers.get("x-acs-version") or params.get("Version", ""),
        action=http.headers.get("x-acs-action") or params.get("Action", ""),
        params=params,
    )


def success(call: RpcCall, request_id: str, answer: dict[str, Any]) -> HttpResponse:
    """Answer a call that was done."""
    return _respond(call, 200, f"{call.action}Response", {"RequestId": request_id, **answer})


def failure(
    call: RpcCall,
    request_id: str,
    status: int,
    code: str,
    message: str,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Refuse a call in the cloud's error envelope."""
    document = {
        "RequestId": request_id,
        "HostId": call.http.host,
        "Code": code,
        "Message": message,
        "Recommend": f"{HELP}{code}",
    }
    return _respond(call, status, "Error", document, headers)


def _respond(
    call: RpcCall,
    status: int,
    root: str,
    document: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    if call.is_json_wanted:
        kind, text = "application/json", json.dumps(document, ensure_ascii=False)
    else:
        kind = "text/xml"
        text = f"<?xml version='1.0' encoding='UTF-8'?>{_element(root, document)}"
    all_headers = {
        "Content-Type": f"{kind};charset=utf-8",
        "x-acs-request-id": document["RequestId"],
        **(headers or {}),
    }
    return HttpResponse(status, text.encode(), all_headers)


def _element(name: str, value: Any) -> str:
    """Write a value as XML; a list repeats its element."""
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        inner = "".join(_element(key, item) for key, item in value.items())
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"
