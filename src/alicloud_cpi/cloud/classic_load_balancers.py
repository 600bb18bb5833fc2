"""Classic load balancers (CLB): an instance in the default group and in vServer groups.

A load balancer takes one change at a time: parallel deploys collide, which is a busy code and is
repeated. None of the actions takes a ClientToken. A deleted instance leaves all groups by itself
(API reference, semantics section 10).
"""

from __future__ import annotations

import json

from alicloud_cpi.cloud.lookup import records
from alicloud_cpi.cloud.wire.failures import ApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from alicloud_cpi.cloud.instances import Instance
    from alicloud_cpi.cloud.wire.api import Api


class ClassicLoadBalancers:
    """Load balancers and vServer groups of the account."""

    def __init__(self, slb: Api) -> None:
        self._slb = slb

    def add(self, load_balancer_id: str, vm: Instance, weight: int) -> None:
        """Make the instance a server of the default group; again is fine."""

        def is_member() -> bool:
            answer = self._slb.call(
                "DescribeLoadBalancerAttribute", vm.region, LoadBalancerId=load_balancer_id
            )
            return _has(answer, ServerId=vm.id)

        self._add(
            "AddBackendServers",
            vm,
            is_member,
            LoadBalancerId=load_balancer_id,
            BackendServers=json.dumps([{"ServerId": vm.id, "Weight": weight}]),
        )

    def add_to_group(self, group_id: str, vm: Instance, port: int, weight: int) -> None:
        """Make the instance's port a server of a vServer group; again is fine."""

        def is_member() -> bool:
            answer = self._slb.call(
                "DescribeVServerGroupAttribute", vm.region, VServerGroupId=group_id
            )
            return _has(answer, ServerId=vm.id, Port=port)

        self._add(
            "AddVServerGroupBackendServers",
            vm,
            is_member,
            VServerGroupId=group_id,
            BackendServers=json.dumps([{"ServerId": vm.id, "Port": port, "Weight": weight}]),
        )

    def _add(
        self, action: str, vm: Instance, is_member: Callable[[], bool], **parameters: Any
    ) -> None:
        """Add the instance; a refusal is none where a call that was cut off has added it before.

        A server that is there already is refused under no code of its own: only a look tells.
        """
        try:
            self._slb.call(action, vm.region, unless=is_member, **parameters)
        except ApiError as refusal:
            if refusal.passing or not _agrees(is_member):
                raise


def _agrees(look: Callable[[], bool]) -> bool:
    """Whether a look can be had, and says yes."""
    try:
        return look()
    except ApiError:
        return False


def _has(answer: dict[str, Any], **wanted: Any) -> bool:
    servers = records(answer, ("BackendServers", "BackendServer"))
    return any(all(server.get(key) == value for key, value in wanted.items()) for server in servers)
