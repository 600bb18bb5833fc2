"""ClientToken: the same token and parameters get the same answer, nothing is made twice.

A token is spent by the first request that the cloud judges, also by one that it refuses: the same
token is then answered IdempotentFailed (real-cloud.md, "ClientToken after a refusal"). Throttling,
a failed signature and a failure of the cloud itself come before the token is looked at. Tokens are
kept for 24 hours of the world clock (the sources say "for hours"), the newest 20,000 at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

KEPT_SECONDS = 24 * 3600.0
MOST_TOKENS = 20_000

_SERVER_ERROR = 500
# Refused before the token is looked at, or not refused for good.
_BEFORE_TOKEN = (
    "Throttling",
    "Rejected.Throttling",
    "Signature",
    "IncompleteSignature",
    "InvalidTimeStamp",
    "InvalidSecurityToken",
    "InvalidAccessKeyId",
    "DryRunOperation",
)

TokenKey = tuple[str, str, str, str]
"""Account, region, qualified action, token."""


def spends_token(code: str, status: int) -> bool:
    """Whether a refusal with this code leaves the request's ClientToken spent."""
    return (
        status < _SERVER_ERROR and not code.startswith(_BEFORE_TOKEN) and "Processing" not in code
    )


class Twin(Enum):
    """What is known of a token when a call brings it."""

    NONE = "none"
    RUNNING = "running"
    DIFFERENT = "different"
    FAILED = "failed"
    DONE = "done"


@dataclass
class _Use:
    params: dict[str, str]
    at: float
    answer: dict[str, Any] | None = None
    failed: bool = False


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
        if use.failed:
            return Twin.FAILED, None
        return (Twin.RUNNING, None) if use.answer is None else (Twin.DONE, use.answer)

    def finish(self, key: TokenKey, answer: dict[str, Any]) -> None:
        """Keep the answer for repeats."""
        if key in self._uses:
            self._uses[key].answer = answer

    def fail(self, key: TokenKey) -> None:
        """Keep the token as spent: its call was judged and refused."""
        if key in self._uses:
            self._uses[key].failed = True

    def release(self, key: TokenKey) -> None:
        """Free the token of a call that was not judged."""
        self._uses.pop(key, None)
