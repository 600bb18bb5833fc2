"""Reading an HTTP/1.1 answer: what is not as RFC 9112 has it is refused, never guessed at.

Not by ``http.client``: that reads headers with the email package, which takes 12 ms to load, as
much as a request may take in all.
"""

from __future__ import annotations

from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

_AT_ONCE = 65536
_LONGEST_LINE = 65536
# Answers of the cloud have a few MiB at most: more is no answer, and would take memory without end.
LONGEST_BODY = 64 * 1024 * 1024
_LONGEST_NUMBER = 16
_MOST_HEADERS = 100
_HEX = frozenset("0123456789abcdefABCDEF")

_INTERIM = range(100, 200)
_WITHOUT_BODY = (204, 304)


class BadAnswer(Exception):
    """What came is no HTTP answer, or not a whole one; the text quotes nothing of it."""


class Answer(Record):
    """A whole HTTP answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Answers:
    """The answers that come in over one connection.

    ``ended`` once no other can follow: the peer said so, or what came leaves that in doubt.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        # What has come already and is not read yet.
        self._rest = bytearray()
        self.ended = False

    def whole(self) -> Answer:
        """Read one answer to its end.

        :raises OSError: the connection broke, or nothing came in time
        :raises BadAnswer: it ended early, or what came is not HTTP
        """
        status, headers = self.head()
        body = self._body(status, headers)
        # Nobody has asked for more: what there is more is not the next answer.
        self.ended = self.ended or bool(self._rest)
        return Answer(status, headers, body)

    def head(self) -> tuple[int, dict[str, str]]:
        """Read status and headers, as ``whole`` does."""
        version, status = self._status()
        headers = self._headers()
        while status in _INTERIM:
            version, status = self._status()
            headers = self._headers()
        self.ended = version == "HTTP/1.0" or "close" in headers.get("connection", "").lower()
        return status, headers

    def _status(self) -> tuple[str, int]:
        version, code, *_ = [*self._line().split(" ", 2), ""]
        if version not in ("HTTP/1.1", "HTTP/1.0") or len(code) != len("200") or not _digits(code):
            raise BadAnswer("the answer is not HTTP")
        return version, int(code)

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(_MOST_HEADERS):
            line = self._line()
            if not line:
                return headers
            name, colon, value = line.partition(":")
            if not colon or not name or name.split() != [name]:
                raise BadAnswer("a header of the answer is malformed")
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        raise BadAnswer("the answer has too many headers")

    def _body(self, status: int, headers: Mapping[str, str]) -> bytes:
        length, coding = headers.get("content-length"), headers.get("transfer-encoding")
        if status in _WITHOUT_BODY:
            return b""
        if coding is not None:
            # With a length besides, somebody on the way may see another end than we do.
            self.ended = self.ended or length is not None
            if coding.lower() != "chunked":
                raise BadAnswer("the answer is encoded in an unknown way")
            return self._chunks()
        if length is None:
            return self._all()
        if not _digits(length):
            raise BadAnswer("the answer's length is malformed")
        return self._exactly(_number(length, 10))

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = self._line().partition(";")[0].strip()
            if not size or not _HEX.issuperset(size):
                raise BadAnswer("the answer's chunks are malformed")
            length = _number(size, 16)
            if not length:
                self._headers()
                return bytes(body)
            body += self._exactly(length, already=len(body))
            if self._line():
                raise BadAnswer("the answer's chunks are malformed")

    def _line(self) -> str:
        while b"\n" not in self._rest:
            if len(self._rest) > _LONGEST_LINE:
                raise BadAnswer("a line of the answer is too long")
            self._more()
        line, _, self._rest = self._rest.partition(b"\n")
        return line.removesuffix(b"\r").decode("latin-1")

    def _exactly(self, length: int, already: int = 0) -> bytes:
        _refuse_beyond(LONGEST_BODY, already + length)
        while len(self._rest) < length:
            self._more()
        taken = bytes(self._rest[:length])
        del self._rest[:length]
        return taken

    def _all(self) -> bytes:
        self.ended = True
        while data := self._sock.recv(_AT_ONCE):
            self._rest += data
            _refuse_beyond(LONGEST_BODY, len(self._rest))
        return self._exactly(len(self._rest))

    def _more(self) -> None:
        data = self._sock.recv(_AT_ONCE)
        if not data:
            raise BadAnswer("the connection ended before the answer did")
        self._rest += data


def _number(digits: str, base: int) -> int:
    _refuse_beyond(_LONGEST_NUMBER, len(digits))
    return int(digits, base)


def _refuse_beyond(most: int, length: int) -> None:
    if length > most:
        raise BadAnswer("the answer is too long")


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
