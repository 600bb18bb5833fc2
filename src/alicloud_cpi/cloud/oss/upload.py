"""A multipart upload by a few threads at once, which leaves out the zeros.

The caller's thread reads the source and hands out parts; each thread sends one part at a time, so
that the memory taken is bounded by the threads. The first failure, or a signal, stops all of them
before anything else happens.
"""

from __future__ import annotations

import hashlib
import threading
from base64 import b64encode
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi import log
from alicloud_cpi.cloud.oss import parts
from alicloud_cpi.cloud.oss.client import Damaged, Oss, Request, answered
from alicloud_cpi.cloud.oss.workers import Workers
from alicloud_cpi.cloud.wire.failures import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.oss.parts import Part, Source

THREADS = 8

_MIB = 1024 * 1024
_PERCENT_BETWEEN_LINES = 10


class Place(NamedTuple):
    """Where a multipart upload goes, and the key of the object that zeros are copied from."""

    bucket: str
    key: str
    upload_id: str
    zeros_key: str


class Upload:
    """Sends the parts of one multipart upload."""

    def __init__(self, oss: Oss, clock: Clock, place: Place, source: Source) -> None:
        self._oss = oss
        self._place = place
        self._source = source
        self._limits = parts.sizes(source.size)
        self._zeros = bytes(min(self._limits.zeros, source.size))
        self._zeros_are_there = False
        self._may_copy = True
        self._workers = Workers(THREADS, clock)
        self._progress = _Progress(f"{place.bucket}/{place.key}", source.size)
        self._etags: dict[int, str] = {}

    def send(self) -> list[tuple[int, str]]:
        """Send the whole source; returns the number and ETag of each part.

        :raises ApiError: the first failure of a part
        """
        with self._workers as workers:
            for part in parts.cut(self._source, self._limits):
                if part.data is None and not self._zeros_are_there:
                    self._put_zeros()
                workers.do(partial(self._send_part, part))
            workers.finish()
        self._progress.log()
        return sorted(self._etags.items())

    def _put_zeros(self) -> None:
        """Store the one object that every stretch of zeros is copied from."""
        key, zeros = self._place.zeros_key, self._zeros
        request = Request("PutObject", self._place.bucket, key)
        self._store(request, _zeros_digest(len(zeros)), lambda b: b.put_object(key, zeros))
        self._zeros_are_there = True

    def _send_part(self, part: Part) -> None:
        """Bring one part to OSS; carried out by one of the threads."""
        if part.data is not None:
            digest = hashlib.md5(part.data, usedforsecurity=False).digest()
            self._send_data(part.number, part.data, digest)
        else:
            digest = _zeros_digest(part.size)
            if not self._copy_zeros(part, digest):
                self._send_data(part.number, self._zeros[: part.size], digest)
        self._etags[part.number] = digest.hex().upper()
        self._progress.count(part)

    def _send_data(self, number: int, data: bytes, digest: bytes) -> None:
        bucket, key, upload_id, _ = self._place
        headers = {"Content-MD5": b64encode(digest).decode()}
        self._store(
            Request("UploadPart", bucket, key),
            digest,
            lambda b: b.upload_part(key, upload_id, number, data, headers=headers),
        )

    def _copy_zeros(self, part: Part, digest: bytes) -> bool:
        """Let OSS copy a stretch of zeros; returns whether it did (the right to read is needed)."""
        if not self._may_copy:
            return False
        bucket, key, upload_id, zeros_key = self._place
        stretch = (0, part.size - 1)
        try:
            self._store(
                Request("UploadPartCopy", bucket, key),
                digest,
                lambda b: b.upload_part_copy(
                    bucket, zeros_key, stretch, key, upload_id, part.number
                ),
            )
        except ApiError as refusal:
            if refusal.passing:
                raise
            log.warning("zeros are sent like data: %s", refusal.message)
            self._may_copy = False
        return self._may_copy

    def _store(self, request: Request, digest: bytes, store: Callable[[Any], Any]) -> None:
        """Send a request that stores bytes, and see that OSS has those with this MD5.

        :raises ApiError: OSS refused, or something else arrived each time
        """
        etag = digest.hex().upper()

        def carry_out(bucket: Any) -> dict[str, Any]:
            self._workers.check()
            result = store(bucket)
            # A copy's ETag need not be in the answer's headers: the body has it.
            if etag not in f"{result.etag} {result.resp.read()!r}".upper():
                raise Damaged("what arrived is not what was sent")
            return answered(result)

        self._oss.send(request, carry_out, clock=self._workers, quiet=True)


@cache
def _zeros_digest(size: int) -> bytes:
    return hashlib.md5(bytes(size), usedforsecurity=False).digest()


class _Progress:
    """Bytes of the source that OSS has, told every 10 %."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._lock = threading.Lock()
        self._sent = 0
        self._zeros = 0
        self._told = 0

    def count(self, part: Part) -> None:
        """Count a part that has arrived; called by any thread."""
        with self._lock:
            if part.data is None:
                self._zeros += part.size
            else:
                self._sent += part.size
            percent = 100 * (self._sent + self._zeros) // self._total
            due = percent - percent % _PERCENT_BETWEEN_LINES
            if self._told < due < 100:  # noqa: PLR2004 - the last line is written at the end
                self._told = due
                self.log()

    def log(self) -> None:
        """Tell how far the upload is."""
        log.info(
            "upload to %s: %d %% of %d MiB, thereof %d MiB of data and %d MiB of zeros",
            self._what,
            100 * (self._sent + self._zeros) // self._total,
            self._total // _MIB,
            self._sent // _MIB,
            self._zeros // _MIB,
        )
