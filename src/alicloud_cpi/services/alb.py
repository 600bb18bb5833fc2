"""Application load balancers (ALB) and their server groups."""

from __future__ import annotations

from typing import Any

from aliyunsdkalb.request.v20200616.AddServersToServerGroupRequest import (
    AddServersToServerGroupRequest,
)
from aliyunsdkalb.request.v20200616.ListAsynJobsRequest import ListAsynJobsRequest
from aliyunsdkalb.request.v20200616.ListServerGroupServersRequest import (
    ListServerGroupServersRequest,
)
from aliyunsdkalb.request.v20200616.RemoveServersFromServerGroupRequest import (
    RemoveServersFromServerGroupRequest,
)

from alicloud_cpi.services.instance import Instance
from alicloud_cpi.services.server_groups import Job, ServerGroups


class ApplicationLoadBalancers(ServerGroups):
    """Server groups of the account's application load balancers."""

    kind = "ALB"
    address_in_group = ("Conflict.BackendServer", "ResourceInUse.IP")
    absent = ("ResourceNotFound.BackendServer", "ResourceNotFound.ServerGroup")

    def _add_request(self, group_id: str, servers: list[dict[str, Any]]) -> Any:
        request = AddServersToServerGroupRequest()
        request.set_ServerGroupId(group_id)
        request.set_Servers(servers)
        return request

    def _remove_request(self, group_id: str, servers: list[dict[str, Any]]) -> Any:
        request = RemoveServersFromServerGroupRequest()
        request.set_ServerGroupId(group_id)
        request.set_Servers(servers)
        return request

    def _list_request(self, vm: Instance) -> Any:
        request = ListServerGroupServersRequest()
        request.set_ServerIds([vm.id])
        return request

    def _job_status(self, job: Job) -> str:
        """Return the status of a job; one that is not listed yet has just started."""
        request = ListAsynJobsRequest()
        request.set_JobIds([job.id])
        jobs = self._client.send(request, job.region, expect=("Jobs",)).records("Jobs")
        return jobs[0].required_text("Status") if jobs else ""
