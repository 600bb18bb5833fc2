"""Cuts a disk image into the parts of a multipart upload.

An image is mostly zeros, and zeros need not be sent: OSS copies them from one object of zeros. So
the image is read in grains, and grains of one kind are joined into parts: data up to one limit,
zeros up to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

# OSS takes parts 1 to 10000 of at least 100 KB, except for the last one (semantics.md section 11).
# A grain is the smallest part, so that no pattern of zeros exceeds either limit.
_MAX_PARTS = 10_000
_MIN_GRAIN = 256 * 1024
_GRAIN_STEP = 64 * 1024

# Bytes. The data of a part is in memory until it is sent, once per thread.
_DATA_PART = 2 * 1024 * 1024
_ZEROS_PART = 8 * 1024 * 1024


class Source(Protocol):
    """Bytes to upload, of a size known in advance."""

    size: int

    def read(self, length: int) -> bytes:
        """Return the next bytes, fewer than ``length`` only at the end."""


@dataclass(frozen=True, slots=True)
class PartSizes:
    """Bytes of a grain, and the largest part of data and of zeros."""

    grain: int
    data: int
    zeros: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part, numbered from 1; ``data`` is None for zeros."""

    number: int
    size: int
    data: bytes | None


def part_sizes(total: int) -> PartSizes:
    """Return the sizes for an image of this many bytes: larger ones for very large images."""
    least = -(-total // _MAX_PARTS)
    grain = max(_MIN_GRAIN, -(-least // _GRAIN_STEP) * _GRAIN_STEP)
    return PartSizes(
        grain, grain * max(1, _DATA_PART // grain), grain * max(1, _ZEROS_PART // grain)
    )


def split(source: Source, sizes: PartSizes) -> Iterator[Part]:
    """Yield the source's parts in order; the data of one part is held at a time."""
    empty_grain = bytes(sizes.grain)
    number, data, zeros = 1, list[bytes](), 0
    while grain := source.read(sizes.grain):
        is_empty = grain == empty_grain[: len(grain)]
        held = zeros or sum(map(len, data))
        limit = sizes.zeros if is_empty else sizes.data
        if held and (is_empty != bool(zeros) or held == limit):
            part = _part(number, data, zeros)
            number, data, zeros = number + 1, [], 0
            yield part
        if is_empty:
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
