"""Tags: what is refused, and how lists filter by them (semantics.md section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Ctx
    from .errors import ApiError
    from .params import Params

MOST_TAGS = 20
LONGEST_KEY = 128
LONGEST_VALUE = 128
RESERVED = ("aliyun", "acs:")
LINKS = ("http://", "https://")


def read(
    ctx: Ctx, items: list[Params], present: dict[str, str] | None = None, longest_key: int = 128
) -> dict[str, str]:
    """Check the tags of a call (p.items("Tag")) and add them to those present.

    :raises ApiError: malformed, given twice (case does not count), or too many
    """
    given: dict[str, str] = {}
    for item in items:
        key, value = item.text("Key"), item.text("Value")
        _check(ctx, key, value, longest_key)
        if key.lower() in {known.lower() for known in given}:
            raise ctx.error(
                "Duplicate.TagKey",
                "TagKey.Duplication",
                "Forbidden.TagKey.Duplicated",
                "InvalidParameter",
                message=f"The Tag key {key} is duplicated.",
            )
        given[key] = value
    merged = {**(present or {}), **given}
    if len(merged) > MOST_TAGS:
        raise ctx.error(
            "QuotaExceed.Tags",
            "NumberExceed.Tags",
            "InvalidTagCount",
            "QuotaExceeded.TagNum",
            "QuotaLimitExceeds",
            "SizeLimitExceeded.Tag",
            "InvalidParameter",
            message=f"A resource has at most {MOST_TAGS} tags.",
        )
    return merged


def _check(ctx: Ctx, key: str, value: str, longest_key: int) -> None:
    """Refuse a key or a value of a bad form."""
    bad_key = (
        not 1 <= len(key) <= longest_key
        or key.lower().startswith(RESERVED)
        or any(link in key for link in LINKS)
    )
    if bad_key:
        raise _malformed(ctx, "Key", key)
    if len(value) > LONGEST_VALUE or any(link in value for link in LINKS):
        raise _malformed(ctx, "Value", value)


def _malformed(ctx: Ctx, part: str, text: str) -> ApiError:
    return ctx.error(
        f"InvalidTag{part}.Malformed",
        f"InvalidTag{part}",
        f"InvalidParam.Tag{part}",
        "InvalidParameter",
        message=f"The specified Tag.n.{part} {text!r} is not valid.",
    )


def match(tags: dict[str, str], filters: list[Params]) -> bool:
    """Whether tags fit a list's Tag.N filter: every key, and its value where one is given."""
    for item in filters:
        key = item.text("Key")
        if key not in tags or (item.given("Value") and tags[key] != item.text("Value")):
            return False
    return True


def shown(tags: dict[str, str]) -> list[dict[str, str]]:
    """Write tags as ECS describes have them: a list of TagKey and TagValue."""
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
