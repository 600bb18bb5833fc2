"""Buckets of OSS that hold a disk image while ECS imports it.

A bucket is the CPI's own from start to end: made under a unique name, private, used for one image
and taken away with everything in it.
"""

from __future__ import annotations

import time
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud.oss.client import Damaged, Oss, Request, answered
from alicloud_cpi.cloud.oss.upload import THREADS, Place, Upload
from alicloud_cpi.cloud.wire import retry
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.oss.parts import Source
    from alicloud_cpi.cloud.wire.signing import KeySource
    from alicloud_cpi.config import Config

# The name has to be unique in all of OSS, and the image's one must not look packed to ECS.
_BUCKET = "bosh-stemcell-{}"
_IMAGE_KEY = "stemcell.raw"
_ZEROS_KEY = "zeros"
_MOST_BUCKETS = 1000

# Seconds that taking a bucket away may take, and how often it is tried: a part that was still
# under way when its upload was aborted shows only later.
_REMOVAL = 180.0
_REMOVALS = 5
_PAUSE = 2.0

_GONE = ("NoSuchBucket", "NoSuchUpload")
_MAY_NOT_READ = ("AccessDenied", "HTTP 403")


class ObjectStore:
    """OSS in the call's region."""

    def __init__(self, config: Config, keys: KeySource, clock: Clock) -> None:
        self._clock = clock
        self._oss = Oss(
            region=config.region,
            endpoint=config.endpoints.get("oss"),
            ca_cert=config.ca_cert,
            keys=keys,
            clock=clock,
            connections=THREADS + 1,
        )
        # What each bucket holds, as far as this call knows: keys, and uploads that are open.
        self._objects: dict[str, set[str]] = {}
        self._uploads: dict[str, dict[str, str]] = {}

    def close(self) -> None:
        """Close the connections."""
        self._oss.close()

    def create_bucket(self) -> str:
        """Make a private bucket and return its name.

        :raises ApiError: OSS refused; no bucket was made, unless the message names it
        """
        bucket = _BUCKET.format(uuid.uuid4())
        self._objects[bucket], self._uploads[bucket] = set(), {}
        with Undo() as undo:
            undo.push(f"bucket '{bucket}'", partial(self.remove_bucket, bucket))
            try:
                self._do("PutBucket", bucket, "", lambda b: b.create_bucket("private"))
            except ApiError as failure:
                if not failure.effect_unknown:
                    undo.forget()
                raise
        return bucket

    def stemcell_buckets(self) -> list[tuple[str, str, str]]:
        """List name, region and time of making of the buckets that calls left behind.

        The only ones that are made here; an account has far fewer than one answer holds.
        """
        found = self._oss.send(
            Request("ListBuckets"),
            lambda service: _with(
                service.list_buckets(prefix=_BUCKET.format(""), max_keys=_MOST_BUCKETS), "buckets"
            ),
        )
        return [
            (
                row.name,
                row.location.removeprefix("oss-"),
                time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(row.creation_date)),
            )
            for row in found["buckets"]
        ]

    def upload(self, bucket: str, source: Source) -> str:
        """Store a disk image in the bucket and return its key.

        :raises ApiError: OSS refused, or could not be reached for too long
        """
        key = _IMAGE_KEY
        started = self._oss.send(
            Request("InitiateMultipartUpload", bucket, key),
            lambda b: _with(b.init_multipart_upload(key), "upload_id"),
        )
        upload_id = str(started["upload_id"])
        self._uploads[bucket][upload_id] = key
        self._objects[bucket].add(_ZEROS_KEY)
        place = Place(bucket, key, upload_id, _ZEROS_KEY)
        sent = Upload(self._oss, self._clock, place, source).send()
        self._complete(bucket, key, upload_id, sent, source.size)
        return key

    def _complete(
        self, bucket: str, key: str, upload_id: str, sent: list[tuple[int, str]], size: int
    ) -> None:
        """Make the object of its parts, and see that it is there and whole."""
        from alicloud_cpi.cloud.oss.sdk import parts_list

        listed = parts_list(sent)
        self._objects[bucket].add(key)
        self._do(
            "CompleteMultipartUpload",
            bucket,
            key,
            lambda b: b.complete_multipart_upload(key, upload_id, listed),
            # The answer to a first, successful try was lost.
            done=("NoSuchUpload",),
        )
        self._oss.send(
            Request("HeadObject", bucket, key),
            lambda b: _of_size(b.head_object(key), size),
            # Writing and reading are two permissions: without the latter, ECS will find out.
            done=_MAY_NOT_READ,
        )
        del self._uploads[bucket][upload_id]

    def remove_bucket(self, bucket: str) -> None:
        """Delete the bucket with everything in it; one that is gone already is fine.

        :raises ApiError: something stays, and so does the bucket
        """
        with retry.at_most_until(self._clock.now() + _REMOVAL):
            for attempt in range(1, _REMOVALS + 1):
                self._empty(bucket)
                try:
                    self._do("DeleteBucket", bucket, "", lambda b: b.delete_bucket(), done=_GONE)
                except ApiError as failure:
                    if failure.code != "BucketNotEmpty" or attempt == _REMOVALS:
                        raise
                    self._clock.sleep((attempt - 1) * _PAUSE)
                    self._look_into(bucket)
                else:
                    return

    def _empty(self, bucket: str) -> None:
        """Abort the uploads and delete the objects that are known, as far as OSS lets it.

        :raises ApiError: the first refusal
        """
        refusals: list[ApiError] = []
        for upload_id, key in list(self._uploads[bucket].items()):
            try:
                self._abort(bucket, key, upload_id)
            except ApiError as refusal:
                refusals.append(refusal)
        for key in sorted(self._objects[bucket]):
            try:
                self._delete(bucket, key)
            except ApiError as refusal:
                refusals.append(refusal)
        if refusals:
            raise refusals[0]

    def _abort(self, bucket: str, key: str, upload_id: str) -> None:
        self._do(
            "AbortMultipartUpload",
            bucket,
            key,
            lambda b: b.abort_multipart_upload(key, upload_id),
            done=_GONE,
        )
        del self._uploads[bucket][upload_id]

    def _delete(self, bucket: str, key: str) -> None:
        self._do("DeleteObject", bucket, key, lambda b: b.delete_object(key), done=_GONE)
        self._objects[bucket].remove(key)

    def _look_into(self, bucket: str) -> None:
        """Learn what the bucket holds, such as an upload whose id never arrived here."""
        found = self._oss.send(
            Request("ListMultipartUploads", bucket),
            lambda b: _with(b.list_multipart_uploads(), "upload_list"),
        )
        self._uploads[bucket] = {upload.upload_id: upload.key for upload in found["upload_list"]}
        found = self._oss.send(
            Request("ListObjects", bucket),
            lambda b: _with(b.list_objects(), "object_list"),
        )
        self._objects[bucket] = {row.key for row in found["object_list"]}

    def _do(
        self,
        action: str,
        bucket: str,
        key: str,
        ask: Callable[[Any], Any],
        *,
        done: Sequence[str] = (),
    ) -> None:
        """Carry out a request whose answer says no more than that it was."""
        self._oss.send(Request(action, bucket, key), lambda b: answered(ask(b)), done=done)


def _of_size(result: Any, size: int) -> dict[str, Any]:
    """Check that an object is whole.

    :raises Damaged: it is not
    """
    if result.content_length != size:
        raise Damaged(f"the object has {result.content_length} bytes, not the {size} sent")
    return answered(result)


def _with(result: Any, needed: str) -> dict[str, Any]:
    return answered(result, **{needed: getattr(result, needed)})
