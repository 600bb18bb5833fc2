"""Pages of rows that are no records: a NextToken is the number of rows shown so far."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from .context import Ctx

T = TypeVar("T")


def cut(ctx: Ctx, rows: list[T], token: str, length: int) -> tuple[list[T], str]:
    """Cut the page that a token asks for; "" is the first, and the token of the last.

    :raises ApiError: a NextToken that is none
    """
    try:
        start = int(base64.urlsafe_b64decode(token.encode() or b"MA=="))
    except (ValueError, binascii.Error):
        raise ctx.error(
            *("Invalid.NextToken", "InValidParameter.NextToken", "InvalidParameter"),
            message="The specified NextToken is invalid.",
        ) from None
    end = start + length
    following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(rows) else ""
    return rows[start:end], following
