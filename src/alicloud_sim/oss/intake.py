"""Bytes on their way in: read, hashed and stored outside the world's lock.

A mebibyte at a time; zeros are neither stored nor given to the CRC. The MD5 of the zeros
that a body begins with is kept from earlier bodies, since images are mostly zeros.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alicloud_sim.blobs import BLOCK, ZEROS, Blob, Data
from alicloud_sim.streams import Meter

from . import crc64
from .errors import OssError
from .records import Bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .call import OssCall

LARGEST_BODY = 5 << 30
MD5_SIZE = 16


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)


class _ZeroMd5:
    """States of MD5 after whole blocks of zeros, made once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states = [_md5()]

    def after(self, count: int) -> Any:
        """Give a state of its own after a number of zeros."""
        blocks, rest = divmod(count, BLOCK)
        with self._lock:
            while len(self._states) <= blocks:
                state = self._states[-1].copy()
                state.update(ZEROS)
                self._states.append(state)
            state = self._states[blocks].copy()
        state.update(ZEROS[:rest])
        return state


_ZERO_MD5 = _ZeroMd5()


class Digest:
    """MD5 and CRC64 of bytes as they come."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.crc64 = 0
        self.size = 0
        self._md5: Any = None

    def zeros(self, count: int) -> None:
        """Go on with up to a block of zeros."""
        self.crc64 = crc64.zeros(self.crc64, count)
        self.size += count
        if self._md5 is not None:
            self._md5.update(ZEROS if count == BLOCK else ZEROS[:count])

    def data(self, data: Data) -> None:
        """Go on with bytes."""
        if self._md5 is None:
            self._md5 = _ZERO_MD5.after(self.size)
        self._md5.update(data)
        self.crc64 = crc64.update(self.crc64, data)
        self.size += len(data)

    def md5(self) -> bytes:
        """Give the MD5 of all of it."""
        state = _ZERO_MD5.after(self.size) if self._md5 is None else self._md5
        return bytes(state.digest())


@dataclass(frozen=True)
class Received:
    """A body that has come in."""

    blob: Blob
    md5: bytes
    crc64: int

    @property
    def etag(self) -> str:
        """The MD5 as entity tags have it."""
        return self.md5.hex().upper()

    @property
    def bytes(self) -> Bytes:
        """The bytes as an object takes them."""
        return Bytes(self.blob, self.etag, self.crc64)

    @property
    def headers(self) -> dict[str, str]:
        """What the answer tells of it."""
        return {
            "ETag": f'"{self.etag}"',
            "Content-MD5": base64.b64encode(self.md5).decode(),
            "x-oss-hash-crc64ecma": str(self.crc64),
        }


def announced(call: OssCall) -> None:
    """Refuse a body before it comes: no length told, or too long.

    :raises OssError: MissingContentLength, EntityTooLarge, InvalidDigest
    """
    stream = call.stream
    if stream.length is None and not stream.chunked:
        raise OssError("MissingContentLength")
    if (stream.length or 0) > LARGEST_BODY:
        raise OssError("EntityTooLarge", ProposedSize=str(stream.length))
    _wanted_md5(call.headers)


def receive(call: OssCall) -> Received:
    """Read the body of a request and check it against its own checksums.

    :raises OssError: EntityTooLarge, InvalidDigest, InvalidCRC64
    :raises BodyLostError: the client went away
    """
    stream, meter = call.stream, Meter(call.rate, call.stream.wait)
    writer, digest, buffer = call.world.blobs.writer(), Digest(), bytearray(BLOCK)
    view = memoryview(buffer)
    while not stream.ended:
        count = 0
        while count < BLOCK and not stream.ended:
            room = view[count : count + min(meter.piece, BLOCK - count)]
            came = stream.readinto(room)
            meter.passed(came)
            count += came
        if (buffer == ZEROS) if count == BLOCK else (buffer[:count] == ZEROS[:count]):
            writer.zeros(count)
            digest.zeros(count)
        else:
            digest.data(view[:count])
            writer.data(view[:count])
        if digest.size > LARGEST_BODY:
            raise OssError("EntityTooLarge")
    return _checked(call.headers, Received(writer.done(), digest.md5(), digest.crc64))


def read_small(call: OssCall, most: int) -> bytes:
    """Read the document that a request carries.

    :raises OssError: MalformedXML if it is too long, InvalidDigest
    :raises BodyLostError: the client went away
    """
    body = call.stream.read(most)
    if len(body) > most:
        raise OssError("MalformedXML", ErrorDetail="the document is too long")
    digest = Digest()
    digest.data(body)
    _checked(call.headers, Received(Blob.zeros(0), digest.md5(), digest.crc64))
    return body


def measure(blob: Blob) -> Received:
    """Hash bytes that are here already."""
    digest = Digest()
    for piece in blob.pieces():
        if piece is ZEROS:
            digest.zeros(BLOCK)
        else:
            digest.data(piece)
    return Received(blob, digest.md5(), digest.crc64)


def _wanted_md5(headers: Mapping[str, str]) -> bytes | None:
    text = headers.get("content-md5")
    if text is None:
        return None
    try:
        wanted = base64.b64decode(text, validate=True)
    except binascii.Error:
        wanted = b""
    if len(wanted) != MD5_SIZE:
        raise OssError("InvalidDigest", **{"Content-MD5": text})
    return wanted


def _checked(headers: Mapping[str, str], received: Received) -> Received:
    wanted = _wanted_md5(headers)
    if wanted is not None and wanted != received.md5:
        text = base64.b64encode(received.md5).decode()
        raise OssError(
            "InvalidDigest", **{"Content-MD5": headers["content-md5"], "Calculated": text}
        )
    crc = headers.get("x-oss-hash-crc64ecma")
    if crc is not None and crc != str(received.crc64):
        raise OssError("InvalidCRC64")
    return received
