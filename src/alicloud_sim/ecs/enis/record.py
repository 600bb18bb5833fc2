"""The record of a network interface; the primary one is made and released with its instance.

Statuses: Available, Attaching, InUse, Detaching, Deleting, and Creating for new ones
(semantics.md section 9).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.world import World

PRIMARY = "Primary"
SECONDARY = "Secondary"
STATUSES = ("Creating", "Available", "Attaching", "InUse", "Detaching", "Deleting")


@dataclass
class Eni(Record):
    """A network interface; instance_id is "" while it is free.

    `delete_hung` is a deletion that hangs and has to be asked for again.
    """

    kind: ClassVar[str] = "eni"
    prefix: ClassVar[str] = "eni"

    name: str = ""
    description: str = ""
    type: str = SECONDARY
    zone_id: str = ""
    vpc_id: str = ""
    vswitch_id: str = ""
    private_ip: str = ""
    secondary_ips: list[str] = field(default_factory=list)
    ipv6_addresses: list[str] = field(default_factory=list)
    ipv4_prefixes: list[str] = field(default_factory=list)
    ipv6_prefixes: list[str] = field(default_factory=list)
    mac: str = ""
    security_group_ids: list[str] = field(default_factory=list)
    instance_id: str = ""
    device_index: int = 0
    delete_on_release: bool = True
    resource_group_id: str = ""
    delete_hung: bool = False

    @property
    def ipv4_count(self) -> int:
        """How many IPv4 addresses it counts as; a prefix is one."""
        return 1 + len(self.secondary_ips) + len(self.ipv4_prefixes)

    @property
    def ipv6_count(self) -> int:
        """How many IPv6 addresses it counts as; a prefix is one."""
        return len(self.ipv6_addresses) + len(self.ipv6_prefixes)


def of_instance(world: World, instance_id: str) -> list[Eni]:
    """List the real interfaces of an instance, the primary one first."""
    held = [eni for eni in world.all(Eni) if eni.instance_id == instance_id]
    return sorted(held, key=lambda eni: eni.type != PRIMARY)


def mac_of(private_ip: str, eni_id: str) -> str:
    """Make the MAC address of an interface: 00:16:3e as the cloud's, the rest from its id."""
    number = sum(ord(c) * 31**n for n, c in enumerate(f"{eni_id}{private_ip}")) % 2**24
    return ":".join(["00:16:3e", *(f"{number >> shift & 255:02x}" for shift in (16, 8, 0))])
