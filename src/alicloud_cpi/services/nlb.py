"""Network load balancers (NLB) and their server groups."""

from __future__ import annotations

from typing import Any

from aliyunsdknlb.request.v20220430.AddServersToServerGroupRequest import (
    AddServersToServerGroupRequest,
)
from aliyunsdknlb.request.v20220430.GetJobStatusRequest import GetJobStatusRequest
from aliyunsdknlb.request.v20220430.ListServerGroupServersRequest import (
    ListServerGroupServersRequest,
)
from aliyunsdknlb.request.v20220430.RemoveServersFromServerGroupRequest import (
    RemoveServersFromServerGroupRequest,
)

from alicloud_cpi.services.instance import Instance
from alicloud_cpi.services.server_groups import Job, ServerGroups


class NetworkLoadBalancers(ServerGroups):
    """Server groups of the account's network load balancers."""

    kind = "NLB"
    address_in_group = ("ResourceInUse.IP",)
    absent = ("ResourceNotFound.BackendServer", "ResourceNotFound.serverGroup")

    def _add_request(self, group_id: str, servers: list[dict[str, Any]]) -> Any:
        request = AddServersToServerGroupRequest()
        request.set_ServerGroupId(group_id)
        request.set_Servers(servers)
        return request

    def _remove_request(self, group_id: str, servers: list[dict[str, Any]]) -> Any:
        request = RemoveServersFromServerGroupRequest()
        request.set_ServerGroupId(group_id)
        request.set_Serverss(servers)
        return request

    def _list_request(self, vm: Instance) -> Any:
        request = ListServerGroupServersRequest()
        request.set_ServerIdss([vm.id])
        return request

    def _job_status(self, job: Job) -> str:
        request = GetJobStatusRequest()
        request.set_JobId(job.id)
        return self._client.send(request, job.region).required_text("Status")
