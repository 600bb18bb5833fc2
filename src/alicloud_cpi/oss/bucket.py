"""Buckets of OSS that hold a stemcell's image while ECS imports it.

A bucket belongs to one call: created under a unique name, private, used for one image, and deleted
with everything in it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from oss2.models import PartInfo

from alicloud_cpi.aliyun import retry
from alicloud_cpi.aliyun.credentials import CredentialsProvider
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.clock import Clock
from alicloud_cpi.config import Config
from alicloud_cpi.oss.client import OssClient, Request
from alicloud_cpi.oss.errors import Damaged
from alicloud_cpi.oss.parts import Source
from alicloud_cpi.oss.upload import Target, Upload
from alicloud_cpi.rollback import Rollback

# Names are unique in all of OSS. ECS takes a key with the ending of an archive for a packed image.
_PREFIX = "bosh-stemcell-"
_IMAGE_KEY = "stemcell.raw"
_ZEROS_KEY = "zeros"
_PROBE_KEY = "bosh-cpi-doctor"
_MAX_LISTED = 1000

# Seconds for deleting a bucket, and how often it is tried: a part that was in flight when its
# upload was aborted shows only later.
_DELETE_TIMEOUT = 180.0
_DELETE_ATTEMPTS = 5
_PAUSE = 2.0

_GONE = ("NoSuchBucket", "NoSuchUpload")
_NO_READ_PERMISSION = ("AccessDenied", "HTTP 403")


@dataclass(frozen=True, slots=True)
class ExistingBucket:
    """A bucket that an earlier call left."""

    name: str
    region: str
    created: str


@dataclass(slots=True)
class _Content:
    """What a bucket holds, as far as this call knows."""

    keys: set[str] = field(default_factory=set)
    # Upload id -> key
    uploads: dict[str, str] = field(default_factory=dict)


class StemcellBuckets:
    """Buckets in the call's region."""

    def __init__(self, config: Config, credentials: CredentialsProvider, clock: Clock) -> None:
        self._clock = clock
        self._location = f"oss-{config.region}"
        self._client = OssClient(config, credentials, clock)
        self._content: dict[str, _Content] = {}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def create(self) -> str:
        """Create a private bucket and return its name.

        :raises CloudError: OSS refused, or there are no credentials; no bucket was created,
            unless the message names it
        """
        bucket = f"{_PREFIX}{uuid.uuid4()}"
        self._content[bucket] = _Content()
        with Rollback() as rollback:
            rollback.push(f"bucket '{bucket}'", partial(self.delete, bucket))
            self._client.send(
                Request("PutBucket", bucket),
                lambda b: b.create_bucket("private"),
                no_effect=rollback.dismiss,
            )
        return bucket

    def existing(self) -> list[ExistingBucket]:
        """List the buckets that earlier calls left; an account has fewer than one page of them."""
        result = self._client.send(
            Request("ListBuckets"),
            lambda service: service.list_buckets(prefix=_PREFIX, max_keys=_MAX_LISTED),
        )
        return [
            ExistingBucket(
                bucket.name,
                bucket.location.removeprefix("oss-"),
                time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(bucket.creation_date)),
            )
            for bucket in result.buckets
        ]

    @property
    def host(self) -> str:
        """The endpoint's host."""
        return self._client.host

    def try_reading(self) -> str:
        """Read an object that does not exist from a bucket of the region.

        :return: the bucket; empty if the region has none, so that nothing was read
        :raises ApiError: OSS refuses to read, or cannot be reached
        """
        result = self._client.send(
            Request("ListBuckets"), lambda service: service.list_buckets(max_keys=_MAX_LISTED)
        )
        names = [one.name for one in result.buckets if one.location == self._location]
        # Those of the CPI are the ones that its permissions may be limited to.
        bucket = min(names, key=lambda name: not name.startswith(_PREFIX), default="")
        if bucket:
            self._send(
                *("GetObject", bucket, _PROBE_KEY),
                lambda b: b.get_object(_PROBE_KEY),
                ignore_codes=("NoSuchKey",),
            )
        return str(bucket)

    def try_writing(self) -> None:
        """Create a bucket, store an empty object in it, and delete both.

        :raises ApiError: OSS refused; the message names a bucket that remains
        """
        bucket = self.create()
        keys = self._content[bucket].keys
        with Rollback() as rollback:
            rollback.push(f"bucket '{bucket}'", partial(self.delete, bucket))
            keys.add(_PROBE_KEY)
            self._client.send(
                Request("PutObject", bucket, _PROBE_KEY),
                lambda b: b.put_object(_PROBE_KEY, b""),
                no_effect=lambda: keys.discard(_PROBE_KEY),
            )
            self.delete(bucket)
            rollback.dismiss()

    def upload(self, bucket: str, source: Source) -> str:
        """Store a disk image in the bucket and return its key.

        :raises ApiError: OSS refused, or could not be reached for too long
        """
        key, content = _IMAGE_KEY, self._content[bucket]
        started = self._send(
            "InitiateMultipartUpload", bucket, key, lambda b: b.init_multipart_upload(key)
        )
        upload_id = str(started.upload_id)
        content.uploads[upload_id] = key
        content.keys.add(_ZEROS_KEY)
        target = Target(bucket, key, upload_id, _ZEROS_KEY)
        sent = Upload(self._client, self._clock, target, source).send()
        content.keys.add(key)
        self._complete(target, sent, source.size)
        del content.uploads[upload_id]
        return key

    def _complete(self, target: Target, sent: list[tuple[int, str]], size: int) -> None:
        """Create the object from its parts, and check its size."""
        key, upload_id = target.key, target.upload_id
        parts = [PartInfo(number, etag) for number, etag in sent]
        self._send(
            "CompleteMultipartUpload",
            target.bucket,
            key,
            lambda b: b.complete_multipart_upload(key, upload_id, parts),
            # The response to a first, successful attempt was lost.
            ignore_codes=("NoSuchUpload",),
        )
        self._send(
            "HeadObject",
            target.bucket,
            key,
            lambda b: _check_size(b.head_object(key), size),
            # Without the permission to read, the import by ECS checks the object.
            ignore_codes=_NO_READ_PERMISSION,
        )

    def delete(self, bucket: str) -> None:
        """Delete the bucket with everything in it; one that is gone already is a success.

        :raises ApiError: something remains, and so does the bucket
        """
        with retry.deadline(self._clock.now() + _DELETE_TIMEOUT):
            for attempt in range(1, _DELETE_ATTEMPTS + 1):
                self._empty(bucket)
                try:
                    self._send(
                        "DeleteBucket", bucket, "", lambda b: b.delete_bucket(), ignore_codes=_GONE
                    )
                except ApiError as error:
                    if error.code != "BucketNotEmpty" or attempt == _DELETE_ATTEMPTS:
                        raise
                    self._clock.sleep((attempt - 1) * _PAUSE)
                    self._content[bucket] = self._read_content(bucket)
                else:
                    return

    def _empty(self, bucket: str) -> None:
        """Abort the known uploads and delete the known objects, as far as OSS allows.

        :raises ApiError: the first refusal
        """
        content = self._content[bucket]
        refusals: list[ApiError] = []
        for upload_id, key in list(content.uploads.items()):
            try:
                self._abort(bucket, key, upload_id)
                del content.uploads[upload_id]
            except ApiError as error:
                refusals.append(error)
        for key in sorted(content.keys):
            try:
                self._delete_object(bucket, key)
                content.keys.remove(key)
            except ApiError as error:
                refusals.append(error)
        if refusals:
            raise refusals[0]

    def _abort(self, bucket: str, key: str, upload_id: str) -> None:
        self._send(
            "AbortMultipartUpload",
            bucket,
            key,
            lambda b: b.abort_multipart_upload(key, upload_id),
            ignore_codes=_GONE,
        )

    def _delete_object(self, bucket: str, key: str) -> None:
        self._send("DeleteObject", bucket, key, lambda b: b.delete_object(key), ignore_codes=_GONE)

    def _read_content(self, bucket: str) -> _Content:
        """Read what the bucket holds, such as an upload whose id was never received."""
        uploads = self._send(
            "ListMultipartUploads", bucket, "", lambda b: b.list_multipart_uploads()
        )
        objects = self._send("ListObjects", bucket, "", lambda b: b.list_objects())
        return _Content(
            keys={row.key for row in objects.object_list},
            uploads={upload.upload_id: upload.key for upload in uploads.upload_list},
        )

    def _send(
        self,
        action: str,
        bucket: str,
        key: str,
        call: Callable[[Any], Any],
        ignore_codes: Collection[str] = (),
    ) -> Any:
        return self._client.send(Request(action, bucket, key), call, ignore_codes=ignore_codes)


def _check_size(result: Any, size: int) -> Any:
    """Check that an object is complete.

    :raises Damaged: it is not
    """
    if result.content_length != size:
        raise Damaged(f"the object has {result.content_length} bytes, not the {size} sent")
    return result
