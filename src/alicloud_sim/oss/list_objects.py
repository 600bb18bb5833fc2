"""ListObjects in both versions, ListParts, ListMultipartUploads.

A delimiter folds keys into common prefixes; keys and prefixes count alike against the page.
Continuation tokens are opaque; one that was not given out here is InvalidArgument.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from .call import invalid
from .records import objects_of, uploads_of
from .times import iso
from .xml import answer, key_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alicloud_sim.messages import HttpResponse

    from .call import OssCall
    from .records import OssObject

USUAL_KEYS, MOST_ROWS = 100, 1000
TOKEN_START = b"key:"


def _fold(keys: Iterable[str], prefix: str, delimiter: str, marker: str) -> list[tuple[str, bool]]:
    """Turn sorted keys into what a list shows: (key, False), or (common prefix, True)."""
    shown: list[tuple[str, bool]] = []
    for key in keys:
        if not key.startswith(prefix):
            continue
        head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        entry = (prefix + head + delimiter, True) if found else (key, False)
        if entry[0] > marker and entry not in shown[-1:]:
            shown.append(entry)
    return shown


def _contents(
    rows: Iterable[OssObject], write: Callable[[str], str], *, owner: bool
) -> list[dict[str, Any]]:
    return [
        {
            "Key": write(row.key),
            "LastModified": iso(row.modified),
            "ETag": f'"{row.etag}"',
            "Type": row.type,
            "Size": row.size,
            "StorageClass": row.storage_class,
            **({"Owner": {"ID": row.account, "DisplayName": row.account}} if owner else {}),
        }
        for row in rows
    ]


def _page(call: OssCall, marker: str, most: int, *, owner: bool) -> tuple[dict[str, Any], str]:
    """Give the elements that both versions have, and the last entry if there are more."""
    prefix, delimiter = call.params.get("prefix", ""), call.params.get("delimiter", "")
    encoding, write = key_writer(call.params)
    with call.world.turn():
        bucket = call.listable_bucket()
        rows = {row.key: row for row in objects_of(call.world, bucket.id)}
    shown = _fold(rows, prefix, delimiter, marker)
    page = shown[:most]
    told = {
        "Name": bucket.id,
        "Prefix": write(prefix),
        "MaxKeys": most,
        "Delimiter": write(delimiter),
        **encoding,
        "IsTruncated": len(shown) > most,
        "Contents": _contents(
            (rows[entry] for entry, common in page if not common), write, owner=owner
        ),
        "CommonPrefixes": [{"Prefix": write(entry)} for entry, common in page if common],
    }
    return told, page[-1][0] if len(shown) > most and page else ""


def list_objects(call: OssCall) -> HttpResponse:
    """ListObjects: pages by marker."""
    marker = call.params.get("marker", "")
    most = call.number("max-keys", USUAL_KEYS, 1, MOST_ROWS)
    told, last = _page(call, marker, most, owner=True)
    _, write = key_writer(call.params)
    told["Marker"] = write(marker)
    if last:
        told["NextMarker"] = write(last)
    return answer("ListBucketResult", told)


def list_objects_v2(call: OssCall) -> HttpResponse:
    """ListObjectsV2: pages by continuation token; owners on demand."""
    token, after = call.params.get("continuation-token", ""), call.params.get("start-after", "")
    most = call.number("max-keys", USUAL_KEYS, 1, MOST_ROWS)
    marker = _read_token(token) if token else after
    told, last = _page(call, marker, most, owner=call.params.get("fetch-owner") == "true")
    told["KeyCount"] = len(told["Contents"]) + len(told["CommonPrefixes"])
    _, write = key_writer(call.params)
    if after:
        told["StartAfter"] = write(after)
    if token:
        told["ContinuationToken"] = token
    if last:
        text = base64.urlsafe_b64encode(TOKEN_START + last.encode()).decode()
        told["NextContinuationToken"] = text.replace("=", "-")
    return answer("ListBucketResult", told)


def _read_token(token: str) -> str:
    text = token.rstrip("-")
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        found = b""
    if not found.startswith(TOKEN_START):
        raise invalid("continuation-token", token, "The continuation token is invalid.")
    return found.removeprefix(TOKEN_START).decode("utf-8", "replace")


def list_parts(call: OssCall) -> HttpResponse:
    """ListParts: by number, after a marker."""
    most = call.number("max-parts", MOST_ROWS, 1, MOST_ROWS)
    marker = call.number("part-number-marker", 0, 0, 10_000)
    encoding, write = key_writer(call.params)
    with call.world.turn():
        upload = call.need_upload(call.writable_bucket())
        parts = [(n, part) for n, part in sorted(upload.parts.items()) if n > marker]
    page = parts[:most]
    told = {
        **encoding,
        "Bucket": upload.bucket,
        "Key": write(upload.key),
        "UploadId": upload.id,
        "StorageClass": upload.storage_class,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1][0] if page else marker,
        "MaxParts": most,
        "IsTruncated": len(parts) > most,
        "Part": [
            {
                "PartNumber": number,
                "LastModified": iso(part.modified),
                "ETag": f'"{part.etag}"',
                "HashCrc64ecma": part.crc64,
                "Size": part.size,
            }
            for number, part in page
        ],
    }
    return answer("ListPartsResult", told)


def list_uploads(call: OssCall) -> HttpResponse:
    """ListMultipartUploads: by key and id, after a marker of both."""
    params = call.params
    most = call.number("max-uploads", MOST_ROWS, 1, MOST_ROWS)
    marker, id_marker = params.get("key-marker", ""), params.get("upload-id-marker", "")
    prefix, delimiter = params.get("prefix", ""), params.get("delimiter", "")
    encoding, write = key_writer(params)
    with call.world.turn():
        bucket = call.own_bucket()
        rows = uploads_of(call.world, bucket.id)
    if marker:
        after = (marker, id_marker) if id_marker else (marker, "\U0010ffff")
        rows = [row for row in rows if (row.key, row.id) > after]
    shown = _fold((row.key for row in rows), prefix, delimiter, "")
    plain = {entry for entry, common in shown if not common}
    found = [row for row in rows if row.key in plain]
    page, last = found[:most], found[most - 1 : most] if len(found) > most else []
    told = {
        **encoding,
        "Bucket": bucket.id,
        "KeyMarker": write(marker),
        "UploadIdMarker": id_marker,
        "NextKeyMarker": write(last[0].key) if last else "",
        "NextUploadIdMarker": last[0].id if last else "",
        "Delimiter": write(delimiter),
        "Prefix": write(prefix),
        "MaxUploads": most,
        "IsTruncated": bool(last),
        "Upload": [
            {"Key": write(row.key), "UploadId": row.id, "Initiated": iso(row.created)}
            for row in page
        ],
        "CommonPrefixes": [{"Prefix": write(entry)} for entry, common in shown if common],
    }
    return answer("ListMultipartUploadsResult", told)
