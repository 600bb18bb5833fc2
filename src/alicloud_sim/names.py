"""Names and descriptions of resources: what the cloud refuses (semantics.md "Names and text")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Ctx

LINKS = ("http://", "https://")
LETTER = "A-Za-z\u4e00-\u9fff"
NAME = re.compile(rf"[{LETTER}][{LETTER}0-9:_.\-]*")


def check_name(ctx: Ctx, name: str, *codes: str, shortest: int = 2, longest: int = 128) -> None:
    """Refuse a name of a bad form; "" is absent and passes.

    A name starts with a letter; letters, digits and : _ - . follow.

    :raises ApiError: with the first of the codes that the action documents
    """
    good = shortest <= len(name) <= longest and NAME.fullmatch(name)
    if name and (not good or name.startswith(LINKS)):
        raise ctx.error(*codes, "InvalidParameter", message=f"The name {name!r} is not valid.")


def check_description(
    ctx: Ctx, text: str, *codes: str, shortest: int = 2, longest: int = 256
) -> None:
    """Refuse a description that is too short, too long or a link; "" is absent and passes.

    :raises ApiError: with the first of the codes that the action documents
    """
    if text and (not shortest <= len(text) <= longest or text.startswith(LINKS)):
        raise ctx.error(*codes, "InvalidParameter", message="The description is not valid.")
