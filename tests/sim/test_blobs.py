"""Stored bytes and the CRC of OSS."""

from __future__ import annotations

import hashlib
import random

import pytest

from alicloud_sim.blobs import BLOCK, Blob, Blobs
from alicloud_sim.oss import crc64, intake

SAMPLE = random.Random(1).randbytes(3000)  # noqa: S311


def stored(blobs: Blobs, *parts: bytes | int) -> Blob:
    """Store parts, numbers being so many zeros."""
    writer = blobs.writer()
    for part in parts:
        if isinstance(part, int):
            writer.zeros(part)
        else:
            writer.data(part)
    return writer.done()


def test_bytes_come_back() -> None:
    """A blob gives what was stored, any stretch of it, and joined with others."""
    blobs = Blobs()
    parts = (5, SAMPLE, 2 * BLOCK, 7, SAMPLE[:10])
    whole = b"".join(bytes(p) if isinstance(p, int) else p for p in parts)
    blob = stored(blobs, *parts)
    assert (blob.size, len(blob.extents), blobs.blocks) == (len(whole), 4, 2)
    assert b"".join(blob.pieces()) == whole
    for start, length in ((0, 3), (3, 10), (2000, BLOCK), (len(whole) - 4, 99), (9, 0)):
        assert blob.read(start, length) == whole[start : start + length]
    twice = Blob.join([blob, blob.slice(1, len(whole) - 1)])
    assert b"".join(twice.pieces()) == whole + whole[1:]
    assert blobs.blocks == 2


def test_blocks_are_used_again() -> None:
    """A block is free once nothing shares it, and taken before the file grows."""
    blobs = Blobs()
    name = blobs.add(stored(blobs, SAMPLE))
    kept = blobs.get(name)
    assert kept is not None
    part = kept.slice(0, 10)
    blobs.drop(name)
    del kept
    assert blobs.blocks == 1
    del part
    assert blobs.blocks == 0
    other = stored(blobs, b"x" * 9)
    assert (other.read(0, 99), blobs.blocks) == (b"x" * 9, 1)
    assert blobs.get(name) is None


@pytest.mark.parametrize("make", [crc64.by_anycrc, crc64.by_crcmod, lambda: crc64.by_table])
def test_crc_of_every_kind(make: object) -> None:
    """The packages and the table give the same CRC, the one of the standard's check."""
    update = make()  # type: ignore[operator]
    assert update(0, b"123456789") == 0x995DC9BBDF1939FA
    assert update(update(0, SAMPLE[:7]), SAMPLE[7:]) == crc64.by_table(0, SAMPLE)
    assert update(0, b"") == 0


def test_crc_of_joints_and_zeros() -> None:
    """Joining and zeros need no bytes."""
    first, second = crc64.update(0, SAMPLE), crc64.update(0, SAMPLE[:100])
    assert crc64.combine(first, second, 100) == crc64.update(0, SAMPLE + SAMPLE[:100])
    assert crc64.combine(first, 0, 0) == first
    assert crc64.zeros(first, 12345) == crc64.update(0, SAMPLE + bytes(12345))
    assert crc64.zeros(0, 0) == 0


@pytest.mark.parametrize("parts", [(BLOCK, BLOCK, 5), (BLOCK, SAMPLE, 3), (SAMPLE, 9), ()])
def test_digests(parts: tuple[bytes | int, ...]) -> None:
    """MD5 and CRC are right, whether a body begins with zeros or not."""
    digest, whole = intake.Digest(), b""
    for part in parts:
        if isinstance(part, int):
            digest.zeros(part)
            whole += bytes(part)
        else:
            digest.data(part)
            whole += part
    assert digest.md5() == hashlib.md5(whole).digest()  # noqa: S324
    assert digest.crc64 == crc64.update(0, whole)
