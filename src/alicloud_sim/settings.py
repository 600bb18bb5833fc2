"""What the world's settings pick: troubles that a test wants, by id or name.

A setting is true for everything, or a text or a list of texts, each an id or a name with
asterisks if need be: {"disk.stuck.Attaching": ["d-*"], "snapshot.fails": true}.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import World


def picks(world: World, setting: str, *known: str) -> bool:
    """Whether a setting names one of the ids and names that something is known by."""
    value = world.settings.get(setting)
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        return any(fnmatch.fnmatchcase(text, str(p)) for p in value for text in known)
    return bool(value)


def on(world: World, setting: str, *, default: bool) -> bool:
    """Whether something is switched on in this world."""
    return bool(world.settings.get(setting, default))
