"""Who is behind which elastic IP address and load balancer of the simulated cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.seed import ACCESS_KEY_ID
from alicloud_sim.vpc.eip_record import Eip
from support.world import REGION

if TYPE_CHECKING:
    from alicloud_sim import Simulator


class Connections:
    """The seed's load balancers and first elastic IP address, and their members."""

    def __init__(self, sim: Simulator) -> None:
        names = sim.world.constants
        self._sim = sim
        self.key_id = ACCESS_KEY_ID
        self.ip: str = names[f"{REGION}.eip.1.address"]
        self.balancer: str = names[f"{REGION}.load_balancer"]
        self.vserver_group: str = names[f"{REGION}.vserver_group"]
        self.nlb_groups: list[str] = [names[f"{REGION}.nlb_server_group.{n}"] for n in (1, 2)]
        self.alb_group: str = names[f"{REGION}.alb_server_group"]

    def eip(self) -> tuple[str, str]:
        """Return the address's status and the instance that has it."""
        (found,) = [eip for eip in self._records("eip") if eip["ip_address"] == self.ip]
        return found["status"], found["instance_id"]

    def start_unbinding(self, cid: str) -> None:
        """Begin to take the address off a VM, as a delete_vm that was cut off does."""
        eip = next(row for row in self._sim.world.all(Eip) if row.ip_address == self.ip)
        eip.status, eip.instance_id = "Unassociating", cid
        self._sim.set_pace(test__unbound=20)

        def free() -> None:
            eip.status, eip.instance_id, eip.instance_type = "Available", "", ""

        self._sim.world.later("test.unbound", eip, free)

    def backends(self) -> list[tuple[str, int]]:
        """List server and weight of the balancer's default group."""
        return [
            (row["server_id"], row["weight"])
            for row in self._records("slb_backend")
            if row["load_balancer_id"] == self.balancer and not row["vserver_group_id"]
        ]

    def vserver_members(self) -> list[tuple[str, int, int]]:
        """List server, port and weight of the vServer group."""
        return [
            (row["server_id"], row["port"], row["weight"])
            for row in self._records("slb_backend")
            if row["vserver_group_id"] == self.vserver_group
        ]

    def nlb_members(self) -> list[tuple[str, str, int, int]]:
        """List group, server, port and weight of all NLB server groups."""
        return [
            (row["group_id"], row["server_id"], row["port"], row["weight"])
            for row in self._records("nlb_server")
        ]

    def alb_members(self) -> list[tuple[str, str, int, int]]:
        """List group, server, port and weight of all ALB server groups."""
        return [
            (row["group_id"], row["server_id"], row["port"], row["weight"])
            for row in self._records("alb_server")
        ]

    def _records(self, kind: str) -> list[dict[str, Any]]:
        records: dict[str, dict[str, Any]] = self._sim.state()["records"]
        return list(records.get(kind, {}).values())
