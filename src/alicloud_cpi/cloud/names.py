"""Names of resources, as the cloud accepts them."""

from __future__ import annotations

import re

from alicloud_cpi.units import cut

_SHORTEST, _LONGEST = 2, 128


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
