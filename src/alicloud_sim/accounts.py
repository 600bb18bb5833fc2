"""Access keys: whose they are, until when they hold, and what they may not do."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field


@dataclass
class AccessKey:
    """A key pair of an account; a temporary one has a token and an expiry (world clock).

    `role` and `session` tell whose keys temporary ones are.
    """

    id: str
    secret: str
    account: str
    token: str = ""
    expires: float | None = None
    enabled: bool = True
    denied: list[str] = field(default_factory=list)
    role: str = ""
    session: str = ""

    def may(self, service: str, action: str) -> bool:
        """Whether no denied pattern names the action ("CreateDisk", "ecs:Delete*", "*")."""
        names = (action, f"{service}:{action}")
        return not any(fnmatch.fnmatchcase(n, pattern) for pattern in self.denied for n in names)
