"""Elastic network interfaces: what a deleted instance may leave behind."""

from __future__ import annotations

from alicloud_cpi import log
from alicloud_cpi.cloud.lookup import every
from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.cloud.wire.failures import ApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.api import Api

DELETED = Budget(timeout=120)


class Interfaces:
    """Network interfaces of the account."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        self._clock = clock
        del regions  # an interface is looked for where its instance was

    def leftovers(self, region: str, interface_ids: Sequence[str]) -> list[str]:
        """Return those of these interfaces that there still are and that nobody asked to keep."""
        if not interface_ids:
            return []
        found = every(
            self._ecs,
            "DescribeNetworkInterfaces",
            region,
            ("NetworkInterfaceSets", "NetworkInterfaceSet"),
            NetworkInterfaceId=list(interface_ids),
        )
        return [
            record["NetworkInterfaceId"]
            for record in found
            if record.get("DeleteOnRelease") is not False
        ]

    def delete_leftovers(self, region: str, interface_ids: Sequence[str]) -> None:
        """Delete those of these interfaces that should have gone with their instance, by id.

        An interface that stays keeps its private address taken. One that was attached to outlive
        its instance (DeleteOnRelease=false) is its owner's. Deleting needs the interface to be
        Available: one that is still being detached is busy, which is waited for.
        """
        try:
            found = self.leftovers(region, interface_ids)
        except ApiError as failure:
            log.warning("whether %s stayed is unknown: %s", ", ".join(interface_ids), failure)
            return
        for interface_id in found:
            self._delete(region, interface_id)

    def _delete(self, region: str, interface_id: str) -> None:
        def gone() -> bool:
            return not self.leftovers(region, [interface_id])

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
