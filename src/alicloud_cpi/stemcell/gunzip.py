"""Unpacking gzip, fast and in large steps.

The standard library's reader takes 8 KiB at a time before Python 3.12, and lets go of the
interpreter's lock three times for each: with threads that send what was unpacked, that alone
doubles the time of an upload. And most systems' zlib takes two seconds for a GiB, the larger half
of an upload's CPU time, where zlib-ng takes a tenth of that.
"""

from __future__ import annotations

from typing import IO, cast

from zlib_ng import zlib_ng

# An exception's class, whatever its type says.
Damaged = cast("type[Exception]", zlib_ng.error)

MAGIC = b"\x1f\x8b"

_STEP = 256 * 1024

# 15 bits of window, and zlib-ng itself checks the gzip header, checksum and length.
_GZIP = 15 + 16


class Gunzip:
    """The unpacked content of a gzip file, read once from start to end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._inflate = zlib_ng.decompressobj(_GZIP)
        self._packed = b""

    def read(self, length: int) -> bytes:
        """Return the next bytes, less than asked for only at the end.

        :raises EOFError: the file is cut off
        :raises Damaged: the file is damaged
        """
        pieces: list[bytes] = []
        while length > 0:
            piece = self._some(length)
            if not piece:
                break
            pieces.append(piece)
            length -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _some(self, most: int) -> bytes:
        """Return a few bytes, none at the end."""
        while True:
            if self._inflate.eof and not self._next_member():
                return b""
            packed = self._packed or self._file.read(_STEP)
            data = self._inflate.decompress(packed, most)
            self._packed = self._inflate.unconsumed_tail
            if data:
                return data
            if not packed and not self._inflate.eof:
                raise EOFError("the file is cut off")

    def _next_member(self) -> bool:
        """Go on with what follows, as after ``cat a.gz b.gz``; padding of zeros is nothing."""
        rest = self._inflate.unused_data.lstrip(b"\0")
        while not rest:
            more = self._file.read(_STEP)
            if not more:
                return False
            rest = more.lstrip(b"\0")
        self._packed = rest
        self._inflate = zlib_ng.decompressobj(_GZIP)
        return True
