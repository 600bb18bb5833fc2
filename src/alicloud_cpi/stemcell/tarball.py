"""Reading the disk image out of a stemcell's tarball, as a stream.

Every stemcell format that the CPI offers is the same thing at image_path: ``tar zcf image
root.img``, alicloud-raw included (bosh-linux-stemcell-builder, stage prepare_raw_image_stemcell).
Nothing is extracted, so no name in the archive can lead anywhere, and the image takes no room on
the Director. An archive that is built to do harm is refused by what it would do, in bounded
memory; a damaged one is noticed before the last byte is handed out.
"""

from __future__ import annotations

import posixpath
import tarfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

from alicloud_cpi.errors import CloudError
from alicloud_cpi.stemcell import gunzip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

IMAGE = "root.img"
_NAMES = (IMAGE, f"./{IMAGE}")

# Bytes read from the archive at a time.
_BLOCK = 256 * 1024

# What a member's headers may take: a long name, a map of the holes in a sparse image. Real ones
# are a few hundred bytes; without a bound, one header could fill the memory.
_LONGEST_HEADERS = 4 * 1024 * 1024
_MOST_MEMBERS = 1000

_GIB = 1024**3

_PACKED = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"PK": "zip"}

_KINDS = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.DIRTYPE: "a directory",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
}


class InvalidTarball(CloudError):
    """The stemcell's tarball holds no disk image that can be used."""


class RootImage:
    """The disk image in a stemcell's tarball: ``size`` in bytes, read once from start to end."""

    def __init__(self, image_path: str, largest: int) -> None:
        """Find root.img.

        :param largest: bytes that the image may have, and as many again may lie beside it
        :raises InvalidTarball: no such image, or it is too large, empty or no plain file
        """
        self._path = image_path
        self._largest = largest
        self._file: IO[bytes] | None = None
        try:
            with self._explained():
                self._file = Path(image_path).open("rb")  # noqa: SIM115 - closed by __exit__
                self._stream = _Bounded(_unpacked(self._file))
                self._tar = _opened(self._stream)
            header = self._find()
            self.size = header.size
            self._left = header.size
            with self._explained():
                self._content = self._tar.extractfile(header)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def size_gib(self) -> int:
        """Whole GiB that hold the image."""
        return -(-self.size // _GIB)

    def close(self) -> None:
        """Close the tarball."""
        if self._file is not None:
            self._file.close()

    def read(self, length: int) -> bytes:
        """Return the next bytes, less than asked for only at the end, then none.

        The last bytes are not handed out before the rest of the archive was found to be sound.

        :raises InvalidTarball: the archive is damaged or cut off
        """
        if not self._left:
            return b""
        with self._explained():
            self._stream.allow(self._tar.offset)
            assert self._content is not None  # noqa: S101 - _find returns plain files only
            data = bytes(self._content.read(min(length, self._left)))
        if len(data) < min(length, self._left):
            raise self._invalid(f"is cut off within {IMAGE}")
        self._left -= len(data)
        if not self._left:
            self._check_the_rest()
        return data

    def _find(self) -> tarfile.TarInfo:
        """Return the header of the image; everything else is passed over."""
        for header in self._members():
            if header.name in _NAMES:
                self._check(header)
                return header
            if posixpath.basename(header.name) == IMAGE:
                raise self._invalid(f"holds {header.name[:200]!a} where {IMAGE} has to be")
        raise self._invalid(f"holds no {IMAGE}")

    def _check(self, header: tarfile.TarInfo) -> None:
        if not header.isreg():
            kind = _KINDS.get(header.type, "of an unknown kind")
            raise self._invalid(f"holds a {IMAGE} that is {kind}, not a file")
        if not header.size:
            raise self._invalid(f"holds a {IMAGE} that is empty")
        if header.size > self._largest:
            raise self._invalid(
                f"holds a {IMAGE} of {header.size} bytes, more than the {self._largest} that its "
                "disk property allows"
            )

    def _check_the_rest(self) -> None:
        """Read to the end of the archive: its checksum comes last."""
        for header in self._members():
            if header.name in _NAMES:
                raise self._invalid(f"holds {IMAGE} twice")
        with self._explained():
            while self._stream.read(_BLOCK):
                pass

    def _members(self) -> Iterator[tarfile.TarInfo]:
        """Yield the headers that follow.

        :raises InvalidTarball: more of them than a stemcell has
        """
        for _ in range(_MOST_MEMBERS):
            with self._explained():
                self._stream.allow(self._tar.offset)
                header = self._tar.next()
            if header is None:
                return
            if header.name not in _NAMES and self._tar.offset > 2 * self._largest:
                raise self._invalid("holds too much beside the image")
            yield header
        raise self._invalid(f"holds more than {_MOST_MEMBERS} files")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what is wrong with the archive, whatever its readers made of it."""
        try:
            yield
        except InvalidTarball:
            raise
        except _TooMuch:
            raise self._invalid("has headers or padding beyond all measure") from None
        except EOFError:
            raise self._invalid("is cut off") from None
        except FileNotFoundError:
            raise self._invalid("is not there") from None
        except _Packed as packed:
            raise self._invalid(f"is packed with {packed}, not with gzip") from None
        except gunzip.Damaged as error:
            raise self._invalid(f"is damaged: {error}") from None
        except OSError as error:
            raise self._invalid(f"cannot be read: {error.strerror or error}") from None
        except Exception as error:  # noqa: BLE001 - tarfile raises whatever a bad header leads to
            raise self._invalid(f"is not a tarball, or damaged ({str(error)!a})") from None

    def _invalid(self, what: str) -> InvalidTarball:
        return InvalidTarball(f"The stemcell '{self._path}' {what}")


class _TooMuch(Exception):
    """More was read of the archive than what was looked for can take."""


class _Packed(Exception):
    """The archive is packed in a way that stemcells are not."""


class _Readable(Protocol):
    def read(self, length: int, /) -> bytes: ...


class _Bounded:
    """A stream that ends by an error where its reader has no business any more."""

    def __init__(self, stream: _Readable) -> None:
        self._stream = stream
        self._position = 0
        self._end = 0
        self.allow(0)

    def allow(self, position: int) -> None:
        """Let be read up to this position, and the headers that may follow there."""
        self._end = max(position, self._position) + _LONGEST_HEADERS

    def read(self, length: int) -> bytes:
        """Return the next bytes, fewer than asked for only at the end."""
        if self._position > self._end:
            raise _TooMuch
        data = self._stream.read(length)
        self._position += len(data)
        return data


def _unpacked(file: IO[bytes]) -> _Readable:
    start = file.read(8)
    file.seek(0)
    if start.startswith(gunzip.MAGIC):
        return gunzip.Gunzip(file)
    for magic, name in _PACKED.items():
        if start.startswith(magic):
            raise _Packed(name)
    return file


def _opened(stream: _Bounded) -> tarfile.TarFile:
    opened: tarfile.TarFile = tarfile.open(  # noqa: SIM115 - it holds nothing but the stream
        fileobj=cast("IO[bytes]", stream), mode="r|", bufsize=_BLOCK
    )
    return opened
