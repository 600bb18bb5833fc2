"""Every record of a Describe or List action, page by page; and one resource in several regions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, TypeVar

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.response import Fields

T = TypeVar("T")

# Far more than an account has of anything: 100,000 records.
_MAX_PAGES = 1000

# The largest page that the Describe and List actions offer.
PAGE_SIZE = 100

# VPC's Describe actions count pages instead, of at most 50 records.
_NUMBERED_PAGE_SIZE = 50


def paginate(client: Client, request: Any, region: str, *path: str) -> Iterator[Fields]:
    """Yield the records of all pages.

    :param request: an SDK request object with MaxResults and NextToken
    :param path: where the response has its list, such as ``"Disks", "Disk"``
    :raises ApiError: the pages do not end
    """
    request.set_MaxResults(PAGE_SIZE)
    tokens: set[str] = set()
    while True:
        response = client.send(request, region, expect=path)
        yield from response.records(*path)
        token = response.text("NextToken")
        if not token:
            return
        if token in tokens or len(tokens) == _MAX_PAGES:
            raise response.malformed("NextToken", "empty or a new one, within 1000 pages")
        tokens.add(token)
        request.set_NextToken(token)


def numbered_pages(client: Client, request: Any, region: str, *path: str) -> Iterator[Fields]:
    """Yield the records of all pages of an action with PageNumber and PageSize.

    :param path: where the response has its list, such as ``"VSwitches", "VSwitch"``
    """
    request.set_PageSize(_NUMBERED_PAGE_SIZE)
    for number in count(1):
        request.set_PageNumber(number)
        response = client.send(request, region, expect=path)
        yield from response.records(*path)
        if number * _NUMBERED_PAGE_SIZE >= response.integer("TotalCount"):
            return


def first_found(regions: Sequence[str], find: Callable[[str], T | None]) -> T | None:
    """Return what ``find`` returns for the first region that has it, or None."""
    for region in regions:
        found = find(region)
        if found is not None:
            return found
    return None


def json_ids(*resource_ids: str) -> str:
    """Return an id filter such as DiskIds: a JSON array as text."""
    return json.dumps(resource_ids)
