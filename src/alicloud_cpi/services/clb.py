"""Classic load balancers (CLB): an instance in the default group and in vServer groups.

A load balancer takes one change at a time: parallel deployments collide, get a busy code and are
retried. None of the actions accepts a ClientToken. A deleted instance leaves all groups by itself
(semantics.md section 10).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aliyunsdkslb.request.v20140515.AddBackendServersRequest import AddBackendServersRequest
from aliyunsdkslb.request.v20140515.AddVServerGroupBackendServersRequest import (
    AddVServerGroupBackendServersRequest,
)
from aliyunsdkslb.request.v20140515.DescribeLoadBalancerAttributeRequest import (
    DescribeLoadBalancerAttributeRequest,
)
from aliyunsdkslb.request.v20140515.DescribeVServerGroupAttributeRequest import (
    DescribeVServerGroupAttributeRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.services.instance import Instance

_PATH = ("BackendServers", "BackendServer")


class ClassicLoadBalancers:
    """Load balancers and vServer groups of the account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def add(self, load_balancer_id: str, vm: Instance, weight: int) -> None:
        """Make the instance a server of the default group; idempotent."""
        request = AddBackendServersRequest()
        request.set_LoadBalancerId(load_balancer_id)
        request.set_BackendServers(json.dumps([{"ServerId": vm.id, "Weight": weight}]))
        query = DescribeLoadBalancerAttributeRequest()
        query.set_LoadBalancerId(load_balancer_id)
        self._add(
            request,
            vm,
            lambda: any(server.text("ServerId") == vm.id for server in self._servers(query, vm)),
        )

    def add_to_group(self, group_id: str, vm: Instance, port: int, weight: int) -> None:
        """Make the instance's port a server of a vServer group; idempotent."""
        server = {"ServerId": vm.id, "Port": port, "Weight": weight}
        request = AddVServerGroupBackendServersRequest()
        request.set_VServerGroupId(group_id)
        request.set_BackendServers(json.dumps([server]))
        query = DescribeVServerGroupAttributeRequest()
        query.set_VServerGroupId(group_id)
        self._add(
            request,
            vm,
            lambda: any(
                (found.text("ServerId"), found.integer("Port")) == (vm.id, port)
                for found in self._servers(query, vm)
            ),
        )

    def _servers(self, query: Any, vm: Instance) -> list[Fields]:
        return self._client.send(query, vm.region, expect=_PATH).records(*_PATH)

    def _add(self, request: Any, vm: Instance, is_member: Callable[[], bool]) -> None:
        """Add the instance.

        A server that is a member already is refused without a code of its own, so after a refusal
        the group is read: an interrupted call may have added it.
        """
        try:
            self._client.send(request, vm.region, already_applied=is_member)
        except ApiError as error:
            if error.is_retryable or not _is_true(is_member):
                raise


def _is_true(probe: Callable[[], bool]) -> bool:
    """Whether a probe can be read, and says yes."""
    try:
        return probe()
    except ApiError:
        return False
