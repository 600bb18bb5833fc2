"""Logging: one handler on stderr, one filter that redacts, one formatter.

A line reads ``2026-11-23T03:00:00.123Z INFO cpi-000042 attach_disk: ...``. What a caller or the
cloud says never starts a line: control characters are escaped and tracebacks indented.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_cpi.redaction import Secrets

# Characters that end a line somewhere, or that a terminal acts on.
_CONTROLS = (*range(32), *range(127, 160), 0x2028, 0x2029)
_ESCAPES = {code: repr(chr(code))[1:-1] for code in _CONTROLS}

_MAX_NAME = 64


def start(secrets: Secrets, *, method: str, request_id: object) -> None:
    """Send the log lines of this call to stderr; before this there are none."""
    handler = _StderrHandler()
    handler.addFilter(_RedactionFilter(secrets))
    handler.setFormatter(_Formatter(f"{_word(request_id)} {_word(method)}"))
    root = logging.getLogger("alicloud_cpi")
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False


class _StderrHandler(logging.StreamHandler):  # type: ignore[type-arg] # generic for mypy only
    """A handler whose failure does not fail the call."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Ignore a stderr that is closed or full."""


class _RedactionFilter(logging.Filter):
    """Replaces secrets in the message and in the traceback."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Format and redact the record; it is always written."""
        message = record.getMessage().translate(_ESCAPES)
        if record.exc_info:
            traceback = logging.Formatter().formatException(record.exc_info)
            message += "".join(f"\n  {line.translate(_ESCAPES)}" for line in traceback.splitlines())
            record.exc_info = None
        record.msg, record.args = self._secrets.redact(message), ()
        return True


class _Formatter(logging.Formatter):
    """Writes the time in UTC, the level, the call and the message."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, call: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {call}: %(message)s")


def _word(name: object) -> str:
    """Return a name that is one word."""
    kept = "".join(c for c in str(name) if c.isalnum() or c in "-_.")
    return kept[:_MAX_NAME] or "-"
