"""Conditions of downloads and copies: If-Match and its kin, and ranges.

A condition that does not hold is 412, one that says the client has it already 304. OSS's own
rule for ranges: one that is malformed or reaches beyond the object is ignored, the whole
object comes with 200; with x-oss-range-behavior: standard it is cut, or 416 if it begins
beyond the end (the header is not in the reference).
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from .errors import OssError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .records import OssObject

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
COPY_PREFIX = "x-oss-copy-source-"


def check(headers: Mapping[str, str], row: OssObject, prefix: str = "") -> None:
    """Refuse a request whose conditions do not hold.

    :raises OssError: PreconditionFailed, NotModified
    """
    match, no_match = headers.get(f"{prefix}if-match"), headers.get(f"{prefix}if-none-match")
    if match is not None and not _has_tag(match, row):
        raise OssError("PreconditionFailed", Condition="If-Match")
    since = _moment(headers.get(f"{prefix}if-unmodified-since"))
    if since is not None and int(row.modified) > since:
        raise OssError("PreconditionFailed", Condition="If-Unmodified-Since")
    if no_match is not None and _has_tag(no_match, row):
        raise OssError("NotModified")
    since = _moment(headers.get(f"{prefix}if-modified-since"))
    if since is not None and int(row.modified) <= since:
        raise OssError("NotModified")


def _has_tag(text: str, row: OssObject) -> bool:
    return text == "*" or any(part.strip().strip('"') == row.etag for part in text.split(","))


def _moment(text: str | None) -> float | None:
    try:
        return None if text is None else parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


def stretch(text: str | None, size: int, *, standard: bool = False) -> tuple[int, int] | None:
    """Read a range: start and length, or None for the whole object.

    :raises OssError: InvalidRange, by the standard's rules only
    """
    found = RANGE.fullmatch(text or "")
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:
        start, end = size - int(found[2]), size - 1
    else:
        start, end = int(found[1]), int(found[2] or size - 1)
    if standard and start >= size:
        raise OssError("InvalidRange", ActualObjectSize=str(size), RangeRequested=text or "")
    if standard:
        start, end = max(start, 0), min(end, size - 1)
    if not 0 <= start <= end < size:
        return None
    return start, end - start + 1
