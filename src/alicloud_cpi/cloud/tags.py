"""Tags: what the cloud accepts of them, and writing them without ever failing a call over it.

A refused tag must not cost a VM: the Director deletes a VM whose metadata could not be set. So
what can be mended is mended, what exceeds the limits is dropped, and a refusal is a warning.

Limits (API reference, semantics section 8, the strictest of the sources): 20 per resource; keys
1-64, values up to 128 characters; no ``http://`` or ``https://`` inside, neither starting with
``aliyun`` or ``acs:``; keys are unique without regard to case.
"""

from __future__ import annotations

import json
import re

from alicloud_cpi import log
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.cloud.wire.retry import harmless_twice
from alicloud_cpi.units import cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.api import Api

# On all that the CPI makes, from the start: by it operators list that, and restrict policies to it.
MARK = ("bosh-cpi", "alicloud")

# On the snapshots under a stemcell's image: the image. They outlive it, and can be found by it.
IMAGE_KEY = "bosh-cpi-image"

MOST_TAGS = 20
_LONGEST_KEY = 64
_LONGEST_VALUE = 128
_RESERVED = ("aliyun", "acs:")
_LINK = re.compile(r"(https?):/{2,}", re.IGNORECASE)


def normalised(tags: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags as the cloud takes them: text, in length, no reserved words.

    Of two keys that differ in case only, the later one wins. At most 20 remain; the log names
    the keys that were dropped.
    """
    return _at_most(_mended(tags, _LONGEST_KEY), MOST_TAGS)


def at_creation(
    tags: Mapping[str, Any], *, longest_key: int = _LONGEST_KEY
) -> list[dict[str, str]] | None:
    """Spell the tags that something is made with: the mark, and what fits beside it."""
    key, value = MARK
    others = {
        name: text for name, text in _mended(tags, longest_key).items() if name.lower() != key
    }
    return wire({**_at_most(others, MOST_TAGS - 1), key: value})


def _mended(tags: Mapping[str, Any], longest_key: int) -> dict[str, str]:
    accepted: dict[str, str] = {}
    for key, value in tags.items():
        name = _accepted(text(key), longest_key)
        if name:
            same = [other for other in accepted if other.lower() == name.lower()]
            for other in same:
                del accepted[other]
            accepted[name] = _accepted(text(value), _LONGEST_VALUE)
    return accepted


def beside(existing: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, str]:
    """Return what of ``tags`` fits on a resource that has ``existing`` ones."""
    has = {key.lower() for key in existing}
    # A key that is there already is overwritten, under the spelling that it has there.
    spelled = {key.lower(): key for key in existing}
    changed = {spelled[key.lower()]: value for key, value in tags.items() if key.lower() in has}
    new = {key: value for key, value in tags.items() if key.lower() not in has}
    return {**changed, **_at_most(new, MOST_TAGS - len(existing))}


def wire(tags: Mapping[str, str]) -> list[dict[str, str]] | None:
    """Spell tags for a request, in a stable order: their order counts for a ClientToken."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)] or None


def text(value: Any) -> str:
    """Return any JSON value as text: 1, true, and nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _accepted(value: str, longest: int) -> str:
    value = _LINK.sub(r"\1:", value)
    if value.lower().startswith(_RESERVED):
        value = f"_{value}"
    return cut(value, longest)


def _at_most(tags: dict[str, str], most: int) -> dict[str, str]:
    kept = dict(list(tags.items())[: max(0, most)])
    dropped = [key for key in tags if key not in kept]
    if dropped:
        log.warning("more than %d tags: dropped %s", MOST_TAGS, ", ".join(dropped))
    return kept


class Tags:
    """Tags on resources of ECS."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        del regions, clock  # a tag is written where its resource is, and at once

    def add(
        self,
        kind: str,
        resource_id: str,
        region: str,
        tags: Mapping[str, Any],
        existing: Mapping[str, str],
    ) -> None:
        """Add tags to a resource that has ``existing`` ones; a refusal is only logged.

        :param kind: ``instance``, ``disk``, ``snapshot`` or ``image``
        """
        wanted = beside(existing, normalised(tags))
        if not wanted:
            return
        try:
            self._ecs.call(
                "TagResources",
                region,
                ResourceType=kind,
                ResourceId=[resource_id],
                Tag=wire(wanted),
                unless=harmless_twice,
            )
        except ApiError as failure:
            log.warning("the tags of %s '%s' were not set: %s", kind, resource_id, failure.message)
