"""Data too big for records: on disk in one nameless temporary file, zeros as mere lengths.

A blob is a row of extents that never changes; parts, objects and copies share extents, so
joining and copying moves no data. The file is cut into blocks of a mebibyte that are used
again once no blob has them. It has no name from the start: nothing is left behind, however
the process ends, and a reset drops it with its world.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK = 1 << 20
ZEROS = bytes(BLOCK)
Data = bytes | bytearray | memoryview


class _File:
    """The temporary file and which of its blocks are free."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._free: list[int] = []
        self.blocks = 0

    def put(self, data: Data) -> _Block:
        """Write up to a block of data."""
        with self._lock:
            if self._handle is None:
                self._handle, name = tempfile.mkstemp(prefix="alicloud-sim-")
                weakref.finalize(self, os.close, self._handle)
                os.unlink(name)  # noqa: PTH108 - it is only a name here
            number = self._free.pop() if self._free else self.blocks
            self.blocks = max(self.blocks, number + 1)
        block = _Block(self, number)
        view, at = memoryview(data), number * BLOCK
        while view:
            count = os.pwrite(self._handle, view, at)
            view, at = view[count:], at + count
        return block

    def get(self, number: int, start: int, length: int) -> bytes:
        """Read a piece of a block."""
        if self._handle is None:
            raise AssertionError("a block without its file")
        return os.pread(self._handle, length, number * BLOCK + start)

    def release(self, number: int) -> None:
        """Take a block back; called when the last extent of it is gone, from any thread."""
        self._free.append(number)

    @property
    def used(self) -> int:
        """How many blocks hold data."""
        return self.blocks - len(self._free)


class _Block:
    """The right to one block of the file."""

    __slots__ = ("_file", "_number")

    def __init__(self, file: _File, number: int) -> None:
        self._file = file
        self._number = number

    def get(self, start: int, length: int) -> bytes:
        return self._file.get(self._number, start, length)

    def __del__(self) -> None:
        self._file.release(self._number)


@dataclass(frozen=True, slots=True)
class _Extent:
    """A stretch of one block, or of zeros if there is no block."""

    block: _Block | None
    start: int
    length: int


class Blob:
    """Bytes that never change."""

    def __init__(self, extents: Iterable[_Extent]) -> None:
        """Take extents in order; neighbouring zeros become one."""
        kept: list[_Extent] = []
        for extent in extents:
            if kept and kept[-1].block is None and extent.block is None:
                extent = _Extent(None, 0, kept.pop().length + extent.length)  # noqa: PLW2901
            kept.append(extent)
        self.extents = tuple(kept)
        self.size = sum(extent.length for extent in kept)

    @classmethod
    def zeros(cls, size: int) -> Blob:
        """Make a blob of zeros."""
        return cls([_Extent(None, 0, size)] if size else [])

    @classmethod
    def join(cls, blobs: Iterable[Blob]) -> Blob:
        """Put blobs after each other."""
        return cls(extent for blob in blobs for extent in blob.extents)

    def slice(self, start: int, length: int) -> Blob:
        """Make a blob of a stretch of this one."""
        end, at, kept = start + length, 0, []
        for extent in self.extents:
            first, last = max(start, at), min(end, at + extent.length)
            if first < last:
                kept.append(_Extent(extent.block, extent.start + first - at, last - first))
            at += extent.length
        return Blob(kept)

    def pieces(self) -> Iterator[bytes]:
        """Give the bytes, at most a block at a time."""
        for extent in self.extents:
            if extent.block is not None:
                yield extent.block.get(extent.start, extent.length)
                continue
            for start in range(0, extent.length, BLOCK):
                size = min(BLOCK, extent.length - start)
                yield ZEROS if size == BLOCK else ZEROS[:size]

    def read(self, start: int, length: int) -> bytes:
        """Give a stretch of the bytes, as far as there are some."""
        return b"".join(self.slice(start, length).pieces())


class Blobs:
    """The blobs of a world by name."""

    def __init__(self) -> None:
        """Start empty, without a file."""
        self._file = _File()
        self._named: dict[str, Blob] = {}
        self._numbers = itertools.count(1)

    def writer(self) -> Writer:
        """Begin a new blob."""
        return Writer(self._file)

    def add(self, blob: Blob) -> str:
        """Keep a blob under a name of its own."""
        name = f"blob-{next(self._numbers)}"
        self._named[name] = blob
        return name

    def get(self, name: str) -> Blob | None:
        """Find a blob."""
        return self._named.get(name)

    def drop(self, name: str) -> None:
        """Forget a name; the data goes when nobody reads or shares it any more."""
        self._named.pop(name, None)

    @property
    def blocks(self) -> int:
        """How many blocks of a mebibyte are in use on disk."""
        return self._file.used


class Writer:
    """Makes a blob from front to back."""

    def __init__(self, file: _File) -> None:
        """Write into a file of blocks."""
        self._file = file
        self._extents: list[_Extent] = []

    def data(self, data: Data) -> None:
        """Add up to a block of bytes."""
        if len(data):
            self._extents.append(_Extent(self._file.put(data), 0, len(data)))

    def zeros(self, count: int) -> None:
        """Add zeros."""
        if count:
            self._extents.append(_Extent(None, 0, count))

    def done(self) -> Blob:
        """Give the blob."""
        return Blob(self._extents)
