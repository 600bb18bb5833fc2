"""The last look at the account: what carries the run's tag is left behind, and taken away.

A story takes away what it made. This finds what it could not know of: what a call made that never
answered. A bucket carries no tag: one that a run left is one more than there were.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from cloud import Refused

from live.cloud import Cloud, tags_of
from live.story import TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from live.executable import Cpi
    from live.settings import Live

# Deleted things stay listed for a moment.
PATIENCE = 6
PAUSE = 2

# Lists of what can be asked for by a tag, what names a row there, and what deletes it: VMs first.
LISTS = (
    ("DescribeInstances", "InstanceId", "delete_vm"),
    ("DescribeSnapshots", "SnapshotId", "delete_snapshot"),
    ("DescribeDisks", "DiskId", "delete_disk"),
    ("DescribeNetworkInterfaces", "NetworkInterfaceId", ""),
)


class Leftover(NamedTuple):
    """Something of the run's, and the method that deletes it, if one does."""

    name: str
    remover: str


class Sweep:
    """Compares what there is after a run with what there was before it.

    :raises Refused: nothing can be read
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._cloud = Cloud(live)
        self._buckets = self._cloud.buckets()
        next(self._found(), None)

    def run(self, cpi: Cpi) -> list[str]:
        """Take away what is left of the run; says what it was, and what became of it."""
        try:
            left = self._settled()
        except Refused as refusal:
            return [f"what is left cannot be told: {refusal}"]
        return [f"{leftover.name}: {_removed(cpi, leftover)}" for leftover in left]

    def _settled(self) -> list[Leftover]:
        """List what does not go by itself."""
        give_up = time.monotonic() + PATIENCE
        while (left := list(self._found())) and time.monotonic() < give_up:
            time.sleep(PAUSE)
        return left

    def _found(self) -> Iterator[Leftover]:
        run_id = self._live.run_id
        for action, name, remover in LISTS:
            for row in self._cloud.tagged(action, TAG, run_id):
                yield Leftover(row[name], remover)
        # One that is still being imported has no tag yet.
        for row in self._cloud.own_images():
            if row["ImageName"].startswith(run_id) or tags_of(row).get(TAG) == run_id:
                yield Leftover(row["ImageId"], "delete_stemcell")
        for bucket in sorted(self._cloud.buckets() - self._buckets):
            yield Leftover(f"bucket {bucket}", "")


def _removed(cpi: Cpi, leftover: Leftover) -> str:
    if not leftover.remover:
        return "left behind, delete it by hand"
    failure = cpi.call(leftover.remover, leftover.name).message
    return f"was left behind, {failure or 'deleted now'}"
