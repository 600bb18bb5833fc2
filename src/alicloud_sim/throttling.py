"""Call limits per account: a token bucket, or a quota per minute as the real cloud counts.

A limit as JSON: {"service": "ecs", "action": "AttachDisk", "rate": 5, "burst": 10} or
{"action": "*", "per_minute": 500}; further "code" (Throttling.User), "retry_after_ms"
(header x-acs-retry-after) and "wide" (true: all actions that fit share one bucket).
Minutes and rates follow the world's clock.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from . import control_input as ci
from .errors import ApiError
from .registry import check_pattern

Share = tuple[str, str, str]
MINUTE_SECONDS = 60
CHECKS: dict[str, ci.Check] = {
    "service": ci.filled,
    "action": ci.filled,
    "rate": ci.number(0, ci.MOST_CALLS),
    "burst": ci.number(0, ci.MOST_CALLS),
    "per_minute": ci.whole(0, ci.MOST_CALLS),
    "code": ci.filled,
    "retry_after_ms": ci.whole(0, ci.MOST_CALLS),
    "wide": ci.flag,
}


@dataclass
class Limit:
    """One limit and what is used up, by account, service and action."""

    service: str = "*"
    action: str = "*"
    rate: float = 0.0
    burst: float = 1.0
    per_minute: int = 0
    code: str = "Throttling.User"
    retry_after_ms: int = 0
    wide: bool = False
    used: dict[Share, tuple[float, float]] = field(default_factory=dict)

    def admit(self, account: str, service: str, action: str, now: float) -> bool:
        """Count a call; False if it is one too many."""
        share = (account, "*", "*") if self.wide else (account, service, action)
        if self.per_minute:
            minute = now // MINUTE_SECONDS
            last, count = self.used.get(share, (minute, 0.0))
            count = count if last == minute else 0.0
            self.used[share] = (minute, count + 1)
            return count < self.per_minute
        last, left = self.used.get(share, (now, self.burst))
        left = min(self.burst, left + (now - last) * self.rate)
        self.used[share] = (now, left - 1 if left >= 1 else left)
        return left >= 1


class Throttles:
    """The limits in force."""

    def __init__(self) -> None:
        """Start without limits."""
        self._limits: list[Limit] = []

    def add(self, **limit: Any) -> None:
        """Add a limit.

        :raises ValueError: a limit that makes no sense
        """
        ci.check(limit, CHECKS)
        made = Limit(**limit)
        check_pattern(made.service, made.action)
        self._limits.append(made)

    def clear(self) -> None:
        """Drop all limits."""
        self._limits = []

    def list(self) -> list[dict[str, Any]]:
        """Dump the limits."""
        return [{k: v for k, v in asdict(one).items() if k != "used"} for one in self._limits]

    def check(self, account: str, service: str, action: str, now: float) -> None:
        """Count a call.

        :raises ApiError: if it is one too many
        """
        for limit in self._limits:
            fits = limit.service in ("*", service) and limit.action in ("*", action)
            if fits and not limit.admit(account, service, action, now):
                headers = {}
                if limit.retry_after_ms:
                    headers["x-acs-retry-after"] = str(limit.retry_after_ms)
                raise ApiError(
                    limit.code, "Request was denied due to user flow control.", headers=headers
                )
