"""Security groups of a VPC and their rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record
from alicloud_sim.world import on_removed

if TYPE_CHECKING:
    from alicloud_sim.world import World


@dataclass
class SecurityGroup(Record):
    """A security group; an advanced one ("enterprise") never lets its members talk."""

    kind: ClassVar[str] = "security_group"
    prefix: ClassVar[str] = "sg"

    name: str = ""
    description: str = ""
    vpc_id: str = ""
    group_type: str = "normal"
    resource_group_id: str = ""
    inner_access_policy: str = ""

    @property
    def inner_policy(self) -> str:
        """Whether members reach each other: Accept or Drop."""
        usual = "Accept" if self.group_type == "normal" else "Drop"
        return self.inner_access_policy or usual


@dataclass
class SecurityGroupRule(Record):
    """A rule of a security group; ingress or egress.

    Its peer is an address block or a group: the source of an ingress rule, the destination
    of an egress rule. The other end may be narrowed to a block, too.
    """

    kind: ClassVar[str] = "security_group_rule"
    prefix: ClassVar[str] = "sgr"

    group_id: str = ""
    direction: str = "ingress"
    policy: str = "Accept"
    priority: int = 1
    ip_protocol: str = "ALL"
    port_range: str = "-1/-1"
    source_port_range: str = ""
    source_cidr_ip: str = ""
    dest_cidr_ip: str = ""
    ipv6_source_cidr_ip: str = ""
    ipv6_dest_cidr_ip: str = ""
    peer_group_id: str = ""
    nic_type: str = "intranet"
    description: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What two rules have in common that are the same one; a description does not count."""
        return (
            *(self.group_id, self.direction, self.policy, str(self.priority)),
            *(self.ip_protocol, self.port_range, self.source_port_range, self.source_cidr_ip),
            *(self.dest_cidr_ip, self.ipv6_source_cidr_ip, self.ipv6_dest_cidr_ip),
            *(self.peer_group_id, self.nic_type),
        )


def _forget_rules(world: World, gone: Record) -> None:
    """Remove the rules of a group that was deleted."""
    for rule in world.all(SecurityGroupRule):
        if rule.group_id == gone.id:
            world.remove(rule)


on_removed(SecurityGroup.kind, _forget_rules)
