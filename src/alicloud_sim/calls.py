"""The record of calls: one entry per request, without secrets.

Entries are kept as the lines that the control API answers: a quarter of the memory of objects.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from .parsing import COMMON

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = frozenset(
    ("Password", "PrivateKey", "UserData", "SecurityToken", "Signature", "AccessKeySecret")
)
MOST_CALLS = 100_000
MOST_CHARACTERS = 64 << 20


def without_secrets(params: dict[str, str]) -> dict[str, str]:
    """Drop the common parameters and blank the secret ones."""
    return {
        name: "***" if name.rpartition(".")[2] in SECRET else value
        for name, value in params.items()
        if name not in COMMON
    }


class _Entry(NamedTuple):
    number: int
    action: str
    line: str


class Calls:
    """The calls since the last reset, oldest first; numbers go on over a reset."""

    def __init__(self, most: int = MOST_CALLS, most_characters: int = MOST_CHARACTERS) -> None:
        """Start with none; the oldest make room for more than so many."""
        self._most = most
        self._most_characters = most_characters
        self._lock = threading.Lock()
        self._entries: deque[_Entry] = deque()
        self._characters = 0
        self._last = 0

    def add(self, entry: dict[str, Any]) -> None:
        """Record a call."""
        with self._lock:
            self._last += 1
            line = json.dumps({"number": self._last, **entry})
            self._entries.append(_Entry(self._last, entry["action"], line))
            self._characters += len(line)
            while len(self._entries) > self._most or self._characters > self._most_characters:
                self._characters -= len(self._entries.popleft().line)

    def list(self, action: str | None = None) -> list[dict[str, Any]]:
        """List the calls, all or those of one action."""
        return [json.loads(entry.line) for entry in self._found(action)]

    def lines(self, action: str | None = None, after: int = 0, last: int = 0) -> str:
        """Write calls as JSON lines: those after a number, and of these the last so many."""
        found = self._found(action, after)
        return "".join(f"{entry.line}\n" for entry in found[-last:])

    def _found(self, action: str | None, after: int = 0) -> tuple[_Entry, ...]:
        with self._lock:
            found = self._after(after)
            return tuple(entry for entry in found if action in (None, entry.action))

    def _after(self, number: int) -> Iterator[_Entry]:
        first = self._last - len(self._entries)
        return islice(self._entries, max(0, number - first), None)

    def span(self) -> dict[str, int]:
        """Tell the numbers of the first and the last call that are kept."""
        with self._lock:
            return {"first": self._last - len(self._entries) + 1, "last": self._last}

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._entries.clear()
            self._characters = 0
