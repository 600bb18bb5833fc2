"""JSON by the C code of the standard library, without the rest of its ``json`` package.

The package imports regular expressions to skip spaces, which takes longer than all else that
``info`` does. What the C code alone does not take, a document that is wrong above all, is left to
the package: outcomes and errors are its own.
"""

from __future__ import annotations

from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SPACES = " \t\r\n"


class _Rules:
    """What the scanner asks a decoder for: the package's own defaults."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = None  # NaN and Infinity, which are no JSON: for the package to judge


def loads(text: bytes, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """Return what ``json.loads`` returns.

    :raises ValueError: as ``json.loads`` does
    """
    try:
        document = text.decode().strip(_SPACES)
        value, end = make_scanner(_Rules)(document, 0)  # type: ignore[arg-type]
        if end == len(document):
            return value
    except Exception:  # noqa: BLE001, S110 - whatever it is, the package says it in its own words
        pass
    import json

    return json.loads(text, parse_constant=parse_constant)


def dumps(value: Any) -> str:
    """Return what ``json.dumps`` returns."""
    try:
        encode = make_encoder(
            None, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, False
        )
        return "".join(encode(value, 0))
    except Exception:  # noqa: BLE001 - as above
        import json

        return json.dumps(value)


def _refuse(value: object) -> None:
    raise TypeError(type(value).__name__)
