"""By how much this machine's clock is wrong, for errors about signatures that are too old."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from alicloud_cpi.clock import Clock

# Seconds. A smaller difference is not reported.
_TOLERANCE = 60


def describe_difference(date: str, clock: Clock) -> str:
    """Return how far the clock is from a response's Date; empty if they agree or it is no date."""
    try:
        cloud = parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return ""
    seconds = clock.wall() - cloud
    if abs(seconds) < _TOLERANCE:
        return ""
    direction = "ahead of" if seconds > 0 else "behind"
    return f" - this machine's clock is {abs(seconds):.0f} s {direction} the cloud's"
