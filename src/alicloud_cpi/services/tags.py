"""Tags: what the cloud accepts of them, and writing them without failing a call.

The Director deletes a VM whose metadata could not be set, so a refused tag must not be an error:
what can be adapted is adapted, what exceeds the limits is dropped, and a refusal is a warning in
the log. What identifies a resource goes first: the CPI's own tags, then the Director's. Users' tags
get what is left; each one that is changed or dropped is named in the log.

Limits (semantics.md section 8, the strictest of the sources): 20 per resource; keys 1-64, values up
to 128 characters; no ``http://`` or ``https://`` inside, neither starting with ``aliyun`` or
``acs:``; keys are unique without regard to case.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from aliyunsdkecs.request.v20140526.TagResourcesRequest import TagResourcesRequest
from aliyunsdkecs.request.v20140526.UntagResourcesRequest import UntagResourcesRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.services.instance import PROTECTED_TAG

logger = logging.getLogger(__name__)

# On everything that the CPI creates: operators list it, and restrict policies to it.
MARK = ("bosh-cpi", "alicloud")

# On the snapshots of a stemcell's image: the image. They outlive it and can be found by it.
IMAGE_KEY = "bosh-cpi-image"

# Capacity reservations match instances by this tag.
GROUP_TAG = "environment_bosh_group_for_using_capacity_reservation_in_alicloud_iaas"

# What the Director sets with set_vm_metadata and set_disk_metadata.
DIRECTOR_KEYS = (
    *("director", "deployment", "job", "instance_group", "id", "index", "name", "created_at"),
    *("instance_id", "instance_index", "instance_name", "attached_at"),
)
# The most that it sets on one resource.
DIRECTOR_TAGS = 8

MAX_TAGS = 20
_MAX_KEY = 64
_MAX_VALUE = 128
_RESERVED = ("aliyun", "acs:")
_LINK = re.compile(r"(https?):/{2,}", re.IGNORECASE)

_NOT_FOUND = "InvalidResourceId.NotFound"
# The tags do not fit beside those of the resource: too many, or a key differs by case only.
_DO_NOT_FIT = (
    *("QuotaExceed.Tags", "NumberExceed.Tags", "InvalidTagCount", "OperationDenied.QuotaExceed"),
    *("TagKey.Duplication", "Duplicate.TagKey"),
)


def for_creation(
    tags: Mapping[str, Any],
    *,
    own: Mapping[str, str] | None = None,
    reserved: int = DIRECTOR_TAGS,
) -> list[dict[str, str]]:
    """Return the tags that a resource is created with: the mark, ``own``, and what fits beside.

    :param own: further tags of the CPI, which the others do not replace
    :param reserved: how many places are kept for the Director's tags
    """
    fixed = dict([MARK])
    for key, value in (own or {}).items():
        fixed[key] = _adapt(value, max_length=_MAX_VALUE)
    accepted = _accepted(tags, fixed)
    return encode({**_limited(accepted, MAX_TAGS - len(fixed), reserved), **fixed})


def _limited(tags: Mapping[str, str], room: int, reserved: int = 0) -> dict[str, str]:
    """Return the tags that fit, the Director's first; the log names those that do not."""
    first = {key: value for key, value in tags.items() if _identifies(key)}
    others = {key: value for key, value in tags.items() if key not in first}
    kept = dict(list(others.items())[: max(0, room - max(len(first), reserved))])
    _log_dropped(key for key in others if key not in kept)
    return {**first, **kept}


def _identifies(key: str) -> bool:
    return key.lower() in DIRECTOR_KEYS or key == GROUP_TAG


def _log_dropped(keys: Iterable[str]) -> None:
    dropped = ", ".join(keys)
    if dropped:
        logger.warning("a resource has at most %d tags: dropped %s", MAX_TAGS, dropped)


def encode(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags for a request, in a stable order: their order counts for a ClientToken."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def to_text(value: Any) -> str:
    """Return any JSON value as text: 1, true, and nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _accepted(tags: Mapping[str, Any], own: Collection[str]) -> dict[str, str]:
    """Return the tags in a form that the cloud accepts; the log names those that are changed.

    Of two keys that differ in case only, the later one is taken.

    :param own: keys of the CPI, which are left out
    """
    accepted: dict[str, str] = {}
    own_keys = {key.lower() for key in own}
    for key, value in tags.items():
        name, text = to_text(key), to_text(value)
        fitting, shown = _adapt(name, max_length=_max_key(name)), name[:_MAX_KEY]
        if not fitting:
            continue
        if fitting.lower() in own_keys:
            logger.warning("tag %s is set by the CPI only", shown)
            continue
        if fitting != name:
            logger.warning("the key of tag %s was changed to %s", shown, fitting)
        for other in [other for other in accepted if other.lower() == fitting.lower()]:
            logger.warning("tag %s replaces tag %s", fitting, other)
            del accepted[other]
        accepted[fitting] = _adapt(text, max_length=_MAX_VALUE)
        if accepted[fitting] != text:
            logger.warning("the value of tag %s was changed to fit", fitting)
    return accepted


def _max_key(key: str) -> int:
    return len(key) if key == GROUP_TAG else _MAX_KEY


def _adapt(text: str, *, max_length: int) -> str:
    text = _LINK.sub(r"\1:", text)
    if text.lower().startswith(_RESERVED):
        text = f"_{text}"
    return text[:max_length]


def fit(existing: Mapping[str, str], tags: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the tags to write on a resource that has ``existing`` ones, and keys to remove.

    The CPI's tags stay, then the Director's come, then what the resource has, then the rest. Of
    what it has, tags that are written again are removed first: they are the manifest's.
    """
    # A key that exists is overwritten, in the spelling that it has.
    spelling = {key.lower(): key for key in existing}
    wanted = {spelling.get(key.lower(), key): value for key, value in tags.items()}
    ranked = sorted({**existing, **wanted}, key=lambda key: _rank(key, existing, wanted))
    kept, dropped = ranked[:MAX_TAGS], ranked[MAX_TAGS:]
    _log_dropped(dropped)
    written = {key: wanted[key] for key in kept if key in wanted}
    return written, [key for key in dropped if key in existing]


def _rank(key: str, existing: Collection[str], wanted: Collection[str]) -> int:
    if key in (MARK[0], IMAGE_KEY, GROUP_TAG, PROTECTED_TAG):
        return 0
    if _identifies(key):
        return 1
    if key in existing:
        return 3 if key in wanted else 2
    return 4


class Tags:
    """Tags on resources of ECS."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def set(
        self,
        kind: str,
        resource_id: str,
        region: str,
        tags: Mapping[str, Any],
        existing: Callable[[], Mapping[str, str]],
        *,
        own: Mapping[str, str] | None = None,
    ) -> bool:
        """Set tags of a resource; returns whether the region has it. A refusal is only logged.

        :param kind: ``instance``, ``disk``, ``snapshot`` or ``image``
        :param existing: reads the resource's tags, asked only if the cloud finds them too many
        :param own: further tags, of the CPI
        """
        fixed = own or {}
        accepted = _accepted(tags, {MARK[0], IMAGE_KEY, GROUP_TAG, PROTECTED_TAG, *fixed})
        # If no tag of the CPI is among them, the resource has its mark already.
        wanted = {**_limited(accepted, MAX_TAGS - max(1, len(fixed))), **fixed}
        try:
            try:
                self._tag(kind, resource_id, region, wanted)
            except ApiError as error:
                if error.code not in _DO_NOT_FIT:
                    raise
                self._tag_beside(kind, resource_id, region, wanted, existing())
        except ApiError as error:
            if error.code == _NOT_FOUND:
                return False
            logger.warning("the tags of %s '%s' were not set: %s", kind, resource_id, error.message)
        return True

    def set_on_children(
        self, kind: str, resource_ids: Sequence[str], region: str, tags: Mapping[str, Any]
    ) -> None:
        """Set tags of resources that were created with a VM. A refusal is only logged.

        :param kind: ``disk`` or ``eni``
        """
        accepted = _accepted(tags, {MARK[0], IMAGE_KEY, GROUP_TAG, PROTECTED_TAG})
        wanted = encode(_limited(accepted, MAX_TAGS - 1))
        if not (resource_ids and wanted):
            return
        request = TagResourcesRequest()
        request.set_ResourceType(kind)
        request.set_ResourceIds(list(resource_ids))
        request.set_Tags(wanted)
        try:
            self._client.send(request, region, idempotent=True)
        except ApiError as error:
            logger.warning(
                "the tags of %s %s were not set: %s", kind, ", ".join(resource_ids), error.message
            )

    def _tag_beside(
        self,
        kind: str,
        resource_id: str,
        region: str,
        tags: Mapping[str, str],
        existing: Mapping[str, str],
    ) -> None:
        """Set the tags that fit beside others; users' tags are removed where there is no room."""
        written, removed = fit(existing, tags)
        if removed:
            request = UntagResourcesRequest()
            request.set_ResourceType(kind)
            request.set_ResourceIds([resource_id])
            request.set_TagKeys(removed)
            self._client.send(request, region, idempotent=True)
        self._tag(kind, resource_id, region, written)

    def _tag(self, kind: str, resource_id: str, region: str, tags: Mapping[str, str]) -> None:
        if not tags:
            return
        request = TagResourcesRequest()
        request.set_ResourceType(kind)
        request.set_ResourceIds([resource_id])
        request.set_Tags(encode(tags))
        self._client.send(request, region, idempotent=True)
