"""Reads the disk image out of a stemcell's tarball, as a stream.

Every stemcell format that the CPI offers is the same at image_path: ``tar zcf image root.img``,
alicloud-raw included (bosh-linux-stemcell-builder, stage prepare_raw_image_stemcell). Nothing is
extracted, so no name in the archive can lead anywhere, and the image takes no space on the
Director. A malicious archive is refused in bounded memory; a damaged one is noticed before the last
byte is returned.
"""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from posixpath import basename
from types import TracebackType
from typing import IO, Protocol, Self, cast

# In half the time of the standard library's zlib, or a quarter where most is zeros.
from zlib_ng import gzip_ng, zlib_ng

from alicloud_cpi.errors import CloudError

IMAGE = "root.img"
_NAMES = (IMAGE, f"./{IMAGE}")

# Bytes read from the archive at a time.
_BLOCK = 256 * 1024

# Bytes of headers per member: a long name, the map of a sparse image. Real ones have some hundred.
_MAX_HEADERS = 4 * 1024 * 1024
_MAX_MEMBERS = 1000

_GIB = 1024**3

_GZIP_MAGIC = b"\x1f\x8b"
_OTHER_MAGICS = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK": "zip",
}

_KINDS = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.DIRTYPE: "a directory",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
}


# zlib-ng's type hints do not say that this is an exception.
_ZlibError = cast("type[Exception]", zlib_ng.error)


class InvalidTarball(CloudError):
    """The stemcell's tarball has no usable disk image."""


class RootImage:
    """The disk image in a stemcell's tarball: ``size`` in bytes, read once from start to end."""

    def __init__(self, image_path: str, max_bytes: int) -> None:
        """Find root.img.

        :param max_bytes: of the image; the same amount may be beside it
        :raises InvalidTarball: no such image, or it is too large, empty or no regular file
        """
        self._path = image_path
        self._max_bytes = max_bytes
        self._file: IO[bytes] | None = None
        if not image_path:
            raise CloudError(
                "image_path is empty: a stemcell needs a tarball, unless its cloud_properties have "
                "image_id, or oss_bucket and oss_object"
            )
        try:
            with self._explain_errors():
                self._file = _open_file(Path(image_path))
                self._stream = _BoundedStream(_decompressed(self._file))
                self._tar = _open_tar(self._stream)
            header = self._find_image()
            self.size = header.size
            self._left = header.size
            with self._explain_errors():
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
        """Return the next bytes, fewer than asked for only at the end, then none.

        The last bytes are returned after the rest of the archive has been checked.

        :raises InvalidTarball: the archive is damaged or cut off
        """
        if not self._left:
            return b""
        with self._explain_errors():
            self._stream.allow(self._tar.offset)
            assert self._content is not None  # noqa: S101 - _find_image returns regular files only
            data = bytes(self._content.read(min(length, self._left)))
        if len(data) < min(length, self._left):
            raise self._invalid(f"is cut off within {IMAGE}")
        self._left -= len(data)
        if not self._left:
            self._check_rest()
        return data

    def _find_image(self) -> tarfile.TarInfo:
        """Return the header of the image; other members are skipped."""
        for header in self._members():
            if header.name in _NAMES:
                self._check_image(header)
                return header
            if basename(header.name) == IMAGE:
                raise self._invalid(f"has {header.name[:200]!a} instead of {IMAGE}")
        raise self._invalid(f"has no {IMAGE}")

    def _check_image(self, header: tarfile.TarInfo) -> None:
        if not header.isreg():
            kind = _KINDS.get(header.type, "of an unknown kind")
            raise self._invalid(f"has a {IMAGE} that is {kind}, not a file")
        if header.size <= 0:
            raise self._invalid(f"has a {IMAGE} that is empty")
        if header.size > self._max_bytes:
            raise self._invalid(
                f"has a {IMAGE} of {header.size} bytes, more than the {self._max_bytes} that its "
                "disk property allows"
            )

    def _check_rest(self) -> None:
        """Read to the end of the archive: its checksum comes last."""
        for header in self._members():
            if header.name in _NAMES:
                raise self._invalid(f"has {IMAGE} twice")
        with self._explain_errors():
            while self._stream.read(_BLOCK):
                pass

    def _members(self) -> Iterator[tarfile.TarInfo]:
        """Yield the headers that follow.

        :raises InvalidTarball: more of them than a stemcell has
        """
        for _ in range(_MAX_MEMBERS):
            with self._explain_errors():
                self._stream.allow(self._tar.offset)
                header = self._tar.next()
            if header is None:
                return
            if header.name not in _NAMES and self._tar.offset > 2 * self._max_bytes:
                raise self._invalid(f"unpacks to more than {2 * self._max_bytes} bytes")
            yield header
        raise self._invalid(f"has more than {_MAX_MEMBERS} files")

    @contextmanager
    def _explain_errors(self) -> Iterator[None]:
        """Say what is wrong with the archive, whatever its readers raise."""
        try:
            yield
        except InvalidTarball:
            raise
        except _ReadTooMuch:
            raise self._invalid(
                f"has headers or padding longer than {_MAX_HEADERS} bytes"
            ) from None
        except _NotGzip as error:
            raise self._invalid(f"is packed with {error}, not with gzip") from None
        except EOFError:
            raise self._invalid("is cut off") from None
        except FileNotFoundError:
            raise self._invalid("does not exist") from None
        except (_ZlibError, gzip_ng.BadGzipFile) as error:
            raise self._invalid(f"is damaged: {error}") from None
        except OSError as error:
            raise self._invalid(f"cannot be read: {error.strerror or error}") from None
        except Exception as error:  # noqa: BLE001 - tarfile raises whatever a bad header leads to
            raise self._invalid(f"is not a tarball, or damaged ({str(error)!a})") from None

    def _invalid(self, what: str) -> InvalidTarball:
        return InvalidTarball(f"The stemcell '{self._path}' {what}")


class _ReadTooMuch(Exception):
    """More of the archive was read than its headers can take."""


class _NotGzip(Exception):
    """The archive is packed in a way that stemcells are not."""


class _Readable(Protocol):
    def read(self, length: int, /) -> bytes: ...


class _BoundedStream:
    """A stream that raises ``_ReadTooMuch`` when its reader goes far beyond what is allowed."""

    def __init__(self, stream: _Readable) -> None:
        self._stream = stream
        self._position = 0
        self._end = 0
        self.allow(0)

    def allow(self, position: int) -> None:
        """Allow reading up to this position, and the headers that may follow there."""
        self._end = max(position, self._position) + _MAX_HEADERS

    def read(self, length: int) -> bytes:
        """Return the next bytes, fewer than asked for only at the end."""
        if self._position > self._end:
            raise _ReadTooMuch
        data = self._stream.read(length)
        self._position += len(data)
        return data


def _open_file(path: Path) -> IO[bytes]:
    """Open the tarball; a pipe or device, which could block for ever, is refused.

    :raises OSError: it cannot be opened
    """
    if path.exists() and not path.is_dir() and not stat.S_ISREG(path.stat().st_mode):
        raise OSError("not a regular file")
    return path.open("rb")


def _decompressed(file: IO[bytes]) -> _Readable:
    start = file.read(8)
    file.seek(0)
    if start.startswith(_GZIP_MAGIC):
        return cast("_Readable", gzip_ng.open(file, "rb"))
    for magic, name in _OTHER_MAGICS.items():
        if start.startswith(magic):
            raise _NotGzip(name)
    return file


def _open_tar(stream: _BoundedStream) -> tarfile.TarFile:
    opened: tarfile.TarFile = tarfile.open(  # noqa: SIM115 - it holds nothing but the stream
        fileobj=cast("IO[bytes]", stream), mode="r|", bufsize=_BLOCK
    )
    return opened
