"""Log lines on stderr, and the one place that keeps secrets out of every output.

The Director appends stderr to the task's CPI log and copies it unredacted into the task's debug
log, so nothing written here may hold a secret. Two layers see to that: no module logs a payload
(lines name actions, ids, codes and durations only), and ``Secrets`` blanks every value that is
known to be secret, wherever it turns up, in log lines and in the answer's error message.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

REDACTED = "<redacted>"

# Shorter values are words of the language more often than secrets, and would blank half a line.
_SHORTEST = 6

# In requests and configuration, what stands under a key with one of these words is secret.
_SECRET_WORDS = (
    "secret",
    "password",
    "token",
    "private_key",
    "access_key",
    "accesskey",
    "cert",
    "user_data",
    "userdata",
    "signature",
    "credential",
    "mbus",
)


class Secrets:
    """The secret values of one call; ``blank`` removes them from a text."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, *values: object) -> None:
        """Remember values that must never be shown, in every spelling an output may carry."""
        for value in values:
            if isinstance(value, str) and len(value) >= _SHORTEST:
                self._values.update(_spellings(value))

    def add_from(self, document: object) -> None:
        """Remember what a JSON document holds under keys that name secrets."""
        for value in _secret_values(document, secret=False):
            self.add(value)
            # A PEM block is shown line by line by some programs: each line is a secret too.
            self.add(*(line for line in value.splitlines() if "-----" not in line))

    def blank(self, text: str) -> str:
        """Return the text with every known secret replaced."""
        for value in sorted(self._values, key=len, reverse=True):
            if value in text:
                text = text.replace(value, REDACTED)
        return text


def _secret_values(document: object, *, secret: bool) -> Iterator[str]:
    if isinstance(document, dict):
        for key, value in document.items():
            named = any(word in str(key).lower() for word in _SECRET_WORDS)
            yield from _secret_values(value, secret=secret or named)
    elif isinstance(document, list):
        for value in document:
            yield from _secret_values(value, secret=secret)
    elif secret and isinstance(document, str):
        yield document


def _spellings(value: str) -> Iterator[str]:
    """Yield the value as it is, as JSON escapes it and as a signed request percent-encodes it."""
    import json
    from urllib.parse import quote

    once = quote(value, safe="~")
    yield from (value, json.dumps(value)[1:-1], once, quote(once, safe="~"))


def start(secrets: Secrets, *, method: str, request_id: str) -> None:
    """Send the log lines of this call to stderr.

    A line reads ``2026-11-23T03:00:00.123Z INFO cpi-000042 attach_disk: ...``.
    """
    import logging
    import time

    class Lines(logging.Formatter):
        converter = staticmethod(time.gmtime)

        def format(self, record: logging.LogRecord) -> str:
            return secrets.blank(super().format(record))

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        Lines(
            f"%(asctime)s.%(msecs)03dZ %(levelname)s {_plain(request_id)} {_plain(method)}: "
            "%(message)s",
            "%Y-%m-%dT%H:%M:%S",
        )
    )
    ours = logging.getLogger("alicloud_cpi")
    ours.handlers[:] = [handler]
    ours.setLevel(logging.DEBUG)
    # The SDK's own loggers print whole requests at DEBUG, the root logger would print ours twice.
    ours.propagate = False


def _plain(name: Any) -> str:
    """Return a name that can stand in a format string and on one line."""
    kept = "".join(c for c in str(name) if c.isprintable() and c not in "%{}")
    return kept[:64] or "-"
