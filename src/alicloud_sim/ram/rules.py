"""Names, descriptions and pages as RAM has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from alicloud_sim.offsets import cut

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

T = TypeVar("T")
NAME = {"RoleName": re.compile(r"[A-Za-z0-9.-]+"), "PolicyName": re.compile(r"[A-Za-z0-9-]+")}
LONGEST = {"RoleName": 64, "PolicyName": 128}
LONGEST_DESCRIPTION = 1024
USUAL_PAGE, LONGEST_PAGE = 100, 1000


def check_name(ctx: Ctx, p: Params, field: str) -> str:
    """Read a name.

    :raises ApiError: too long, or with other characters than letters, digits and a hyphen
    """
    name = p.text(field)
    if len(name) > LONGEST[field]:
        raise ctx.error(
            f"InvalidParameter.{field}.Length", message=f"{field} has at most {LONGEST[field]}."
        )
    if not NAME[field].fullmatch(name):
        raise ctx.error(
            f"InvalidParameter.{field}.InvalidChars",
            message=f'The parameter - "{field}" contains invalid chars.',
        )
    return name


def check_description(ctx: Ctx, text: str) -> str:
    """Refuse a description that is too long.

    :raises ApiError: InvalidParameter.Description.Length
    """
    if len(text) > LONGEST_DESCRIPTION:
        raise ctx.error(
            "InvalidParameter.Description.Length", message="A description has at most 1024."
        )
    return text


def page(ctx: Ctx, p: Params, rows: list[T]) -> tuple[list[T], dict[str, Any]]:
    """Cut the page that Marker and MaxItems ask for.

    :raises ApiError: a page that is too long, or a Marker that is none
    """
    size = p.integer("MaxItems", USUAL_PAGE)
    if not 1 <= size <= LONGEST_PAGE:
        raise ctx.error("InvalidParameter", message=f"MaxItems is 1 to {LONGEST_PAGE}.")
    shown, marker = cut(ctx, rows, p.text("Marker"), size)
    return shown, {"IsTruncated": bool(marker), **({"Marker": marker} if marker else {})}
