"""CopyObject and UploadPartCopy: bytes that are here already, shared rather than moved.

A range of UploadPartCopy that makes no sense copies the whole object (AlibabaCloudDocs/oss).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from . import conditions, intake, multipart, properties
from .actions import COPY_SOURCE
from .call import invalid
from .errors import OssError
from .objects import store
from .reading import user_headers
from .records import FROZEN_CLASSES, Bucket, Bytes, OssObject, blob_of
from .times import iso
from .xml import answer

if TYPE_CHECKING:
    from alicloud_sim.messages import HttpResponse

    from .call import OssCall

LARGEST_COPY = 1 << 30
DIRECTIVES = ("COPY", "REPLACE")


def _source(call: OssCall, target: Bucket) -> OssObject:
    """Find the object to copy; it has to be readable, in the same region, and as wanted.

    :raises OssError: InvalidArgument, NoSuchBucket, NoSuchKey, AccessDenied, conditions
    """
    text = unquote(call.headers[COPY_SOURCE]).removeprefix("/")
    path, _, version = text.partition("?versionId=")
    name, _, key = path.partition("/")
    if not name or not key or version:
        raise invalid(
            COPY_SOURCE,
            text,
            "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.",
        )
    bucket = call.world.get(Bucket, name)
    if bucket is None:
        raise OssError("NoSuchBucket", BucketName=name)
    if bucket.region != target.region:
        raise OssError(
            "AccessDenied",
            "Target object does not reside in the same data center as source object.",
        )
    call.check_permission("GetObject")
    row = call.readable_object(bucket, key)
    conditions.check(call.headers, row, conditions.COPY_PREFIX)
    if row.storage_class in FROZEN_CLASSES:
        raise OssError("InvalidObjectState")
    return row


def copy_object(call: OssCall) -> HttpResponse:
    """CopyObject: up to 1 GB; metadata come along unless the directive says REPLACE."""
    directive = call.headers.get("x-oss-metadata-directive", "COPY").upper()
    if directive not in DIRECTIVES:
        raise invalid("x-oss-metadata-directive", directive, "has to be COPY or REPLACE.")
    with call.world.turn():
        target = call.writable_bucket()
        row = _source(call, target)
        if row.size > LARGEST_COPY:
            text = "Source object Length exceeds the maximum allowed size."
            raise OssError("EntityTooLarge", text)
        wanted = properties.read(call, target)
        if directive == "COPY" and row.id != f"{target.id}/{call.key}":
            wanted.headers.clear()
            wanted.headers.update(user_headers(row) | properties.encryption(call.headers))
        content = Bytes(blob_of(call.world, row), row.etag, row.crc64)
        made = store(call, target, wanted, content, row.type)
        return answer(
            "CopyObjectResult",
            {"ETag": f'"{made.etag}"', "LastModified": iso(made.modified)},
            ETag=f'"{made.etag}"',
            x_oss_hash_crc64ecma=str(made.crc64),
        )


def upload_part_copy(call: OssCall) -> HttpResponse:
    """UploadPartCopy: a part from an object, or from a range of one."""
    number = multipart.part_number(call)
    with call.world.turn():
        target = call.writable_bucket()
        call.need_upload(target)
        row = _source(call, target)
        blob = blob_of(call.world, row)
    part = conditions.stretch(call.headers.get("x-oss-copy-source-range"), blob.size)
    told: dict[str, str] = {}
    if part is not None:
        start, length = part
        told["Content-Range"] = f"bytes {start}-{start + length - 1}/{blob.size}"
        blob = blob.slice(start, length)
    if blob.size > intake.LARGEST_BODY:
        raise OssError("EntityTooLarge")
    stored = multipart.keep_part(call, number, intake.measure(blob))
    told["ETag"] = f'"{stored.etag}"'
    document = {"LastModified": iso(stored.modified), "ETag": told["ETag"]}
    return answer("CopyPartResult", document, **told)
