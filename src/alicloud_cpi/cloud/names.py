"""Names of resources, as the cloud accepts them."""

from __future__ import annotations

import re

from alicloud_cpi.units import cut

_SHORTEST, _LONGEST = 2, 128
_SNAPSHOT = "snapshot-"
_IMAGE = "bosh-"


def resource_name(wanted: str, *, prefix: str) -> str:
    """Return a valid name that resembles the wanted one; empty for an empty one.

    2 to 128 characters; starts with a letter; then letters, digits, ``.``, ``_``, ``:`` and
    ``-``; not ``http://`` or ``https://`` (API reference, semantics section 4, "Names and text").

    :param prefix: a letter and more, put before what does not start with a letter or is too short
    """
    name = re.sub(r"[^A-Za-z0-9._-]", ".", wanted.strip())
    if not name:
        return ""
    if not name[0].isalpha() or len(name) < _SHORTEST:
        name = prefix + name
    return cut(name, _LONGEST)


def snapshot_name(wanted: str) -> str:
    """Return a valid name of a snapshot: ``auto`` at its start is for the cloud's own ones."""
    name = resource_name(wanted, prefix=_SNAPSHOT)
    return cut(_SNAPSHOT + name, _LONGEST) if name.lower().startswith("auto") else name


def image_name(wanted: str, unique: str) -> str:
    """Return a valid name of an image that no other has; ``aliyun`` at its start is refused.

    :param unique: what ends the name
    """
    name = resource_name(wanted, prefix=_IMAGE) or f"{_IMAGE}stemcell"
    if name.lower().startswith("aliyun"):
        name = _IMAGE + name
    return f"{cut(name, _LONGEST - 1 - len(unique))}-{unique}"
