"""The answer: one JSON object with ``result``, ``error`` and ``log``.

``log`` stays empty: the Director appends both stderr and ``log`` to the task's CPI log, and a line
in each would be shown twice.
"""

from __future__ import annotations

from alicloud_cpi import quick_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.errors import CpiFailure


def success(result: Any) -> str:
    """Return the answer of a call that ended well."""
    return quick_json.dumps({"result": result, "error": None, "log": ""})


def failure(error: CpiFailure, message: str) -> str:
    """Return the answer of a failed call; ``message`` has no secret in it."""
    # A file name that is no text would end up as half characters, which break readers.
    shown = message.encode("utf-8", "replace").decode()
    told = {"type": error.type, "message": shown, "ok_to_retry": error.ok_to_retry}
    return quick_json.dumps({"result": None, "error": told, "log": ""})
