"""XML as OSS answers it: documents without a namespace; a list repeats its element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from alicloud_sim.messages import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        inner = "".join(_element(key, item) for key, item in value.items())
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def document(root: str, children: Mapping[str, Any] | str) -> bytes:
    """Write a document."""
    inner = dict(children) if not isinstance(children, str) else children
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(root, inner)}'.encode()


def answer(root: str, children: Mapping[str, Any] | str, **headers: str) -> HttpResponse:
    """Answer 200 with a document; underscores in header names stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = document(root, children)
    return HttpResponse(200, body, {"Content-Type": "application/xml", **named})


def key_writer(params: Mapping[str, str]) -> tuple[dict[str, str], Any]:
    """Tell how keys are written: the EncodingType element, if any, and the function."""
    if params.get("encoding-type") == "url":
        return {"EncodingType": "url"}, lambda key: quote(key, safe="")
    return {}, str
