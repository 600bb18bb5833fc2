"""ClientToken: the same token and parameters get the same answer, nothing is made twice.

Kept for 24 hours of the world clock (the sources name no time), the newest 20,000 at most. A call
that was refused frees its token; one whose twin is still running is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

KEPT_SECONDS = 24 * 3600.0
MOST_TOKENS = 20_000

TokenKey = tuple[str, str, str, str]
"""Account, region, qualified action, token."""


class Twin(Enum):
    """What is known of a token when a call brings it."""

    NONE = "none"
    RUNNING = "running"
    DIFFERENT = "different"
    DONE = "done"


@dataclass
class _Use:
    params: dict[str, str]
    at: float
    answer: dict[str, Any] | None = None


class Tokens:
    """The ClientTokens in use."""

    def __init__(self) -> None:
        """Start with none."""
        self._uses: dict[TokenKey, _Use] = {}

    def __len__(self) -> int:
        return len(self._uses)

    def claim(
        self, key: TokenKey, params: dict[str, str], now: float
    ) -> tuple[Twin, dict[str, Any] | None]:
        """Take a token for a call, or tell what an earlier call with it was."""
        use = self._uses.get(key)
        if use is None or use.at + KEPT_SECONDS <= now:
            self._uses.pop(key, None)
            self._uses[key] = _Use(params, now)
            if len(self._uses) > MOST_TOKENS:
                del self._uses[next(iter(self._uses))]
            return Twin.NONE, None
        if use.params != params:
            return Twin.DIFFERENT, None
        return (Twin.RUNNING, None) if use.answer is None else (Twin.DONE, use.answer)

    def finish(self, key: TokenKey, answer: dict[str, Any]) -> None:
        """Keep the answer for repeats."""
        if key in self._uses:
            self._uses[key].answer = answer

    def release(self, key: TokenKey) -> None:
        """Free the token of a call that was refused."""
        self._uses.pop(key, None)
