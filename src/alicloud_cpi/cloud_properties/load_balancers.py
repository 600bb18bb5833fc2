"""The load balancers that a VM joins, in the forms that operators write."""

from __future__ import annotations

from dataclasses import dataclass

from alicloud_cpi.cloud_properties.schema import InvalidProperty, Properties

DEFAULT_WEIGHT = 100
DEFAULT_GROUP_PORT = 33333


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A classic load balancer (CLB) whose default group the VM joins."""

    id: str
    weight: int


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A server group that one of the VM's ports joins."""

    group_id: str
    port: int
    weight: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class LoadBalancerProperties:
    """All that a VM joins."""

    classic: list[LoadBalancer]
    vserver_groups: list[GroupMember]
    nlb_groups: list[GroupMember]
    alb_groups: list[GroupMember]

    @classmethod
    def parse(cls, properties: Properties) -> LoadBalancerProperties:
        """Read a VM's valid cloud_properties.

        :raises InvalidProperty: a group with the same port twice, or a group without a port
        """
        weight = properties.integer("slb_weight", DEFAULT_WEIGHT)
        port = properties.integer("slb_server_group_port", DEFAULT_GROUP_PORT)
        group_weight = properties.integer("slb_server_group_weight", DEFAULT_WEIGHT)
        return cls(
            classic=[LoadBalancer(name, weight) for name in properties.texts("slbs")],
            vserver_groups=[
                GroupMember(name, port, group_weight)
                for name in properties.texts("slb_server_group")
            ],
            nlb_groups=_groups(properties, "nlb_server_groups")
            or _deprecated_nlb_groups(properties),
            alb_groups=_groups(properties, "alb_server_groups"),
        )


def _groups(properties: Properties, key: str) -> list[GroupMember]:
    groups = [
        GroupMember(
            group.text("server_group_id"),
            group.integer("port"),
            group.integer("weight", DEFAULT_WEIGHT),
            group.text("description"),
        )
        for group in properties.list_of_properties(key)
    ]
    ports = [(group.group_id, group.port) for group in groups]
    for group_id, port in ports:
        if ports.count((group_id, port)) > 1:
            raise InvalidProperty(
                f"{properties.path}.{key} names group '{group_id}' with port {port} twice"
            )
    return groups


def _deprecated_nlb_groups(properties: Properties) -> list[GroupMember]:
    names = properties.texts("nlb_server_group_ids")
    if names and "nlb_server_group_port" not in properties:
        raise InvalidProperty(
            f"{properties.path}.nlb_server_group_port is required with nlb_server_group_ids"
        )
    port = properties.integer("nlb_server_group_port")
    weight = properties.integer("nlb_server_group_weight", DEFAULT_WEIGHT)
    return [GroupMember(name, port, weight) for name in names]
