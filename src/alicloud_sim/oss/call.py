"""One request to OSS as its handlers see it: target, caller, and what the caller may do.

Who may what: the owner everything; others what the ACL of the object, or of its bucket,
opens to everybody. Policies of buckets are not simulated; keys can be denied actions.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alicloud_sim.settings import on

from .errors import OssError
from .records import PRIVATE, PUBLIC_WRITE, Bucket, OssObject, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alicloud_sim.accounts import AccessKey
    from alicloud_sim.registry import HttpCall
    from alicloud_sim.streams import BodyStream
    from alicloud_sim.world import World

    from .target import Target

ANONYMOUS = ""
LARGEST_XML = 4 << 20

MAINLAND = "cn-"
NOT_MAINLAND = ("cn-hongkong",)
FORBIDDEN_SETTING = "oss.public_endpoint_forbidden"


@dataclass(frozen=True)
class OssCall:
    """One request whose signature is good, or that has none."""

    call: HttpCall
    target: Target
    action: str
    params: Mapping[str, str]
    account: str
    region: str
    """What host or signature name; "" if they name none: every bucket can be reached then."""
    caller: AccessKey | None = None

    @property
    def world(self) -> World:
        """The world."""
        return self.call.world

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, names in lower case."""
        return self.call.request.headers

    @property
    def key(self) -> str:
        """The object's key."""
        return self.target.key

    @property
    def stream(self) -> BodyStream:
        """The body, yet to be read."""
        if self.call.request.stream is None:
            raise AssertionError("OSS reads its bodies itself")
        return self.call.request.stream

    @property
    def rate(self) -> float:
        """Bytes per second that one connection gets; 0 is no limit."""
        return float(self.world.settings.get("oss.bytes_per_second", 0))

    # Admission

    def check_endpoint(self) -> None:
        """Refuse data of a mainland region at a public endpoint, as for accounts made since 2025.

        The loopback address stands for the public endpoint; operations on buckets are open.

        :raises OssError: PublicEndpointForbidden
        """
        if (
            self.target.internal
            or not self.key
            or not on(self.world, FORBIDDEN_SETTING, default=False)
        ):
            return
        bucket = self.world.get(Bucket, self.target.bucket)
        region = bucket.region if bucket else self.region
        if region.startswith(MAINLAND) and region not in NOT_MAINLAND:
            raise OssError("PublicEndpointForbidden")

    def check_permission(self, action: str) -> None:
        """Refuse an action that is denied to the caller's key.

        :raises OssError: AccessDenied
        """
        if self.caller is not None and not self.caller.may("oss", action):
            raise OssError("AccessDenied", "Access denied by authorizer's policy.")

    # Buckets

    def need_bucket(self, name: str = "") -> Bucket:
        """Find a bucket, by default the target's, at this endpoint.

        :raises OssError: NoSuchBucket; AccessDenied at the endpoint of another region
        """
        name = name or self.target.bucket
        bucket = self.world.get(Bucket, name)
        if bucket is None:
            raise OssError("NoSuchBucket", BucketName=name)
        if self.region and bucket.region != self.region:
            raise OssError(
                "AccessDenied",
                "The bucket you are attempting to access must be addressed using the specified"
                " endpoint. Please send all future requests to this endpoint.",
                Bucket=bucket.id,
                Endpoint=f"{bucket.location}.aliyuncs.com",
            )
        return bucket

    def own_bucket(self) -> Bucket:
        """Find the target bucket, which has to be the caller's.

        :raises OssError: as need_bucket(); AccessDenied
        """
        bucket = self.need_bucket()
        if self.account == ANONYMOUS:
            raise OssError("AccessDenied", "Anonymous access is forbidden for this operation.")
        if bucket.account != self.account:
            raise OssError("AccessDenied", "The bucket you access does not belong to you.")
        return bucket

    def listable_bucket(self) -> Bucket:
        """Find the target bucket, whose objects the caller may list.

        :raises OssError: as need_bucket(); AccessDenied
        """
        bucket = self.need_bucket()
        self._admit(bucket, opened=bucket.acl != PRIVATE)
        return bucket

    def writable_bucket(self) -> Bucket:
        """Find the target bucket, into which the caller may write.

        :raises OssError: as need_bucket(); AccessDenied
        """
        bucket = self.need_bucket()
        self._admit(bucket, opened=bucket.acl == PUBLIC_WRITE)
        return bucket

    def _admit(self, bucket: Bucket, *, opened: bool) -> None:
        if bucket.account == self.account or opened:
            return
        if self.account == ANONYMOUS:
            text = "Anonymous user has no right to access this bucket."
        else:
            text = "You have no right to access this object because of bucket acl."
        raise OssError("AccessDenied", text)

    # Objects

    def find_object(self, bucket: Bucket, key: str = "") -> OssObject | None:
        """Find an object, by default the target's, whoever may read it."""
        return self.world.get(OssObject, f"{bucket.id}/{key or self.key}")

    def readable_object(self, bucket: Bucket, key: str = "") -> OssObject:
        """Find an object that the caller may read.

        :raises OssError: AccessDenied, NoSuchKey
        """
        found = self.find_object(bucket, key)
        acl = found.acl if found and found.acl != "default" else bucket.acl
        self._admit(bucket, opened=acl != PRIVATE)
        if found is None:
            raise OssError("NoSuchKey", Key=key or self.key)
        return found

    def need_upload(self, bucket: Bucket) -> Upload:
        """Find the multipart upload that the query names, for the target's key.

        :raises OssError: NoSuchUpload
        """
        upload_id = self.params.get("uploadId", "")
        upload = self.world.get(Upload, upload_id)
        if upload is None or (upload.bucket, upload.key) != (bucket.id, self.key):
            raise OssError("NoSuchUpload", UploadId=upload_id)
        return upload

    # Arguments

    def number(self, name: str, usual: int, least: int, most: int) -> int:
        """Read a number from the query.

        :raises OssError: InvalidArgument
        """
        text = self.params.get(name, "")
        if not text:
            return usual
        if not text.isdecimal() or not least <= int(text) <= most:
            raise invalid(name, text, f"{name} has to be between {least} and {most}.")
        return int(text)

    def xml(self, root: str, body: bytes) -> ET.Element:
        """Read a document.

        :raises OssError: MalformedXML
        """
        try:
            found = ET.fromstring(body) if len(body) <= LARGEST_XML else None  # noqa: S314
        except ET.ParseError as error:
            raise OssError("MalformedXML", ErrorDetail=str(error)) from None
        if found is None or found.tag != root:
            raise OssError("MalformedXML", ErrorDetail=f"not a document {root}")
        return found


def invalid(name: str, value: str, message: str) -> OssError:
    """Make the refusal of an argument."""
    return OssError("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)
