"""The record of calls: one entry per request, without secrets."""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import Any

from .parsing import COMMON

SECRET = frozenset(
    ("Password", "PrivateKey", "UserData", "SecurityToken", "Signature", "AccessKeySecret")
)
MOST_CALLS = 100_000


def without_secrets(params: dict[str, str]) -> dict[str, str]:
    """Drop the common parameters and blank the secret ones."""
    return {
        name: "***" if name.rpartition(".")[2] in SECRET else value
        for name, value in params.items()
        if name not in COMMON
    }


class Calls:
    """The calls since the last reset, oldest first."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=MOST_CALLS)

    def add(self, entry: dict[str, Any]) -> None:
        """Record a call."""
        with self._lock:
            self._entries.append(entry)

    def list(self, action: str | None = None) -> list[dict[str, Any]]:
        """List the calls, all or those of one action."""
        with self._lock:
            return [e for e in self._entries if action in (None, e["action"])]

    def lines(self) -> str:
        """Dump as JSON lines."""
        return "".join(f"{json.dumps(e, ensure_ascii=False)}\n" for e in self.list())

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._entries.clear()
