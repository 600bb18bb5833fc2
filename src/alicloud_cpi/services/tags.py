"""Tags: what the cloud accepts of them, and writing them without failing a call.

The Director deletes a VM whose metadata could not be set, so a refused tag must not be an error:
what can be adapted is adapted, what exceeds the limits is dropped, and a refusal is a warning in
the log.

Limits (semantics.md section 8, the strictest of the sources): 20 per resource; keys 1-64, values up
to 128 characters; no ``http://`` or ``https://`` inside, neither starting with ``aliyun`` or
``acs:``; keys are unique without regard to case.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from aliyunsdkecs.request.v20140526.TagResourcesRequest import TagResourcesRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError

logger = logging.getLogger(__name__)

# On everything that the CPI creates: operators list it, and restrict policies to it.
MARK = ("bosh-cpi", "alicloud")

# On the snapshots of a stemcell's image: the image. They outlive it and can be found by it.
IMAGE_KEY = "bosh-cpi-image"

MAX_TAGS = 20
_MAX_KEY = 64
_MAX_VALUE = 128
_RESERVED = ("aliyun", "acs:")
_LINK = re.compile(r"(https?):/{2,}", re.IGNORECASE)


def sanitize(tags: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags as the cloud accepts them.

    Of two keys that differ in case only, the later one is taken. At most 20 remain; the log names
    the keys that are dropped.
    """
    return _limit(_accepted(tags, _MAX_KEY), MAX_TAGS)


def for_creation(tags: Mapping[str, Any], *, max_key: int = _MAX_KEY) -> list[dict[str, str]]:
    """Return the tags that a resource is created with: the mark, and what fits beside it."""
    key, value = MARK
    others = {name: text for name, text in _accepted(tags, max_key).items() if name.lower() != key}
    return encode({**_limit(others, MAX_TAGS - 1), key: value})


def merge(existing: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags to write on a resource that has ``existing`` ones, within the limit."""
    # A key that exists is overwritten, in the spelling that it has.
    spelling = {key.lower(): key for key in existing}
    changed = {
        spelling[key.lower()]: value for key, value in tags.items() if key.lower() in spelling
    }
    new = {key: value for key, value in tags.items() if key.lower() not in spelling}
    return {**changed, **_limit(new, MAX_TAGS - len(existing))}


def encode(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags for a request, in a stable order: their order counts for a ClientToken."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def to_text(value: Any) -> str:
    """Return any JSON value as text: 1, true, and nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _accepted(tags: Mapping[str, Any], max_key: int) -> dict[str, str]:
    accepted: dict[str, str] = {}
    for key, value in tags.items():
        name = _adapt(to_text(key), max_key)
        if name:
            for other in [other for other in accepted if other.lower() == name.lower()]:
                del accepted[other]
            accepted[name] = _adapt(to_text(value), _MAX_VALUE)
    return accepted


def _adapt(text: str, max_length: int) -> str:
    text = _LINK.sub(r"\1:", text)
    if text.lower().startswith(_RESERVED):
        text = f"_{text}"
    return text[:max_length]


def _limit(tags: dict[str, str], most: int) -> dict[str, str]:
    kept = dict(list(tags.items())[: max(0, most)])
    dropped = [key for key in tags if key not in kept]
    if dropped:
        logger.warning("more than %d tags: dropped %s", MAX_TAGS, ", ".join(dropped))
    return kept


class Tags:
    """Tags on resources of ECS."""

    def __init__(self, client: Client) -> None:
        self._client = client

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
        wanted = merge(existing, sanitize(tags))
        if not wanted:
            return
        request = TagResourcesRequest()
        request.set_ResourceType(kind)
        request.set_ResourceIds([resource_id])
        request.set_Tags(encode(wanted))
        try:
            self._client.send(request, region, idempotent=True)
        except ApiError as error:
            logger.warning("the tags of %s '%s' were not set: %s", kind, resource_id, error.message)
