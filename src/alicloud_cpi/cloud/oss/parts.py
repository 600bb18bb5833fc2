"""Cutting a disk image into the parts of a multipart upload.

An image is mostly zeros. A stretch of zeros need not be sent: OSS copies it out of one object of
zeros. So the image is read in grains, and grains of one kind are joined into parts, data up to
one limit, zeros up to another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

# OSS takes parts 1 to 10000 of 100 KB at least, the last one excepted (API reference, semantics
# section 11). A grain is the smallest part, so that no pattern of zeros leads beyond either.
_MOST_PARTS = 10_000
_SMALLEST_GRAIN = 256 * 1024
_GRAIN_STEP = 64 * 1024

# Data of a part is kept in memory until it is sent, once per thread.
_DATA = 2 * 1024 * 1024
_ZEROS = 8 * 1024 * 1024


class Source(Protocol):
    """Bytes to upload, of a length known in advance."""

    size: int

    def read(self, length: int) -> bytes:
        """Return the next bytes, less than asked for only at the end."""


class Sizes(NamedTuple):
    """Bytes of a grain, and the most that a part of data and one of zeros have."""

    grain: int
    data: int
    zeros: int


class Part(NamedTuple):
    """One part, numbered from 1; ``data`` is None for zeros."""

    number: int
    size: int
    data: bytes | None


def sizes(total: int) -> Sizes:
    """Return the sizes for an image of so many bytes: larger ones for the very large."""
    least = -(-total // _MOST_PARTS)
    grain = max(_SMALLEST_GRAIN, -(-least // _GRAIN_STEP) * _GRAIN_STEP)
    return Sizes(grain, grain * max(1, _DATA // grain), grain * max(1, _ZEROS // grain))


def cut(source: Source, limits: Sizes) -> Iterator[Part]:
    """Yield the source's parts in order; only one part's data is held at a time."""
    nothing = bytes(limits.grain)
    number, data, zeros = 1, list[bytes](), 0
    while grain := source.read(limits.grain):
        empty = grain == nothing[: len(grain)]
        held = zeros or sum(map(len, data))
        if held and (empty != bool(zeros) or held == (limits.zeros if empty else limits.data)):
            part = _part(number, data, zeros)
            number, data, zeros = number + 1, [], 0
            yield part
        if empty:
            zeros += len(grain)
        else:
            data.append(grain)
    if data or zeros:
        yield _part(number, data, zeros)


def _part(number: int, data: list[bytes], zeros: int) -> Part:
    if zeros:
        return Part(number, zeros, None)
    joined = b"".join(data)
    return Part(number, len(joined), joined)
