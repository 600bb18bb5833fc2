"""No core dumps: the memory of a call holds the account's keys and the passwords of its VM."""

from __future__ import annotations

import resource


def forbid() -> None:
    """Let a crash leave no image of this process, neither as a file nor with a crash reporter.

    To a reporter that ``core_pattern`` names, Linux hands an image whatever the limit is, but for
    the limit of one byte; and no core file fits into that.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    limit = min(1, hard) if hard != resource.RLIM_INFINITY else 1
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
