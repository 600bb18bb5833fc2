"""Finding one resource by its id in the regions that a call looks in."""

from __future__ import annotations

from alicloud_cpi import quick_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    from alicloud_cpi.cloud.wire.api import Api

    T = TypeVar("T")

# The most that the Describe actions return at once.
_PAGE = 100


def first_found(regions: Sequence[str], find: Callable[[str], T | None]) -> T | None:
    """Return what the first region that has it answers, or None where none has it."""
    for region in regions:
        found = find(region)
        if found is not None:
            return found
    return None


def ids(*resource_ids: str) -> str:
    """Spell an id filter: a JSON array as text."""
    return quick_json.dumps(resource_ids)


def every(
    ecs: Api, action: str, region: str, path: tuple[str, str], **filters: Any
) -> Iterator[dict[str, Any]]:
    """Yield the records of a Describe action, all pages of them.

    :param path: where the answer keeps its records, such as ``("Disks", "Disk")``
    """
    token = None
    while True:
        answer = ecs.call(action, region, MaxResults=_PAGE, NextToken=token, **filters)
        yield from records(answer, path)
        token = answer.get("NextToken") or None
        if token is None:
            return


def records(answer: dict[str, Any], path: tuple[str, str]) -> list[dict[str, Any]]:
    """Return the records of an answer; none where the answer leaves the list out."""
    outer, inner = path
    return (answer.get(outer) or {}).get(inner) or []


def tags_of(record: dict[str, Any]) -> dict[str, str]:
    """Return a record's tags."""
    return {tag["TagKey"]: tag.get("TagValue", "") for tag in records(record, ("Tags", "Tag"))}
