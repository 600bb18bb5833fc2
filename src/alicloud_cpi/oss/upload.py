"""A multipart upload by several threads, which copies zeros instead of sending them.

The caller's thread reads the source and hands out parts; each thread sends one part at a time, so
that memory is bounded by the number of threads. The first failure, or a signal, stops all of them.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.clock import Clock
from alicloud_cpi.oss import parts
from alicloud_cpi.oss.client import OssClient, Request
from alicloud_cpi.oss.errors import Damaged
from alicloud_cpi.oss.parts import Part, Source
from alicloud_cpi.oss.workers import Workers

logger = logging.getLogger(__name__)

THREADS = 8

_MIB = 1024 * 1024
_PERCENT_STEP = 10
_COMPLETE = 100


@dataclass(frozen=True, slots=True)
class Target:
    """A multipart upload, and the key of the object from which zeros are copied."""

    bucket: str
    key: str
    upload_id: str
    zeros_key: str


class Upload:
    """Sends the parts of one multipart upload."""

    def __init__(self, client: OssClient, clock: Clock, target: Target, source: Source) -> None:
        self._client = client
        self._target = target
        self._source = source
        self._sizes = parts.part_sizes(source.size)
        self._zeros = bytes(min(self._sizes.zeros, source.size))
        self._zeros_stored = False
        self._can_copy = True
        self._workers = Workers(THREADS, clock)
        self._progress = _Progress(f"{target.bucket}/{target.key}", source.size)
        self._etags: dict[int, str] = {}

    def send(self) -> list[tuple[int, str]]:
        """Send the whole source; returns number and ETag of each part.

        :raises ApiError: the first failure of a part
        """
        with self._workers as workers:
            for part in parts.split(self._source, self._sizes):
                if part.data is None and not self._zeros_stored:
                    self._store_zeros()
                workers.submit(partial(self._send_part, part))
            workers.finish()
        self._progress.log()
        return sorted(self._etags.items())

    def _store_zeros(self) -> None:
        """Store the object from which every run of zeros is copied."""
        key, zeros = self._target.zeros_key, self._zeros
        request = Request("PutObject", self._target.bucket, key)
        self._store(request, _md5_of_zeros(len(zeros)), lambda b: b.put_object(key, zeros))
        self._zeros_stored = True

    def _send_part(self, part: Part) -> None:
        """Send one part; runs in a worker thread."""
        if part.data is not None:
            digest = hashlib.md5(part.data, usedforsecurity=False).digest()
            self._send_data(part.number, part.data, digest)
        else:
            digest = _md5_of_zeros(part.size)
            if not self._copy_zeros(part, digest):
                self._send_data(part.number, self._zeros[: part.size], digest)
        self._etags[part.number] = digest.hex().upper()
        self._progress.count(part)

    def _send_data(self, number: int, data: bytes, digest: bytes) -> None:
        target = self._target
        headers = {"Content-MD5": b64encode(digest).decode()}
        self._store(
            Request("UploadPart", target.bucket, target.key),
            digest,
            lambda b: b.upload_part(target.key, target.upload_id, number, data, headers=headers),
        )

    def _copy_zeros(self, part: Part, digest: bytes) -> bool:
        """Let OSS copy a run of zeros; returns False without the permission to read."""
        if not self._can_copy:
            return False
        target = self._target
        byte_range = (0, part.size - 1)
        try:
            self._store(
                Request("UploadPartCopy", target.bucket, target.key),
                digest,
                lambda b: b.upload_part_copy(
                    target.bucket,
                    target.zeros_key,
                    byte_range,
                    target.key,
                    target.upload_id,
                    part.number,
                ),
            )
        except ApiError as error:
            if error.is_retryable:
                raise
            logger.warning("zeros are sent like data: %s", error.message)
            self._can_copy = False
        return self._can_copy

    def _store(self, request: Request, digest: bytes, store: Callable[[Any], Any]) -> None:
        """Send a request that stores bytes, and check that OSS has those with this MD5.

        :raises ApiError: OSS refused, or different bytes arrived each time
        """
        etag = digest.hex().upper()

        def call(bucket: Any) -> Any:
            self._workers.check()
            result = store(bucket)
            # The ETag of a copy is in the body of the response, not in its headers.
            if etag not in f"{result.etag} {result.resp.read()!r}".upper():
                raise Damaged("what arrived is not what was sent")
            return result

        self._client.send(request, call, clock=self._workers, log_success=False)


@cache
def _md5_of_zeros(size: int) -> bytes:
    return hashlib.md5(bytes(size), usedforsecurity=False).digest()


class _Progress:
    """Bytes of the source that OSS has; logged every 10 %."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._lock = threading.Lock()
        self._sent = 0
        self._zeros = 0
        self._logged = 0

    def count(self, part: Part) -> None:
        """Count a part that has arrived; called by any thread."""
        with self._lock:
            if part.data is None:
                self._zeros += part.size
            else:
                self._sent += part.size
            percent = self._percent - self._percent % _PERCENT_STEP
            # The last line is written at the end.
            if self._logged < percent < _COMPLETE:
                self._logged = percent
                self.log()

    def log(self) -> None:
        """Log how far the upload is."""
        logger.info(
            "upload to %s: %d %% of %d MiB, thereof %d MiB of data and %d MiB of zeros",
            self._what,
            self._percent,
            self._total // _MIB,
            self._sent // _MIB,
            self._zeros // _MIB,
        )

    @property
    def _percent(self) -> int:
        return _COMPLETE * (self._sent + self._zeros) // self._total
