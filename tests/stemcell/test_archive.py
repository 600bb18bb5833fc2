"""The disk image is read from the tarball as a stream; a hostile tarball does no harm."""

from __future__ import annotations

import contextlib
import gzip
import os
import random
import tarfile
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.stemcell.archive import InvalidTarball, RootImage
from support.stemcells import KIB, MIB, archive, image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONTENT = image(300 * KIB, -1 * MIB, 5)
GIB = 1024 * MIB


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], str]:
    """Give a function that writes a file and returns its path."""

    def write(content: bytes) -> str:
        path = tmp_path / "image"
        path.write_bytes(content)
        return str(path)

    return write


def read(path: str, largest: int = 5 * GIB, step: int = 256 * KIB) -> bytes:
    """Return the whole image."""
    with RootImage(path, largest) as root:
        pieces = list(iter(lambda: root.read(step), b""))
        assert all(len(piece) == step for piece in pieces[:-1])
        assert root.size == sum(map(len, pieces))
    return b"".join(pieces)


def header(name: str = "root.img", kind: bytes = tarfile.REGTYPE, **fields: Any) -> tarfile.TarInfo:
    """Return the header of a member."""
    made = tarfile.TarInfo(name)
    made.type = kind
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def bare_header(**fields: Any) -> bytes:
    """Return the header of a member without its content."""
    return header(**fields).tobuf(tarfile.GNU_FORMAT)


def refused(path: str, *words: str, largest: int = 5 * GIB) -> None:
    """Assert that the tarball is refused with its path and these words in the message."""
    with pytest.raises(InvalidTarball) as raised:
        read(path, largest)
    for word in (path, *words):
        assert word in raised.value.message


# What is read

TARBALLS = {
    "as the stemcell builder does": gzip.compress(archive([("root.img", CONTENT)]), 1),
    "below ./": gzip.compress(archive([("./root.img", CONTENT)])),
    "not packed": archive([("root.img", CONTENT)]),
    "pax": gzip.compress(archive([("root.img", CONTENT)], format=tarfile.PAX_FORMAT)),
    "ustar": gzip.compress(archive([("root.img", CONTENT)], format=tarfile.USTAR_FORMAT)),
    "gnu": gzip.compress(archive([("root.img", CONTENT)], format=tarfile.GNU_FORMAT)),
    "others before": gzip.compress(
        archive([(header("./", tarfile.DIRTYPE), b""), ("a", b"a" * 700), ("root.img", CONTENT)])
    ),
    "others after": gzip.compress(archive([("root.img", CONTENT), ("b/root.image", b"b" * 700)])),
    "long names": gzip.compress(archive([("n" * 300, b"n"), ("root.img", CONTENT)])),
    "two gzip members": (
        gzip.compress(archive([("root.img", CONTENT)])[:5000])
        + gzip.compress(archive([("root.img", CONTENT)])[5000:])
        + bytes(512)
    ),
    "a whole number of blocks": gzip.compress(archive([("root.img", CONTENT)])[: 2 * MIB]),
}


@pytest.mark.parametrize("packed", TARBALLS.values(), ids=TARBALLS)
def test_read(write: Callable[[bytes], str], packed: bytes) -> None:
    """The image is read byte by byte from each format of tar and gzip."""
    assert read(write(packed)) == CONTENT


@pytest.mark.parametrize("size", [1, 511, 512, 513, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1])
@pytest.mark.parametrize("step", [1000, 256 * KIB, 10 * MIB])
def test_any_size(write: Callable[[bytes], str], size: int, step: int) -> None:
    """Sizes around those of blocks and reads are no special case."""
    content = image(size)
    assert read(write(gzip.compress(archive([("root.img", content)]))), step=step) == content


def test_sparse(write: Callable[[bytes], str]) -> None:
    """Holes of GNU's sparse format are read as zeros."""
    data = image(512)
    # Old GNU format: one stretch of data at 1 MiB, in an image of 3 MiB.
    block = bytearray(bare_header(kind=tarfile.GNUTYPE_SPARSE, size=512))
    block[257:265] = b"ustar  \0"
    block[386:398] = b"%011o\0" % MIB
    block[398:410] = b"%011o\0" % 512
    block[483:495] = b"%011o\0" % (3 * MIB)
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    path = write(gzip.compress(bytes(block) + data + bytes(1024)))
    assert read(path) == bytes(MIB) + data + bytes(2 * MIB - 512)


def test_nothing_is_written(
    write: Callable[[bytes], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is written, neither next to the tarball nor in the working directory."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    read(write(TARBALLS["others before"]))
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", "image"}
    assert list(elsewhere.iterdir()) == []


# What is refused


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("/root.img", "'/root.img'"),
        ("../root.img", "'../root.img'"),
        ("images/root.img", "'images/root.img'"),
        ("./../root.img", "'./../root.img'"),
        ("root.img.gz", "has no root.img"),
        ("ROOT.IMG", "has no root.img"),
        ("root.img ", "has no root.img"),
        ("\udcff/root.img", r"'\udcff/root.img'"),
    ],
)
def test_other_name(write: Callable[[bytes], str], name: str, message: str) -> None:
    """Only root.img at the top of the archive is accepted."""
    refused(write(gzip.compress(archive([(name, CONTENT)]))), message)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a pipe"),
        (tarfile.DIRTYPE, "a directory"),
        (b"Z", "of an unknown kind"),
    ],
)
def test_no_file(write: Callable[[bytes], str], kind: bytes, message: str) -> None:
    """A root.img that is no regular file is refused, such as a link."""
    member = header(kind=kind, linkname="/etc/shadow")
    refused(write(gzip.compress(archive([(member, b"")]))), message)


def test_empty_image(write: Callable[[bytes], str]) -> None:
    """An empty image is refused."""
    refused(write(gzip.compress(archive([("root.img", b"")]))), "is empty")


def test_image_twice(write: Callable[[bytes], str]) -> None:
    """An archive with two images is ambiguous."""
    twice = archive([("root.img", CONTENT), ("./root.img", CONTENT)])
    refused(write(gzip.compress(twice, mtime=0)), "has root.img twice")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a tarball"),
        (b"This is no tarball.", "not a tarball"),
        (bytes(10240), "has no root.img"),
        (gzip.compress(b"", mtime=0), "not a tarball"),
        (gzip.compress(b"This is no tarball." * 100, mtime=0), "not a tarball"),
        (b"\x1f\x8b" + b"x" * 100, "damaged"),
        (b"\x1f\x8b", "is cut off"),
        (b"BZh91AY", "packed with bzip2"),
        (b"\xfd7zXZ\x00", "packed with xz"),
        (b"\x28\xb5\x2f\xfd\x00", "packed with zstd"),
        (b"PK\x03\x04", "packed with zip"),
        (image(20000), "not a tarball"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:8].hex(),
)
def test_no_tarball(write: Callable[[bytes], str], content: bytes, message: str) -> None:
    """A file that is no gzipped tar archive is refused."""
    refused(write(content), message)


def test_no_such_file(tmp_path: Path) -> None:
    """A path that does not exist or is a directory is refused."""
    refused(str(tmp_path / "none"), "does not exist")
    refused(str(tmp_path), "cannot be read")


@pytest.mark.parametrize("cut", [20, 1000, 200 * KIB, -9, -1])
def test_cut_off(write: Callable[[bytes], str], cut: int) -> None:
    """A truncated archive is refused before its last byte is returned."""
    whole = gzip.compress(archive([("root.img", image(300 * KIB))]), 1)
    refused(write(whole[:cut]), "cut off")


def test_cut_off_unpacked(write: Callable[[bytes], str]) -> None:
    """So is a truncated archive without compression."""
    refused(write(archive([("root.img", CONTENT)])[:MIB]), "unexpected end of data")


@pytest.mark.parametrize("position", [200 * KIB, -6, -3])
def test_damaged(write: Callable[[bytes], str], position: int) -> None:
    """A changed byte in the data or the checksum is detected."""
    whole = bytearray(gzip.compress(archive([("root.img", image(300 * KIB))]), 1))
    whole[position] ^= 0x10
    refused(write(bytes(whole)), "damaged")


def test_something_behind(write: Callable[[bytes], str]) -> None:
    """Other data after the compressed data is refused."""
    refused(write(TARBALLS["gnu"] + b"something else"), "damaged")


# Bombs


def packed_zeros(size: int, before: bytes = b"") -> Iterator[bytes]:
    """Yield these bytes and so many zeros, compressed to a thousandth."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    yield packer.compress(before)
    for _ in range(0, size, MIB):
        yield packer.compress(bytes(MIB))
    yield packer.flush()


def test_larger_than_allowed(write: Callable[[bytes], str]) -> None:
    """An image that is too large by its header is refused before it is read."""
    path = write(gzip.compress(bare_header(size=6 * GIB)))
    refused(path, str(6 * GIB), str(5 * GIB))


def test_shorter_than_it_says(write: Callable[[bytes], str]) -> None:
    """An image that is shorter than its header says is refused."""
    refused(write(gzip.compress(bare_header(size=2 * MIB) + bytes(MIB))), "unexpected end of data")


def test_too_much_beside(write: Callable[[bytes], str]) -> None:
    """Members before the image are read up to a limit."""
    path = write(gzip.compress(bare_header(name="junk", size=100 * GIB)))
    refused(path, "unpacks to more than 10737418240 bytes")


def test_too_many_members(write: Callable[[bytes], str]) -> None:
    """Headers are read up to a limit."""
    path = write(gzip.compress(archive([(f"{n}", b"") for n in range(1200)])))
    refused(path, "more than 1000 files")


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
)
def test_headers_without_end(write: Callable[[bytes], str], kind: bytes) -> None:
    """An endless header is refused, in little memory."""
    start = bare_header(kind=kind, size=200 * MIB)
    path = write(b"".join(packed_zeros(200 * MIB, start)))
    tracemalloc.start()
    try:
        refused(path, "headers or padding longer than")
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()


def test_sparse_map_without_end(write: Callable[[bytes], str]) -> None:
    """An endless map of holes is refused, in little memory."""
    member = header()
    member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    member.size = 200 * MIB
    start = member.tobuf(tarfile.PAX_FORMAT) + b"99999999\n" + b"0\n" * 200
    path = write(b"".join(packed_zeros(200 * MIB, start)))
    tracemalloc.start()
    try:
        refused(path, path)
        assert tracemalloc.get_traced_memory()[1] < 64 * MIB
    finally:
        tracemalloc.stop()


def test_padding_without_end(write: Callable[[bytes], str]) -> None:
    """Zeros after the archive are read up to a limit."""
    start = archive([("root.img", CONTENT)])
    refused(write(b"".join(packed_zeros(200 * MIB, start))), "headers or padding longer than")


def test_endless_image_takes_little_memory(write: Callable[[bytes], str]) -> None:
    """A large image is read in little memory."""
    start = bare_header(size=256 * MIB)
    path = write(b"".join(packed_zeros(256 * MIB + 10240, start)))
    tracemalloc.start()
    try:
        with RootImage(path, GIB) as root:
            while root.read(256 * KIB):
                pass
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


def test_fuzzed_headers(write: Callable[[bytes], str]) -> None:
    """With any change of the headers, the image is whole or the archive is refused."""
    packed = archive([("root.img", CONTENT)], format=tarfile.PAX_FORMAT)
    source = random.Random(1)  # noqa: S311 - the same damage every time
    for _ in range(300):
        damaged = bytearray(packed)
        for _ in range(source.randint(1, 4)):
            damaged[source.randrange(512)] = source.randrange(256)
        path = write(bytes(damaged))
        try:
            data = read(path)
        except InvalidTarball as error:
            assert path in error.message  # noqa: PT017 - either outcome is right
        else:
            assert data[: 300 * KIB] == CONTENT[: 300 * KIB][: len(data)]


@pytest.mark.parametrize(
    "headers",
    [
        {"size": "-1"},
        {"size": "-512"},
        {"size": "1e3"},
        {"size": "9" * 4000},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "-5"},
        {"GNU.sparse.size": "-5", "GNU.sparse.map": "0,-5"},
        {"GNU.sparse.size": "5", "GNU.sparse.map": "-5,10"},
        {"GNU.sparse.size": "5", "GNU.sparse.map": "0,99999999999999"},
        {"GNU.sparse.size": "5", "GNU.sparse.map": "x"},
        {"GNU.sparse.size": "5", "GNU.sparse.offset": "-1", "GNU.sparse.numbytes": "-1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["root.img", "other"])
def test_impossible_sizes(
    write: Callable[[bytes], str], name: str, headers: dict[str, str]
) -> None:
    """Negative, without bounds or no number, of the image and of what precedes it."""
    member = header(name)
    member.size = 1024
    member.pax_headers = headers
    packed = member.tobuf(tarfile.PAX_FORMAT) + bytes(1024) + bytes(1024)
    path = write(packed)
    with contextlib.suppress(InvalidTarball):
        assert len(read(path)) <= GIB


@pytest.mark.parametrize("size", [-1, -512, -(2**62)])
def test_negative_sizes_in_binary(write: Callable[[bytes], str], size: int) -> None:
    """GNU's format has signed numbers."""
    for name in ("root.img", "other"):
        member = header(name)
        packed = bytearray(member.tobuf(tarfile.GNU_FORMAT))
        packed[124:136] = b"\xff" + size.to_bytes(11, "big", signed=True)
        packed[148:156] = b" " * 8
        packed[148:156] = b"%06o\0 " % sum(packed[:512])
        refused(write(bytes(packed) + bytes(10240)), "")


def test_a_pipe_as_the_tarball(tmp_path: Path) -> None:
    """Reading it could take for ever."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    refused(str(path), "not a regular file")
    refused("/dev/zero", "not a regular file")
