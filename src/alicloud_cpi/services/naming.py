"""Names of resources, as the cloud accepts them."""

from __future__ import annotations

import re

_MIN_LENGTH, _MAX_LENGTH = 2, 128
_SNAPSHOT = "snapshot-"
_IMAGE = "bosh-"


def resource_name(wanted: str, *, prefix: str) -> str:
    """Return a valid name that resembles the wanted one; empty for an empty one.

    2 to 128 characters; starts with a letter; then letters, digits, ``.``, ``_``, ``:`` and
    ``-``; not ``http://`` or ``https://`` (semantics.md section 4, "Names and text").

    :param prefix: put before a name that does not start with a letter or is too short
    """
    name = re.sub(r"[^A-Za-z0-9._-]", ".", wanted.strip())
    if not name:
        return ""
    if not name[0].isalpha() or len(name) < _MIN_LENGTH:
        name = prefix + name
    return name[:_MAX_LENGTH]


def snapshot_name(wanted: str) -> str:
    """Return a valid name of a snapshot: ``auto`` at its start is reserved for the cloud."""
    name = resource_name(wanted, prefix=_SNAPSHOT)
    return (_SNAPSHOT + name)[:_MAX_LENGTH] if name.lower().startswith("auto") else name


def copy_name(image_id: str) -> str:
    """Return the name of an image's copy in another region: the same for every call."""
    return f"{_IMAGE}copy-of-{image_id}"[:_MAX_LENGTH]


def image_name(wanted: str, unique: str) -> str:
    """Return a valid, unique name of an image; ``aliyun`` at its start is refused.

    :param unique: ends the name
    """
    name = resource_name(wanted, prefix=_IMAGE) or f"{_IMAGE}stemcell"
    if name.lower().startswith("aliyun"):
        name = _IMAGE + name
    return f"{name[: _MAX_LENGTH - 1 - len(unique)]}-{unique}"
