"""Elastic network interfaces: what a deleted instance may leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.cloud.lookup import every
from alicloud_cpi.cloud.wait import Budget, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.api import Api

DELETED = Budget(timeout=120)


class Interfaces:
    """Network interfaces of the account."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        self._clock = clock
        del regions  # an interface is looked for where its instance was

    def existing(self, region: str, interface_ids: Sequence[str]) -> list[str]:
        """Return those of these interfaces that there still are."""
        if not interface_ids:
            return []
        found = every(
            self._ecs,
            "DescribeNetworkInterfaces",
            region,
            ("NetworkInterfaceSets", "NetworkInterfaceSet"),
            NetworkInterfaceId=list(interface_ids),
        )
        return [record["NetworkInterfaceId"] for record in found]

    def delete_leftovers(self, region: str, interface_ids: Sequence[str]) -> None:
        """Delete those of these interfaces that outlived their instance, by id.

        An interface that stays keeps its private address taken. Deleting needs the interface to
        be Available: one that is still being detached is busy, which is waited for.
        """
        for interface_id in self.existing(region, interface_ids):
            self._delete(region, interface_id)

    def _delete(self, region: str, interface_id: str) -> None:
        def gone() -> bool:
            return not self.existing(region, [interface_id])

        self._ecs.call(
            "DeleteNetworkInterface",
            region,
            NetworkInterfaceId=interface_id,
            done=("InvalidEniId.NotFound",),
            unless=gone,
        )
        wait_for(
            f"network interface '{interface_id}' to be deleted",
            gone,
            bool,
            state=lambda done: "gone" if done else "there",
            budget=DELETED,
            clock=self._clock,
        )
