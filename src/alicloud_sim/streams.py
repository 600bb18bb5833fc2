"""Bodies too big for memory: a request's read in pieces, an answer's sent in pieces.

A service that asks for it (HttpService.streams) gets the request before its body and reads
that itself; "100 Continue" goes out with the first read, so an early refusal spares a client
that waits for it the sending.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import BufferedIOBase

PIECE = 1 << 20
LEFTOVER = 1 << 20
"""So much of an unread body is read away to keep the connection; more closes it."""
SLOWEST_PIECE = 4096
PIECES_PER_SECOND = 20


class BodyLostError(ConnectionError):
    """The client went away, or broke the framing, before its body was complete."""


class Meter:
    """Keeps a transfer at a rate by waiting; 0 is no limit."""

    def __init__(self, bytes_per_second: float, wait: Callable[[float], object]) -> None:
        """Start counting now."""
        self._rate = bytes_per_second
        self._wait = wait
        self._began = time.monotonic()
        self._count = 0

    @property
    def piece(self) -> int:
        """The size of piece that makes the transfer even."""
        if self._rate <= 0:
            return PIECE
        return max(SLOWEST_PIECE, min(PIECE, int(self._rate / PIECES_PER_SECOND)))

    def passed(self, count: int) -> None:
        """Note that bytes went by; wait if that was too early for them."""
        self._count += count
        if self._rate > 0:
            ahead = self._count / self._rate - (time.monotonic() - self._began)
            if ahead > 0:
                self._wait(ahead)


@dataclass(frozen=True)
class Content:
    """The body of an answer that is made while it is sent."""

    size: int
    pieces: Iterator[bytes]
    bytes_per_second: float = 0.0


class BodyStream:
    """The body of one request, by Content-Length or chunked."""

    def __init__(
        self,
        source: BufferedIOBase,
        headers: Mapping[str, str],
        wait: Callable[[float], object],
        proceed: Callable[[], None] | None = None,
    ) -> None:
        """Read from a connection; `proceed` tells a client that waits for it to send.

        :raises ValueError: a Content-Length that is no number
        """
        self.wait = wait
        self.received = 0
        self.chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        length = headers.get("content-length")
        self.length = None if self.chunked or length is None else int(length)
        if self.length is not None and self.length < 0:
            raise ValueError("a negative Content-Length")
        self._source = source
        self._proceed = proceed
        self._left = self.length or 0
        self._ended = not self.chunked and not self._left

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._ended

    def readinto(self, view: memoryview) -> int:
        """Fill a buffer as far as the body goes; fewer bytes than asked for is the end.

        :raises BodyLostError: the client went away
        """
        if self._proceed is not None and not self._ended:
            self._proceed()
            self._proceed = None
        filled = 0
        try:
            while filled < len(view) and not self._ended:
                filled += self._some(view[filled:])
        except (OSError, ValueError) as error:
            self._ended = True
            raise BodyLostError(str(error)) from error
        return filled

    def _some(self, view: memoryview) -> int:
        if self.chunked and not self._left:
            self._left = int(self._source.readline().partition(b";")[0], 16)
            if not self._left:
                self._trailer()
                return 0
        count = self._source.readinto(view[: self._left])
        if not count:
            raise BodyLostError("the body is shorter than announced")
        self._left -= count
        self.received += count
        if self.chunked and not self._left:
            self._source.readline()
        self._ended = not self.chunked and not self._left
        return count

    def _trailer(self) -> None:
        while self._source.readline().strip():
            pass
        self._ended = True

    def read(self, most: int | None = None) -> bytes:
        """Read all of it, or one byte more than `most` of a body that is longer.

        :raises BodyLostError: the client went away
        """
        parts = []
        room = None if most is None else most + 1
        while not self._ended and room != 0:
            size = PIECE if room is None else min(PIECE, room)
            if self.length is not None:
                size = min(size, self._left)
            buffer = bytearray(size)
            count = self.readinto(memoryview(buffer))
            parts.append(bytes(buffer[:count]))
            room = None if room is None else room - count
        return b"".join(parts)

    def settle(self) -> bool:
        """Read a small rest away; False if the connection cannot go on after this request."""
        if self._proceed is None:
            self._drop(LEFTOVER)
        return self._ended

    def drain(self) -> None:
        """Read whatever the client still sends, so that it gets to see the answer."""
        if self._proceed is None:
            self._drop(None)

    def _drop(self, most: int | None) -> None:
        if most is not None and self._left > most:
            return
        buffer = memoryview(bytearray(PIECE))
        seen = 0
        try:
            while not self._ended and (most is None or seen < most):
                seen += self.readinto(buffer)
        except BodyLostError:
            self._ended = True
