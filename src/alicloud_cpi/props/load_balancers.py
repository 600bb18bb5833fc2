"""The load balancers that a VM joins, in the forms that operators write."""

from __future__ import annotations

from alicloud_cpi.props import values
from alicloud_cpi.props.schema import InvalidProperty
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

DEFAULT_WEIGHT = 100
DEFAULT_GROUP_PORT = 33333

_WHERE = "cloud_properties"


class LoadBalancer(Record):
    """A classic load balancer whose default group the VM joins."""

    id: str
    weight: int


class GroupMember(Record):
    """A server group that one of the VM's ports joins."""

    group_id: str
    port: int
    weight: int


class LoadBalancers(Record):
    """All that a VM joins."""

    classic: list[LoadBalancer]
    vserver_groups: list[GroupMember]
    nlb_groups: list[GroupMember]


def parse(document: Mapping[str, Any]) -> LoadBalancers:
    """Read a VM's cloud_properties that fit their schema.

    :raises InvalidProperty: one group with one port twice, or a group without a port
    """
    weight = values.integer(document, "slb_weight", DEFAULT_WEIGHT)
    group_port = values.integer(document, "slb_server_group_port", DEFAULT_GROUP_PORT)
    group_weight = values.integer(document, "slb_server_group_weight", DEFAULT_WEIGHT)
    return LoadBalancers(
        classic=[LoadBalancer(name, weight) for name in _once(document, "slbs")],
        vserver_groups=[
            GroupMember(name, group_port, group_weight)
            for name in _once(document, "slb_server_group")
        ],
        nlb_groups=_nlb_groups(document),
    )


def _nlb_groups(document: Mapping[str, Any]) -> list[GroupMember]:
    if document.get("nlb_server_groups"):
        groups = [
            GroupMember(
                values.text(group, "server_group_id"),
                values.integer(group, "port", 0),
                values.integer(group, "weight", DEFAULT_WEIGHT),
            )
            for group in document["nlb_server_groups"]
        ]
    else:
        groups = _deprecated_nlb_groups(document)
    places = [(group.group_id, group.port) for group in groups]
    for group_id, port in places:
        if places.count((group_id, port)) > 1:
            raise InvalidProperty(
                f"{_WHERE}.nlb_server_groups names group '{group_id}' with port {port} twice"
            )
    return groups


def _deprecated_nlb_groups(document: Mapping[str, Any]) -> list[GroupMember]:
    names = _once(document, "nlb_server_group_ids")
    if names and "nlb_server_group_port" not in document:
        raise InvalidProperty(
            f"{_WHERE}.nlb_server_group_port is required with nlb_server_group_ids"
        )
    port = values.integer(document, "nlb_server_group_port", 0)
    weight = values.integer(document, "nlb_server_group_weight", DEFAULT_WEIGHT)
    return [GroupMember(name, port, weight) for name in names]


def _once(document: Mapping[str, Any], key: str) -> list[str]:
    return list(dict.fromkeys(values.texts(document, key)))
