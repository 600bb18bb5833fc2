"""Names of what requests do, as the API reference of OSS has them (DeleteObjects is short)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .target import query_of, target_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alicloud_sim.messages import HttpRequest

COPY_SOURCE = "x-oss-copy-source"

# Sub-resources are part of a V1 signature. Source: oss2, which has more than the reference.
_SIGNED = """
response-content-type response-content-language response-cache-control logging
response-content-encoding acl uploadId uploads partNumber group link delete website location
objectInfo objectMeta response-expires response-content-disposition cors lifecycle restore qos
referer stat bucketInfo append position security-token live comp status vod startTime endTime
x-oss-process symlink callback callback-var tagging encryption versions versioning versionId
policy requestPayment x-oss-traffic-limit qosInfo asyncFetch x-oss-request-payer sequential
inventory inventoryId continuation-token worm wormId wormExtend replication replicationLocation
replicationProgress transferAcceleration cname metaQuery x-oss-ac-source-ip x-oss-ac-subnet-mask
x-oss-ac-vpc-id x-oss-ac-forward-allow resourceGroup style styleName x-oss-async-process
regionList x-oss-write-get-object-response bucketArchiveDirectRead httpsConfig
redundancyTransition x-oss-target-redundancy-type x-oss-redundancy-transition-taskid accessPoint
accessPointPolicy publicAccessBlock x-oss-access-point-name requesterQosInfo qosRequester
resourcePoolInfo resourcePool resourcePoolBuckets
"""
_HARMLESS = """
security-token continuation-token response-content-type response-content-language
response-expires response-cache-control response-content-disposition response-content-encoding
sequential
"""
SUBRESOURCES = frozenset(_SIGNED.split())
NO_OPERATION = frozenset(_HARMLESS.split())
"""Sub-resources that change nothing about what is done."""

# (method, on an object, the sub-resource that decides): the action
TABLE = {
    ("GET", False, ""): "ListObjects",
    ("GET", False, "bucketInfo"): "GetBucketInfo",
    ("GET", False, "location"): "GetBucketLocation",
    ("GET", False, "acl"): "GetBucketAcl",
    ("GET", False, "uploads"): "ListMultipartUploads",
    ("HEAD", False, ""): "HeadBucket",
    ("PUT", False, ""): "PutBucket",
    ("PUT", False, "acl"): "PutBucketAcl",
    ("DELETE", False, ""): "DeleteBucket",
    ("POST", False, "delete"): "DeleteObjects",
    ("GET", True, ""): "GetObject",
    ("GET", True, "uploadId"): "ListParts",
    ("GET", True, "objectMeta"): "GetObjectMeta",
    ("HEAD", True, ""): "HeadObject",
    ("HEAD", True, "objectMeta"): "GetObjectMeta",
    ("PUT", True, ""): "PutObject",
    ("PUT", True, "partNumber&uploadId"): "UploadPart",
    ("DELETE", True, ""): "DeleteObject",
    ("DELETE", True, "uploadId"): "AbortMultipartUpload",
    ("POST", True, "uploads"): "InitiateMultipartUpload",
    ("POST", True, "uploadId"): "CompleteMultipartUpload",
}
COPIES = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}

# Permissions of RAM that cover more than the action of their name.
PERMISSIONS = {
    "CopyObject": "PutObject",
    "InitiateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "HeadObject": "GetObject",
    "GetObjectMeta": "GetObject",
    "DeleteObjects": "DeleteObject",
    "ListObjectsV2": "ListObjects",
    "HeadBucket": "GetBucketInfo",
}


def decisive(params: Mapping[str, str]) -> str:
    """Give the sub-resources that decide what is done, joined."""
    return "&".join(sorted((params.keys() & SUBRESOURCES) - NO_OPERATION))


def action_of(request: HttpRequest) -> str:
    """Name what a request does; "GET ?cors" and the like for what is not simulated."""
    target, params = target_of(request), query_of(request)
    if not target.bucket:
        return "ListBuckets" if request.method == "GET" else f"{request.method} /"
    wanted = decisive(params)
    name = TABLE.get((request.method, bool(target.key), wanted))
    if name is None:
        return f"{request.method} ?{wanted}" if wanted else f"{request.method} {target.resource}"
    if COPY_SOURCE in request.headers:
        name = COPIES.get(name, name)
    return "ListObjectsV2" if name == "ListObjects" and params.get("list-type") == "2" else name
