"""Removes secrets from every text that leaves the program, however they are spelled there.

The Director copies stderr unredacted into the task's debug log, so no log line and no error message
may hold a secret. No module logs a payload (lines name actions, ids, codes and durations only), and
``Secrets.redact`` replaces what is known to be secret in all that is written.

A text and the secrets are compared by their letters and digits alone, after escapes of JSON,
Python, URLs and HTML are decoded. So a quoted, escaped, encoded or re-cased secret is found, in
time that is linear in the length of the text.
"""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED = "<redacted>"

# Shorter values are words more often than secrets, and would blank half a line.
_MIN_LENGTH = 6

_MAX_TEXT = 32 * 1024

# Characters of secrets that a request may hold: user data takes 32 KiB. The search takes some
# hundred times as much memory.
MAX_SECRETS = 128 * 1024

# A piece of a secret of this length is replaced wherever it stands.
_PIECE = 16

# In requests and configuration, the value under a key with one of these words is a secret.
_SECRET_WORDS = (
    "secret",
    "password",
    "token",
    "private_key",
    "access_key",
    "accesskey",
    "account_key",
    "json_key",
    "encryption_key",
    "cert",
    "user_data",
    "userdata",
    "signature",
    "credential",
    "mbus",
)

# Keys with such a word whose value is no secret: messages must be able to name it.
_PUBLIC_KEYS = ("credential_source", "ca_cert")

# Compiled by ``re`` when a text is first redacted: ``info`` redacts none.
_ELEMENT = (
    r"(?P<percent>(?:%(?:25)*[0-9a-f]{2})+)"
    # A run of backslashes is consumed whole, whatever follows: linear time.
    r"|\\++(?:u(?P<u4>[0-9a-f]{4})|x(?P<x2>[0-9a-f]{2})|U(?P<u8>[0-9a-f]{8})|(?P<letter>[nrtbf]))?"
    r"|&(?:amp;)*(?:\#x(?P<hex>[0-9a-f]{1,6})|\#(?P<decimal>[0-9]{1,7})|[a-z]{2,6});"
    r"|(?P<plain>[^\W_])"
)
_ESCAPING = frozenset("\\%&")
_PERCENT_BYTE = r"(?i:%(?:25)*([0-9a-f]{2}))"


class Secrets:
    """The secret values of one call."""

    def __init__(self) -> None:
        self._documents: list[object] = []
        # Only ever added to, in single steps: uploads log from several threads.
        self._values: set[str] = set()
        self._index: _Index | None = None

    def add(self, *values: object) -> None:
        """Remember values that must never be shown."""
        new = {v for v in values if isinstance(v, str) and len(v) >= _MIN_LENGTH} - self._values
        if new:
            self._values |= new
            self._index = None

    def add_from(self, document: object) -> None:
        """Remember what a JSON document holds under keys that name secrets.

        The document is searched when a text is to be redacted: many calls write none.
        """
        self._documents.append(document)

    def redact(self, text: str) -> str:
        """Return the text, cut to 32 KiB, with every known secret replaced."""
        documents, self._documents = self._documents, []
        for document in documents:
            self.add(*_secret_parts(document))
        index = self._index = self._index or _Index(self._values)
        if len(text) > _MAX_TEXT:
            text = f"{text[:_MAX_TEXT]} ..."
        for value in index.symbols:
            text = text.replace(value, REDACTED)
        letters, positions = _letters_of(text)
        shown, position = [], 0
        for start, end in index.spans(letters):
            first, last = positions[start][0], positions[end - 1][1]
            shown += [text[position:first], REDACTED]
            position = last
        return "".join([*shown, text[position:]])


class _Index:
    """Secrets prepared for the search: by their letters and digits."""

    def __init__(self, values: set[str]) -> None:
        # Values with hardly a letter or digit are replaced where they stand as they are.
        self.symbols = [
            value
            for value in sorted(values, key=len, reverse=True)
            if len(_folded(value)) < _MIN_LENGTH
        ]
        self._short: set[str] = set()
        self._pieces: set[str] = set()
        for value in values:
            for letters in map(_folded, (value, *_base64_forms(value))):
                if len(letters) >= _PIECE:
                    count = len(letters) - _PIECE + 1
                    self._pieces.update(letters[i : i + _PIECE] for i in range(count))
                elif len(letters) >= _MIN_LENGTH:
                    self._short.add(letters)

    def spans(self, letters: str) -> list[tuple[int, int]]:
        """Return where secrets are in these letters, as (start, end), joined where they overlap."""
        found = [
            (at, at + _PIECE)
            for at in range(len(letters) - _PIECE + 1)
            if letters[at : at + _PIECE] in self._pieces
        ]
        for secret in self._short:
            at = letters.find(secret)
            while at >= 0:
                found.append((at, at + len(secret)))
                at = letters.find(secret, at + 1)
        joined: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


def _base64_forms(value: str) -> Iterator[str]:
    """Yield the characters that the value becomes in Base64, at each of the three alignments."""
    raw = value.encode("utf-8", "surrogatepass")
    for offset in range(3):
        encoded = b64encode(bytes(offset) + raw).decode().rstrip("=")
        # The first and last characters also depend on the neighbours of the value.
        yield encoded[-(-offset * 8 // 6) : len(encoded) - 1]


def size_of_secrets(*documents: object) -> int:
    """Return how many characters the documents hold under keys that name secrets."""
    return sum(len(value) for document in documents for value in _secret_values(document))


def _folded(text: str) -> str:
    if text.isascii() and not _ESCAPING.intersection(text):
        return "".join(filter(str.isalnum, text)).lower()
    return _letters_of(text)[0]


def _letters_of(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text's letters and digits, decoded and in lower case, and where each stands."""
    letters: list[str] = []
    positions: list[tuple[int, int]] = []
    for match in re.finditer(_ELEMENT, text, re.IGNORECASE):
        for character in _decoded(match):
            folded = character.lower()
            if character.isalnum() and len(folded) == 1:
                letters.append(folded)
                positions.append(match.span())
    return "".join(letters), positions


def _decoded(match: re.Match[str]) -> str:
    """Return the characters that one token of a text stands for."""
    kind, value = match.lastgroup, match[match.lastgroup or 0]
    if kind == "plain":
        return value
    if kind == "percent":
        raw = bytes.fromhex("".join(re.findall(_PERCENT_BYTE, value)))
        return raw.decode("utf-8", "replace")
    if kind in ("u4", "x2", "u8", "hex", "decimal"):
        code = int(value, 10 if kind == "decimal" else 16)
        return chr(code) if code <= sys.maxunicode else ""
    return ""


def _secret_parts(document: object) -> Iterator[str]:
    """Yield the secrets in a document, and parts of them that could be shown alone."""
    for value in _secret_values(document):
        yield value
        yield value.strip()
        # Some programs show a PEM block line by line.
        yield from (line.strip() for line in value.splitlines() if "-----" not in line)
        if "://" in value:
            userinfo = value.partition("://")[2].rpartition("@")[0]
            yield from (userinfo, userinfo.partition(":")[2])


def _secret_values(document: object) -> Iterator[str]:
    """Yield the values under keys that name secrets, at any depth (so without recursion).

    Of a URL under any other key, what is secret in it.
    """
    left: list[tuple[object, bool]] = [(document, False)]
    while left:
        value, secret = left.pop()
        if isinstance(value, dict):
            left.extend((item, secret or _names_secret(key)) for key, item in value.items())
        elif isinstance(value, list):
            left.extend((item, secret) for item in value)
        elif secret and isinstance(value, (str, int, float)) and not isinstance(value, bool):
            yield str(value)
        elif isinstance(value, str) and "://" in value:
            yield from _url_secrets(value)


def _url_secrets(url: str) -> Iterator[str]:
    """Yield the password in a URL, and the parameters that sign it; hosts are no secrets."""
    rest = url.partition("://")[2]
    yield rest.partition("/")[0].rpartition("@")[0].partition(":")[2]
    for parameter in rest.partition("?")[2].partition("#")[0].split("&"):
        name, _, value = parameter.partition("=")
        if _names_secret(name) or name.lower() == "sig":
            yield value


def _names_secret(key: str) -> bool:
    lower = key.lower()
    return lower not in _PUBLIC_KEYS and any(word in lower for word in _SECRET_WORDS)
