"""GetObject, HeadObject, GetObjectMeta."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

from alicloud_sim.messages import HttpResponse
from alicloud_sim.streams import Content

from . import conditions
from .call import ANONYMOUS
from .errors import OssError
from .properties import META
from .records import FROZEN_CLASSES, blob_of

if TYPE_CHECKING:
    from .call import OssCall
    from .records import OssObject

RESPONSE = "response-"


def _headers(row: OssObject) -> dict[str, str]:
    """Tell what every answer about an object tells; one that a seed made may lack a tag."""
    told = {
        "Last-Modified": formatdate(row.modified, usegmt=True),
        "ETag": f'"{row.etag}"',
        "x-oss-object-type": row.type,
        "x-oss-storage-class": row.storage_class,
        "Accept-Ranges": "bytes",
    }
    if row.etag:
        told["x-oss-hash-crc64ecma"] = str(row.crc64)
    return told | row.headers


def _overrides(call: OssCall) -> dict[str, str]:
    """Read response-content-type and its kin from the query.

    :raises OssError: InvalidRequest for anonymous callers
    """
    given = {
        name.removeprefix(RESPONSE).title(): value
        for name, value in call.params.items()
        if name.startswith(RESPONSE)
    }
    if given and call.account == ANONYMOUS:
        raise OssError("InvalidRequest")
    return given


def get_object(call: OssCall) -> HttpResponse:
    """GetObject, all of it or one range; archived objects cannot be read."""
    standard = call.headers.get("x-oss-range-behavior") == "standard"
    with call.world.turn():
        row = call.readable_object(call.need_bucket())
        conditions.check(call.headers, row)
        if row.storage_class in FROZEN_CLASSES:
            raise OssError("InvalidObjectState")
        part = conditions.stretch(call.headers.get("range"), row.size, standard=standard)
        blob, headers = blob_of(call.world, row), _headers(row) | _overrides(call)
        size = row.size
    if part is None:
        return HttpResponse(200, headers=headers, content=Content(size, blob.pieces(), call.rate))
    start, length = part
    headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    pieces = blob.slice(start, length).pieces()
    return HttpResponse(206, headers=headers, content=Content(length, pieces, call.rate))


def head_object(call: OssCall) -> HttpResponse:
    """HeadObject: the headers of a download."""
    with call.world.turn():
        row = call.readable_object(call.need_bucket())
        conditions.check(call.headers, row)
        return HttpResponse(200, headers=_headers(row) | {"Content-Length": str(row.size)})


def get_object_meta(call: OssCall) -> HttpResponse:
    """GetObjectMeta: tag, size and time only."""
    with call.world.turn():
        row = call.readable_object(call.need_bucket())
        kept = ("Last-Modified", "ETag", "x-oss-hash-crc64ecma")
        headers = {name: value for name, value in _headers(row).items() if name in kept}
    size = {"Content-Length": str(row.size)} if call.call.request.method == "HEAD" else {}
    return HttpResponse(200, headers=headers | size)


def user_headers(row: OssObject) -> dict[str, str]:
    """Give the part of an object's headers that a copy takes over."""
    return {name: value for name, value in row.headers.items() if _is_copied(name)}


def _is_copied(name: str) -> bool:
    return name.startswith(META) or not name.startswith("x-oss-")
