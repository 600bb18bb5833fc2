"""Buckets: put, delete, describe, list.

Not in the reference: an own bucket can be put again as it is (that may change its ACL);
unfinished uploads keep a bucket from being deleted (the SDK pages say so without a code).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.messages import HttpResponse

from . import intake
from .call import ANONYMOUS, invalid
from .errors import OssError
from .records import (
    BUCKET_ACLS,
    PRIVATE,
    STORAGE_CLASSES,
    Bucket,
    objects_of,
    uploads_of,
)
from .times import iso
from .xml import answer

if TYPE_CHECKING:
    from .call import OssCall

USUAL_MOST_BUCKETS = 100
REDUNDANCIES = ("LRS", "ZRS")
LARGEST_CONFIGURATION = 64 << 10
USUAL_PAGE, LARGEST_PAGE = 100, 1000


def _acl(call: OssCall, usual: str) -> str:
    acl = call.headers.get("x-oss-acl", usual)
    if acl not in BUCKET_ACLS:
        raise invalid("x-oss-acl", acl, "no such bucket access control exists.")
    return acl


def _configuration(call: OssCall, body: bytes) -> dict[str, str]:
    """Read CreateBucketConfiguration; the region may come from the endpoint or from it.

    :raises OssError: MalformedXML, InvalidArgument, InvalidLocationConstraint
    """
    root = call.xml("CreateBucketConfiguration", body) if body else None
    given = {child.tag: (child.text or "").strip() for child in root} if root is not None else {}
    given.setdefault("StorageClass", "Standard")
    given.setdefault("DataRedundancyType", "LRS")
    if given["StorageClass"] not in STORAGE_CLASSES:
        text = "No such bucket storage class exists."
        raise invalid("StorageClass", given["StorageClass"], text)
    if given["DataRedundancyType"] not in REDUNDANCIES:
        raise invalid("DataRedundancyType", given["DataRedundancyType"], "has to be LRS or ZRS.")
    wanted = given.get("LocationConstraint", "").removeprefix("oss-")
    region = call.region or wanted or call.world.default_region
    if region not in call.world.regions or wanted not in ("", region):
        raise OssError("InvalidLocationConstraint", LocationConstraint=wanted or region)
    return {**given, "region": region}


def put_bucket(call: OssCall) -> HttpResponse:
    """PutBucket: names are unique in all of OSS; 100 buckets per account and region."""
    body = intake.read_small(call, LARGEST_CONFIGURATION)
    world, name = call.world, call.target.bucket
    if call.account == ANONYMOUS:
        raise OssError("AccessDenied", "Anonymous access is forbidden for this operation.")
    with world.turn():
        wanted = _configuration(call, body)
        old = world.get(Bucket, name)
        acl = _acl(call, old.acl if old else PRIVATE)
        if old is not None:
            _check_same(call, old, wanted)
            old.acl = acl
            return HttpResponse(200)
        most = world.quotas.get("oss.buckets", USUAL_MOST_BUCKETS)
        owner = (call.account, wanted["region"])
        if sum((b.account, b.region) == owner for b in world.all(Bucket)) >= most:
            raise OssError("TooManyBuckets")
        bucket = Bucket(name, call.account, wanted["region"], acl=acl)
        bucket.storage_class = wanted["StorageClass"]
        bucket.redundancy = wanted["DataRedundancyType"]
        world.add(bucket)
    return HttpResponse(200)


def _check_same(call: OssCall, old: Bucket, wanted: dict[str, str]) -> None:
    if old.account != call.account:
        raise OssError("BucketAlreadyExists", BucketName=old.id)
    if old.region != wanted["region"]:
        text = "Bucket already exists can't modify location."
    elif old.storage_class != wanted["StorageClass"]:
        text = "Cannot modify existing bucket's storage class."
    elif old.redundancy != wanted["DataRedundancyType"]:
        text = "Bucket already exists CAN'T modify data redundancy type."
    else:
        return
    raise OssError("BucketAlreadyExists", text, BucketName=old.id)


def put_bucket_acl(call: OssCall) -> HttpResponse:
    """PutBucketAcl by the header x-oss-acl."""
    intake.read_small(call, 0)
    with call.world.turn():
        bucket = call.own_bucket()
        bucket.acl = _acl(call, bucket.acl)
    return HttpResponse(200)


def delete_bucket(call: OssCall) -> HttpResponse:
    """DeleteBucket: without objects and without unfinished uploads only."""
    with call.world.turn():
        bucket = call.own_bucket()
        if objects_of(call.world, bucket.id) or uploads_of(call.world, bucket.id):
            raise OssError("BucketNotEmpty", BucketName=bucket.id)
        call.world.remove(bucket)
    return HttpResponse(204)


def _description(bucket: Bucket) -> dict[str, Any]:
    return {
        "CreationDate": iso(bucket.created),
        "ExtranetEndpoint": f"{bucket.location}.aliyuncs.com",
        "IntranetEndpoint": f"{bucket.location}-internal.aliyuncs.com",
        "Location": bucket.location,
        "Name": bucket.id,
        "StorageClass": bucket.storage_class,
    }


def _owner(account: str) -> dict[str, str]:
    return {"DisplayName": account, "ID": account}


def get_bucket_info(call: OssCall) -> HttpResponse:
    """GetBucketInfo, for the owner."""
    with call.world.turn():
        bucket = call.own_bucket()
        told = {
            **_description(bucket),
            "DataRedundancyType": bucket.redundancy,
            "TransferAcceleration": "Disabled",
            "CrossRegionReplication": "Disabled",
            "Owner": _owner(bucket.account),
            "AccessControlList": {"Grant": bucket.acl},
            "ServerSideEncryptionRule": {"SSEAlgorithm": "None"},
            "Comment": "",
        }
    return answer("BucketInfo", {"Bucket": told})


def get_bucket_location(call: OssCall) -> HttpResponse:
    """GetBucketLocation, for the owner."""
    with call.world.turn():
        return answer("LocationConstraint", call.own_bucket().location)


def get_bucket_acl(call: OssCall) -> HttpResponse:
    """GetBucketAcl, for the owner."""
    with call.world.turn():
        bucket = call.own_bucket()
        told = {"Owner": _owner(bucket.account), "AccessControlList": {"Grant": bucket.acl}}
    return answer("AccessControlPolicy", told)


def head_bucket(call: OssCall) -> HttpResponse:
    """HEAD of a bucket, for whoever may list it (not in the reference): its region."""
    with call.world.turn():
        bucket = call.listable_bucket()
        return HttpResponse(200, headers={"x-oss-bucket-region": bucket.region})


def list_buckets(call: OssCall) -> HttpResponse:
    """ListBuckets: the caller's, of all regions, by name."""
    if call.account == ANONYMOUS:
        raise OssError("AccessDenied", "Anonymous access is forbidden for this operation.")
    most = call.number("max-keys", USUAL_PAGE, 1, LARGEST_PAGE)
    prefix, marker = call.params.get("prefix", ""), call.params.get("marker", "")
    with call.world.turn():
        rows = sorted(
            (b for b in call.world.all(Bucket) if b.account == call.account), key=lambda b: b.id
        )
    found = [b for b in rows if b.id.startswith(prefix) and b.id > marker]
    page: dict[str, Any] = {}
    if len(found) > most:
        page = {
            "Prefix": prefix,
            "Marker": marker,
            "MaxKeys": most,
            "IsTruncated": True,
            "NextMarker": found[most - 1].id,
        }
    shown = [{**_description(b), "Region": b.region} for b in found[:most]]
    told = {**page, "Owner": _owner(call.account), "Buckets": {"Bucket": shown}}
    return answer("ListAllMyBucketsResult", told)
