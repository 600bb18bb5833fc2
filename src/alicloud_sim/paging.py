"""Pages of a list: PageNumber and PageSize, or MaxResults and NextToken.

With MaxResults or NextToken the page parameters are ignored and TotalCount means nothing
(0 here); MaxResults below 10 means 10 (semantics.md "Lists"). A NextToken names the last
record shown, so that what is made meanwhile does not shift the pages.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .context import Ctx
    from .params import Params

R = TypeVar("R", bound=Record)
DEFAULT_SIZE = 10


@dataclass(frozen=True)
class Page(Generic[R]):
    """The rows of one page and the fields of the answer that tell about paging."""

    rows: list[R]
    fields: dict[str, Any]


def newest_first(rows: Iterable[R]) -> list[R]:
    """Sort as ECS lists: the newest first."""
    return sorted(rows, key=lambda row: row.created, reverse=True)


def chosen(rows: Iterable[R], ids: list[str] | None) -> list[R]:
    """Keep the rows of an id filter: None is no filter, an empty list matches nothing."""
    return [row for row in rows if ids is None or row.id in ids]


def page(
    ctx: Ctx, p: Params, rows: list[R], size: int = DEFAULT_SIZE, least: int = DEFAULT_SIZE
) -> Page[R]:
    """Cut the page that was asked for and note its records as seen.

    The parameters the action has must be declared; `size` is what the action takes when
    none is given, its upper limits are the catalogue's, `least` is what a smaller MaxResults
    means.

    :raises ApiError: a NextToken that is none
    """
    known = ctx.spec.request
    most = p.integer("MaxResults") if "MaxResults" in known else None
    token = p.text("NextToken") if "NextToken" in known else ""
    fields: dict[str, Any]
    if most is not None or token or "PageNumber" not in known:
        length = max(most or size, least)
        start = _start(ctx, token, rows)
        shown = rows[start : start + length]
        more = start + length < len(rows)
        fields = {"MaxResults": length, "NextToken": _token(shown[-1]) if more else ""}
        if "PageNumber" in known:
            fields |= {"TotalCount": 0, "PageNumber": 1, "PageSize": length}
    else:
        number, length = p.integer("PageNumber", 1) or 1, p.integer("PageSize", size)
        shown = rows[(number - 1) * length : number * length]
        fields = {"TotalCount": len(rows), "PageNumber": number, "PageSize": length}
    if "TotalCount" not in fields:
        fields["TotalCount"] = len(rows)
    for row in shown:
        ctx.world.observe(row)
    return Page(shown, {k: v for k, v in fields.items() if k in ctx.spec.response})


def _token(last: Record) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.id, last.created]).encode()).decode()


def _start(ctx: Ctx, token: str, rows: list[R]) -> int:
    """Find the first row after the one the token names, even if that one is gone."""
    if not token:
        return 0
    try:
        last_id, created = json.loads(base64.urlsafe_b64decode(token.encode()))
        created = float(created)
    except (ValueError, TypeError):
        raise ctx.error(
            "Invalid.NextToken",
            "InValidParameter.NextToken",
            "InvalidParameter",
            message="The specified NextToken is invalid.",
        ) from None
    for at, row in enumerate(rows):
        if row.id == last_id:
            return at + 1
    newest = len(rows) > 1 and rows[0].created > rows[-1].created
    gone = [at for at, r in enumerate(rows) if (r.created < created) == newest]
    return gone[0] if gone else len(rows)
