"""The request ``{method, arguments, context[, api_version]}`` and the response to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi.errors import CpiError

if TYPE_CHECKING:
    from alicloud_cpi.errors import CpiFailure

# The probing ``info`` carries no api_version; Go callers send 0 for "not given".
_DEFAULT_API_VERSION = 1

# Manifests have far fewer levels, and modules that recurse can handle this many.
_MAX_DEPTH = 100

# 16 MiB: the largest requests that Directors send have some hundred KiB.
MAX_REQUEST_BYTES = 16 * 1024 * 1024


class Request(NamedTuple):
    """One well-formed request; method and arguments are not checked against the table yet."""

    method: str
    arguments: list[Any]
    context: dict[str, Any]
    api_version: int


def parse_request(text: bytes) -> Request:
    """Read a request.

    :raises CpiError: naming the part that is missing or of the wrong type
    """
    envelope = _json_object(text)
    for key in ("method", "arguments"):
        if key not in envelope:
            raise CpiError(f"The request has no '{key}'")
    method = _typed(envelope, "method", str, "a string")
    has_context = envelope.get("context") is not None
    return Request(
        method=method,
        arguments=_typed(envelope, "arguments", list, "an array"),
        context=_typed(envelope, "context", dict, "an object") if has_context else {},
        # Callers find out with ``info`` which versions there are: it may have any.
        api_version=_DEFAULT_API_VERSION if method == "info" else _api_version(envelope),
    )


def success(result: Any) -> str:
    """Return the response of a call that succeeded."""
    return _response(result, None)


def failure(error: CpiFailure, message: str) -> str:
    """Return the response of a failed call; ``message`` is the redacted one."""
    # A file name that is no UTF-8 has lone surrogates, which JSON readers refuse.
    shown = message.encode("utf-8", "replace").decode()
    return _response(None, {"type": error.type, "message": shown, "ok_to_retry": error.ok_to_retry})


def _response(result: Any, error: dict[str, Any] | None) -> str:
    # The Director appends stderr and ``log`` to the same file: ``log`` stays empty.
    return json.dumps({"result": result, "error": error, "log": ""})


def _json_object(text: bytes) -> dict[str, Any]:
    if len(text) > MAX_REQUEST_BYTES:
        raise CpiError(f"The request on stdin is longer than {MAX_REQUEST_BYTES} bytes")
    if not text.strip():
        raise CpiError("The request on stdin is empty: expected one JSON object")
    try:
        envelope = json.loads(text, parse_constant=_refuse_constant)
        _check_depth_and_text(envelope, 0)
    except (RecursionError, _TooDeep):
        raise CpiError("The request on stdin is nested too deeply") from None
    except UnicodeEncodeError:
        raise CpiError("The request on stdin is not Unicode: it has a lone surrogate") from None
    except json.JSONDecodeError as error:
        raise CpiError(f"The request on stdin is not JSON ({error})") from None
    except ValueError:
        raise CpiError("The request on stdin is not JSON") from None
    if not isinstance(envelope, dict):
        raise CpiError(f"The request on stdin is {_type_name(envelope)}: expected one JSON object")
    return envelope


class _TooDeep(Exception):
    """A document has more levels than are accepted."""


def _refuse_constant(constant: str) -> None:
    """Refuse NaN and Infinity, which Python's parser accepts and JSON does not have."""
    raise ValueError(constant)


def _check_depth_and_text(value: object, depth: int) -> None:
    """Check what parsers accept and later code cannot handle.

    :raises _TooDeep: too many levels
    :raises UnicodeEncodeError: a string with a lone surrogate
    """
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, (dict, list)):
        if depth == _MAX_DEPTH:
            raise _TooDeep
        if isinstance(value, dict):
            _check_depth_and_text(list(value), depth)
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth_and_text(item, depth + 1)


def _typed(envelope: dict[str, Any], key: str, kind: type, expected: str) -> Any:
    value = envelope[key]
    if not isinstance(value, kind):
        raise CpiError(f"The request's '{key}' is {_type_name(value)}: expected {expected}")
    return value


def _api_version(envelope: dict[str, Any]) -> int:
    value = envelope.get("api_version")
    if value is None:
        return _DEFAULT_API_VERSION
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise CpiError("The request's 'api_version' must be a positive integer")
    return value or _DEFAULT_API_VERSION


def _type_name(value: object) -> str:
    """Name a JSON value's type, for messages that must not show the value."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    return names.get(type(value)) or ("an array" if isinstance(value, list) else "an object")
