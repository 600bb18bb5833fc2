"""What readers see under read lag: the records as they were some seconds ago.

Kept only while a lag is set. After each request that changed something the records that
differ from their last copy are copied again; a record that went leaves None behind.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .records import Record

Key = tuple[str, str]


class History:
    """Versions of every record, oldest first, each with the time since which it holds."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._times: dict[Key, list[float]] = {}
        self._versions: dict[Key, list[Record | None]] = {}

    def commit(self, records: Iterable[Record], now: float, horizon: float) -> None:
        """Copy what changed since the last commit; forget what only held before the horizon."""
        present: set[Key] = set()
        for record in records:
            key = (record.kind, record.id)
            present.add(key)
            versions = self._versions.get(key)
            if versions is None or versions[-1] != record:
                self._append(key, copy.deepcopy(record), now)
        for key, versions in list(self._versions.items()):
            if key not in present and versions[-1] is not None:
                self._append(key, None, now)
            self._prune(key, horizon)

    def _append(self, key: Key, version: Record | None, now: float) -> None:
        self._times.setdefault(key, []).append(now)
        self._versions.setdefault(key, []).append(version)

    def _prune(self, key: Key, horizon: float) -> None:
        spare = bisect_right(self._times[key], horizon) - 1
        if spare > 0:
            del self._times[key][:spare]
            del self._versions[key][:spare]
        if self._versions[key] == [None] and self._times[key][0] <= horizon:
            del self._times[key], self._versions[key]

    def as_of(self, kind: str, moment: float) -> list[Record]:
        """List the records of a kind as they were at a moment, in order of making."""
        found = []
        for key, times in self._times.items():
            if key[0] == kind:
                at = bisect_right(times, moment) - 1
                version = self._versions[key][at] if at >= 0 else None
                if version is not None:
                    found.append(version)
        return found
