"""By how much this machine's clock is wrong, for errors about signatures that are too old."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from alicloud_cpi.clock import Clock

# Seconds of difference between clocks that are not worth a word.
_TOLERANCE = 60


def describe_difference(date: str, clock: Clock) -> str:
    """Compare the clock with the Date of a response; empty if they agree, or it tells no time."""
    try:
        cloud = parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return ""
    seconds = clock.wall() - cloud
    if abs(seconds) < _TOLERANCE:
        return ""
    direction = "ahead of" if seconds > 0 else "behind"
    return f" - this machine's clock is {abs(seconds):.0f} s {direction} the cloud's"
