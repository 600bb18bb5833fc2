"""Multipart uploads: initiate, upload, complete, abort; limits of semantics.md section 11.

The size of parts is checked at the end, when it is known which is the last one. Not in the
reference: the ETag of the object is the MD5 of the parts' MD5s, a dash and their number.
"""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING

from alicloud_sim.blobs import Blob
from alicloud_sim.messages import HttpResponse

from . import crc64, intake, properties
from .call import invalid
from .errors import OssError
from .objects import store
from .properties import Properties
from .records import Bytes, Stored, Upload, blob_of, forget_upload
from .xml import answer, key_writer

if TYPE_CHECKING:
    from .call import OssCall
    from .intake import Received

SMALLEST_PART = 100 << 10
MOST_PARTS = 10_000
UPLOAD_ID_LENGTH = 32


def initiate(call: OssCall) -> HttpResponse:
    """InitiateMultipartUpload: an upload id; the object of that key stays as it is."""
    intake.read_small(call, 0)
    world = call.world
    with world.turn():
        bucket = call.writable_bucket()
        wanted = properties.read(call, bucket)
        if properties.forbids_overwrite(call) and call.find_object(bucket):
            raise OssError("FileAlreadyExists")
        upload = world.add(
            Upload(
                id=world.ids.text(UPLOAD_ID_LENGTH).upper(),
                account=bucket.account,
                region=bucket.region,
                bucket=bucket.id,
                key=call.key,
                acl=wanted.acl,
                storage_class=wanted.storage_class,
                headers=wanted.headers,
            )
        )
    encoding, write = key_writer(call.params)
    return answer(
        "InitiateMultipartUploadResult",
        {**encoding, "Bucket": bucket.id, "Key": write(call.key), "UploadId": upload.id},
        **properties.encryption(upload.headers),
    )


def part_number(call: OssCall) -> int:
    """Read the number of a part.

    :raises OssError: InvalidArgument unless it is 1 to 10000
    """
    text = call.params.get("partNumber", "")
    if not text.isdecimal() or not 0 < int(text) <= MOST_PARTS:
        why = "Part number must be an integer between 1 and 10000, inclusive."
        raise invalid("partNumber", text, why)
    return int(text)


def upload_part(call: OssCall) -> HttpResponse:
    """UploadPart: the body is the part; the same number again replaces it."""
    number = part_number(call)
    with call.world.turn():
        call.need_upload(call.writable_bucket())
    intake.announced(call)
    received = intake.receive(call)
    keep_part(call, number, received)
    return HttpResponse(200, headers=received.headers)


def keep_part(call: OssCall, number: int, received: Received) -> Stored:
    """Add a part to the upload, unless that has gone meanwhile.

    :raises OssError: NoSuchUpload
    """
    world = call.world
    with world.turn():
        upload = call.need_upload(call.writable_bucket())
        old = upload.parts.get(number)
        if old is not None:
            world.blobs.drop(old.data)
        stored = Stored(
            world.blobs.add(received.blob),
            received.blob.size,
            received.etag,
            received.crc64,
            world.clock.now(),
        )
        upload.parts[number] = stored
        return stored


def _listed(call: OssCall, body: bytes) -> list[tuple[int, str]]:
    """Read the parts that the object shall have, in ascending order.

    :raises OssError: MalformedXML, InvalidPartOrder
    """
    root = call.xml("CompleteMultipartUpload", body)
    listed = []
    for element in root.findall("Part"):
        number, etag = element.findtext("PartNumber", ""), element.findtext("ETag", "")
        if not number.strip().isdecimal() or not etag:
            raise OssError("MalformedXML")
        listed.append((int(number), etag.strip().strip('"').upper()))
    if not listed:
        raise OssError("MalformedXML")
    for (earlier, _), (later, _) in itertools.pairwise(listed):
        if later <= earlier:
            raise OssError("InvalidPartOrder")
    return listed


def _chosen(upload: Upload, listed: list[tuple[int, str]]) -> list[Stored]:
    """Find the listed parts, all of them as told and, but for the last, large enough.

    :raises OssError: InvalidPart, EntityTooSmall
    """
    chosen = []
    for number, etag in listed:
        part = upload.parts.get(number)
        if part is None or part.etag != etag:
            raise OssError("InvalidPart", ETag=etag, PartNumber=str(number), UploadId=upload.id)
        chosen.append(part)
    for (number, etag), part in zip(listed[:-1], chosen, strict=False):
        if part.size < SMALLEST_PART:
            raise OssError(
                "EntityTooSmall",
                MinSizeAllowed=str(SMALLEST_PART),
                ProposedSize=str(part.size),
                PartNumber=str(number),
                ETag=etag,
            )
    return chosen


def complete(call: OssCall) -> HttpResponse:
    """CompleteMultipartUpload: join the listed parts, or all with x-oss-complete-all: yes."""
    body = intake.read_small(call, 4 << 20)
    every = call.headers.get("x-oss-complete-all", "").lower() == "yes"
    if every and body:
        raise invalid("x-oss-complete-all", "yes", "The body has to be empty then.")
    listed = [] if every else _listed(call, body)
    world = call.world
    with world.turn():
        bucket = call.writable_bucket()
        upload = call.need_upload(bucket)
        if every:
            listed = [(number, part.etag) for number, part in sorted(upload.parts.items())]
        chosen = _chosen(upload, listed)
        content = _joined(call, chosen)
        wanted = Properties(upload.headers, upload.acl, upload.storage_class)
        row = store(call, bucket, wanted, content, "Multipart")
        forget_upload(world, upload)
    encoding, write = key_writer(call.params)
    place = f"http://{bucket.id}.{bucket.location}.aliyuncs.com/{call.key}"
    tag = f'"{row.etag}"'
    return answer(
        "CompleteMultipartUploadResult",
        {**encoding, "Location": place, "Bucket": bucket.id, "Key": write(call.key), "ETag": tag},
        ETag=tag,
        x_oss_hash_crc64ecma=str(row.crc64),
        **properties.encryption(row.headers),
    )


def _joined(call: OssCall, parts: list[Stored]) -> Bytes:
    crc, md5 = 0, hashlib.md5(usedforsecurity=False)
    for part in parts:
        crc = crc64.combine(crc, part.crc64, part.size)
        md5.update(bytes.fromhex(part.etag))
    blob = Blob.join([blob_of(call.world, part) for part in parts])
    return Bytes(blob, f"{md5.hexdigest().upper()}-{len(parts)}", crc)


def abort(call: OssCall) -> HttpResponse:
    """AbortMultipartUpload: the parts are gone and the id is unknown from now on."""
    with call.world.turn():
        forget_upload(call.world, call.need_upload(call.writable_bucket()))
    return HttpResponse(204)
