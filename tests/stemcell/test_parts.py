"""A disk image is cut into parts that OSS takes, whatever pattern of zeros it has."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest

from alicloud_cpi.oss.parts import Part, part_sizes, split
from support.stemcells import KIB, MIB, image

GIB = 1024 * MIB
SMALLEST_PART = 100 * 1000
MOST_PARTS = 10_000


class Source(io.BytesIO):
    """Bytes of a known length."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.size = len(content)


def parts(content: bytes) -> list[Part]:
    """Cut some bytes."""
    return list(split(Source(content), part_sizes(len(content))))


@pytest.mark.parametrize(
    "content",
    [
        image(1),
        image(-1),
        image(256 * KIB),
        image(2 * MIB),
        image(2 * MIB + 1),
        image(-8 * MIB),
        image(-8 * MIB - 1),
        image(-20 * MIB, 1),
        image(5 * MIB, -3 * MIB, 1 * MIB, -9 * MIB, 700 * KIB),
        image(*[100 * KIB, -300 * KIB] * 30),
        image(*[256 * KIB, -256 * KIB] * 30),
    ],
    ids=range(11),
)
def test_joined_again(content: bytes) -> None:
    """The parts, numbered from 1, make up the image; all but the last are large enough."""
    cut_into = parts(content)
    joined = b"".join(bytes(part.size) if part.data is None else part.data for part in cut_into)
    assert joined == content
    assert [part.number for part in cut_into] == list(range(1, len(cut_into) + 1))
    assert all(part.size >= SMALLEST_PART for part in cut_into[:-1])
    limits = part_sizes(len(content))
    assert all(part.size <= (limits.data if part.data else limits.zeros) for part in cut_into)


def test_zeros_are_set_apart() -> None:
    """Whole grains of zeros become parts of their own, joined as far as they may be."""
    kinds = [(part.size, part.data is None) for part in parts(image(3 * MIB, -20 * MIB, MIB))]
    data = [(2 * MIB, False), (MIB, False)]
    zeros = [(8 * MIB, True), (8 * MIB, True), (4 * MIB, True)]
    assert kinds == [*data, *zeros, (MIB, False)]


def test_a_few_zeros_stay_with_the_data() -> None:
    """A stretch of zeros that is shorter than a grain is not worth a request."""
    (part,) = parts(image(100 * KIB, -100 * KIB, 100 * KIB))
    assert part.data is not None


@pytest.mark.parametrize(
    "total", [1, MIB, GIB, 2 * GIB, 5 * GIB, 40 * GIB, 500 * GIB, 2048 * GIB, 2048 * GIB - 1]
)
def test_never_too_many(total: int) -> None:
    """Even an image that changes at every grain has no more parts than OSS takes."""
    limits = part_sizes(total)
    assert -(-total // limits.grain) <= MOST_PARTS
    assert limits.grain >= SMALLEST_PART
    assert limits.data % limits.grain == limits.zeros % limits.grain == 0


@pytest.mark.parametrize("total", [MIB, GIB, 5 * GIB, 19 * GIB])
def test_a_stemcell_takes_little_memory(total: int) -> None:
    """A part of data, which is held in memory, has at most 2 MiB for any usual stemcell."""
    assert part_sizes(total).data <= 2 * MIB


def test_sizes_grow_with_the_image() -> None:
    """Larger images have larger parts."""
    limits = [part_sizes(total * GIB) for total in (1, 5, 40, 500, 2048)]
    assert all(smaller.grain <= larger.grain for smaller, larger in pairwise(limits))
