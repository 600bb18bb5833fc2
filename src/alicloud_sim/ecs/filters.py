"""What the filters of ECS lists have in common."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from alicloud_sim.context import Ctx


def check(ctx: Ctx, value: str, known: Collection[str], *codes: str) -> None:
    """Refuse a filter value that nothing can ever have; "" is no filter.

    :raises ApiError: with the first of the codes that the action documents
    """
    if value and value not in known:
        raise ctx.error(
            *codes, "InvalidParameter", message=f"The specified value {value} is not supported."
        )


def name_fits(name: str, pattern: str) -> bool:
    """Match a name filter: exact, or fuzzy with asterisks; "" is no filter."""
    return not pattern or fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))
