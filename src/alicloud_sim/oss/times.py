"""Times as OSS's documents have them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: float) -> str:
    """Write a time: 2012-02-24T08:42:32.000Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
