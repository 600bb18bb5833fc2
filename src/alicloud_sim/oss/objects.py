"""Objects: put, delete, delete many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.messages import HttpResponse

from . import intake, properties
from .errors import OssError
from .records import OssObject, forget_object
from .xml import answer, key_writer

if TYPE_CHECKING:
    from .call import OssCall
    from .properties import Properties
    from .records import Bucket, Bytes

LARGEST_DELETE = 2 << 20
MOST_DELETES = 1000


def store(
    call: OssCall, bucket: Bucket, wanted: Properties, content: Bytes, kind: str = "Normal"
) -> OssObject:
    """Put an object in place of what has its key; it belongs to the bucket's owner.

    :raises OssError: FileAlreadyExists
    """
    world, now = call.world, call.world.clock.now()
    old = call.find_object(bucket)
    if old is not None:
        if properties.forbids_overwrite(call):
            raise OssError("FileAlreadyExists")
        forget_object(world, old)
    return world.add(
        OssObject(
            id=f"{bucket.id}/{call.key}",
            account=bucket.account,
            region=bucket.region,
            bucket=bucket.id,
            key=call.key,
            data=world.blobs.add(content.blob),
            size=content.blob.size,
            etag=content.etag,
            crc64=content.crc64,
            modified=now,
            type=kind,
            acl=wanted.acl,
            storage_class=wanted.storage_class,
            headers=wanted.headers,
        )
    )


def put_object(call: OssCall) -> HttpResponse:
    """PutObject: the body is the object, at most 5 GB."""
    world = call.world
    with world.turn():
        wanted = properties.read(call, call.writable_bucket())
    intake.announced(call)
    received = intake.receive(call)
    with world.turn():
        bucket = call.writable_bucket()
        row = store(call, bucket, wanted, received.bytes)
    return HttpResponse(200, headers=received.headers | properties.encryption(row.headers))


def delete_object(call: OssCall) -> HttpResponse:
    """DeleteObject: 204 whether it was there or not."""
    with call.world.turn():
        found = call.find_object(call.writable_bucket())
        if found is not None:
            forget_object(call.world, found)
    return HttpResponse(204)


def delete_objects(call: OssCall) -> HttpResponse:
    """DeleteObjects: up to 1000 keys; Content-MD5 is mandatory, quiet answers are empty.

    A missing Content-MD5 is InvalidArgument (the code is not in the reference).
    """
    body = intake.read_small(call, LARGEST_DELETE)
    if "content-md5" not in call.headers:
        raise OssError("InvalidArgument", "Missing Some Required Arguments.")
    root = call.xml("Delete", body)
    keys = [element.findtext("Key") or "" for element in root.findall("Object")]
    if not 0 < len(keys) <= MOST_DELETES or not all(keys):
        raise OssError("MalformedXML")
    with call.world.turn():
        bucket = call.writable_bucket()
        for key in keys:
            found = call.find_object(bucket, key)
            if found is not None:
                forget_object(call.world, found)
    if root.findtext("Quiet") == "true":
        return HttpResponse(200)
    encoding, write = key_writer(call.params)
    return answer("DeleteResult", {**encoding, "Deleted": [{"Key": write(key)} for key in keys]})
