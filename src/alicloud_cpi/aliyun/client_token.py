"""ClientTokens: what makes a repeated create request find the first one's resource.

A token is spent by the first request that the cloud judges, also by one that it refuses: the same
token is then answered ``IdempotentFailed`` for hours (real-cloud.md, "ClientToken after a
refusal"). So a token is kept while the outcome of its request is unknown, and replaced after a
refusal.
"""

from __future__ import annotations

import hashlib
import uuid

# More than 300 s of retries need, since the pauses between them grow.
_MAX_TOKENS = 100


class ClientTokens:
    """A series of ClientTokens, the same one for the same seed.

    Tokens have 64 ASCII characters, as many as the cloud accepts (semantics.md section 3).
    """

    def __init__(self, seed: str | None = None, *, shared: bool = False) -> None:
        """Start the series.

        :param shared: different requests are sent with it, so that their sender decides which one
            follows a spent token
        """
        self._seed = seed or str(uuid.uuid4())
        self._number = 0
        self.shared = shared

    @property
    def current(self) -> str:
        """The token of the next request."""
        return hashlib.sha256(f"{self._seed}{self._number}".encode()).hexdigest()

    @property
    def exhausted(self) -> bool:
        """Whether the series has no further token."""
        return self._number >= _MAX_TOKENS

    def advance(self) -> None:
        """Go on to the next token: the cloud refused a request with the current one."""
        self._number += 1
