"""The envelope of one call: ``{method, arguments, context[, api_version]}``."""

from __future__ import annotations

from alicloud_cpi import quick_json
from alicloud_cpi.errors import CpiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What the Director speaks when it does not say (the probing ``info`` carries no api_version).
DEFAULT_API_VERSION = 1

# Far more levels than any manifest has, and few enough for every module that works by recursion.
_DEEPEST = 100


class Request:
    """One well-formed call, its method and arguments still unchecked against the table."""

    def __init__(
        self, *, method: str, arguments: list[Any], context: dict[str, Any], api_version: int
    ) -> None:
        self.method = method
        self.arguments = arguments
        self.context = context
        self.api_version = api_version


def parse(text: bytes) -> Request:
    """Read a request.

    :raises CpiError: saying which part of the envelope is missing or of the wrong kind
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
        # ``info`` is how a caller finds out which versions there are: it may ask with any.
        api_version=DEFAULT_API_VERSION if method == "info" else _api_version(envelope),
    )


def _json_object(text: bytes) -> dict[str, Any]:
    if not text.strip():
        raise CpiError("The request on stdin is empty: expected one JSON object")
    try:
        envelope = quick_json.loads(text, parse_constant=_no_json)
        _check(envelope, 0)
    except (RecursionError, _TooDeep):
        raise CpiError("The request on stdin is nested too deeply") from None
    except UnicodeEncodeError:
        raise CpiError("The request on stdin is not Unicode: it has half a character") from None
    except ValueError as error:
        where = f" ({error})" if type(error).__name__ == "JSONDecodeError" else ""
        raise CpiError(f"The request on stdin is not JSON{where}") from None
    if not isinstance(envelope, dict):
        raise CpiError(f"The request on stdin is {_kind(envelope)}: expected one JSON object")
    return envelope


class _TooDeep(Exception):
    """A document has more levels than are read."""


def _no_json(constant: str) -> None:
    """Refuse NaN and Infinity, which Python's parser takes and JSON does not have."""
    raise ValueError(constant)


def _check(value: object, depth: int) -> None:
    """Refuse what could be parsed but not handed on: too many levels, lone surrogates.

    :raises _TooDeep: too many levels
    :raises UnicodeEncodeError: a text that is half of a surrogate pair
    """
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, (dict, list)):
        if depth == _DEEPEST:
            raise _TooDeep
        if isinstance(value, dict):
            _check(list(value), depth)
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)


def _typed(envelope: dict[str, Any], key: str, kind: type, name: str) -> Any:
    value = envelope[key]
    if not isinstance(value, kind):
        raise CpiError(f"The request's '{key}' is {_kind(value)}: expected {name}")
    return value


def _api_version(envelope: dict[str, Any]) -> int:
    value = envelope.get("api_version")
    if value is None:
        return DEFAULT_API_VERSION
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise CpiError("The request's 'api_version' must be a positive integer")
    version: int = value
    return version


def _kind(value: object) -> str:
    """Name a JSON value's type, for messages; never the value."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    return names.get(type(value)) or ("an array" if isinstance(value, list) else "an object")
