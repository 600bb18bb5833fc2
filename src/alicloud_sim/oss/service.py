"""OSS as a service of the port: which requests are its own, who calls, which handler.

Bodies are read and hashed outside the world's lock; the checks that need none of the body
come before it, so a client that waits for "100 Continue" may be refused without sending.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from alicloud_sim.errors import UnsupportedError

from . import buckets, copy_object, errors, list_objects, multipart, objects, properties, reading
from .actions import PERMISSIONS, action_of
from .call import ANONYMOUS, OssCall
from .errors import OssError
from .identity import claim_of, key_of
from .target import is_for_oss, query_of, target_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.errors import ApiError
    from alicloud_sim.messages import HttpRequest, HttpResponse
    from alicloud_sim.registry import HttpCall

HANDLERS: dict[str, Callable[[OssCall], HttpResponse]] = {
    "ListBuckets": buckets.list_buckets,
    "PutBucket": buckets.put_bucket,
    "PutBucketAcl": buckets.put_bucket_acl,
    "DeleteBucket": buckets.delete_bucket,
    "HeadBucket": buckets.head_bucket,
    "GetBucketInfo": buckets.get_bucket_info,
    "GetBucketLocation": buckets.get_bucket_location,
    "GetBucketAcl": buckets.get_bucket_acl,
    "ListObjects": list_objects.list_objects,
    "ListObjectsV2": list_objects.list_objects_v2,
    "ListMultipartUploads": list_objects.list_uploads,
    "ListParts": list_objects.list_parts,
    "PutObject": objects.put_object,
    "DeleteObject": objects.delete_object,
    "DeleteObjects": objects.delete_objects,
    "GetObject": reading.get_object,
    "HeadObject": reading.head_object,
    "GetObjectMeta": reading.get_object_meta,
    "CopyObject": copy_object.copy_object,
    "InitiateMultipartUpload": multipart.initiate,
    "UploadPart": multipart.upload_part,
    "UploadPartCopy": copy_object.upload_part_copy,
    "CompleteMultipartUpload": multipart.complete,
    "AbortMultipartUpload": multipart.abort,
}
TOLD = ("partNumber", "uploadId", "prefix", "delimiter", "marker", "max-keys")
ID_LENGTH = 24


def _request_id(call: HttpCall) -> str:
    """Make the id of the form that OSS has, and note it in the record of calls."""
    found = call.request_id.replace("-", "")[:ID_LENGTH]
    call.entry["request_id"] = found
    return found


class Oss:
    """The object storage."""

    name = "oss"
    streams = True
    actions: tuple[str, ...] = tuple(HANDLERS)

    def claims(self, request: HttpRequest) -> bool:
        """Whether a request is for OSS; see target.py."""
        return is_for_oss(request)

    def action(self, request: HttpRequest) -> str:
        """Name what a request does."""
        return action_of(request)

    def params(self, request: HttpRequest) -> dict[str, str]:
        """Tell bucket, key and the query's plain parameters."""
        target, query = target_of(request), query_of(request)
        told = {"path": request.path, "bucket": target.bucket, "key": target.key}
        return told | {name: query[name] for name in TOLD if name in query}

    def handle(self, call: HttpCall) -> HttpResponse:
        """Answer a request."""
        oss_call = self._admitted(call)
        handler = HANDLERS.get(oss_call.action)
        if handler is None:
            if oss_call.call.request.method not in ("GET", "HEAD", "PUT", "POST", "DELETE"):
                raise OssError("MethodNotAllowed")
            raise UnsupportedError(oss_call.action)
        return self._finish(call, handler(oss_call))

    def refuse(self, call: HttpCall, error: ApiError) -> HttpResponse:
        """Word a refusal as XML."""
        host = call.request.host
        return self._finish(call, errors.respond(call, error, host, _request_id(call)))

    def _admitted(self, call: HttpCall) -> OssCall:
        """Check names, signature and permission; account "" is an anonymous caller.

        :raises OssError: any of them is refused
        """
        request = call.request
        target, params, action = target_of(request), query_of(request), action_of(request)
        target.check(request.host.lower())
        properties.check_headers(request.headers)
        claim = claim_of(call, target, params)
        if claim is None:
            admitted = OssCall(call, target, action, params, ANONYMOUS, target.region)
        else:
            with call.world.turn():
                key = key_of(call, claim)
                call.entry.update(account=key.account, key=key.id)
            region = target.region or claim.region
            admitted = OssCall(call, target, action, params, key.account, region, key)
            for needed in {action, PERMISSIONS.get(action, action)}:
                admitted.check_permission(needed)
        admitted.check_endpoint()
        return admitted

    def _finish(self, call: HttpCall, response: HttpResponse) -> HttpResponse:
        passed = int((time.time() - call.entry["time"]) * 1000)
        response.headers.update(
            {
                "Server": "AliyunOSS",
                "Date": formatdate(call.server_time, usegmt=True),
                "x-oss-request-id": _request_id(call),
                "x-oss-server-time": str(passed),
            }
        )
        return response
