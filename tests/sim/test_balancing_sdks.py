"""Load balancers and EIPs through Alibaba Cloud's own SDKs, over TLS."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.balancing import (
    ALB_GROUP,
    BALANCER,
    EIP,
    NLB_GROUP,
    VGROUP,
    backends,
    instance,
)

if TYPE_CHECKING:
    from aliyunsdkcore.client import AcsClient

    from alicloud_sim import Simulator

pytestmark = pytest.mark.filterwarnings("ignore")
PACKAGES = {
    "slb": "aliyunsdkslb.request.v20140515",
    "nlb": "aliyunsdknlb.request.v20220430",
    "alb": "aliyunsdkalb.request.v20200616",
    "vpc": "aliyunsdkvpc.request.v20160428",
}
SERVER = {"ServerId": "i-one", "ServerType": "Ecs", "Port": 80, "Weight": 5}


def do(client: AcsClient, service: str, name: str, **fields: Any) -> Any:
    """Make a call with an SDK and read its answer; some of its lists have an s too many."""
    module = importlib.import_module(f"{PACKAGES[service]}.{name}Request")
    request = getattr(module, f"{name}Request")()
    request.set_endpoint("127.0.0.1")
    request.set_protocol_type("https")
    for field, value in fields.items():
        setter = getattr(request, f"set_{field}", None) or getattr(request, f"set_{field}s")
        setter(value)
    return json.loads(client.do_action_with_exception(request))


def refused(client: AcsClient, service: str, name: str, **fields: Any) -> str:
    """Make a call that has to be refused and give its code."""
    from aliyunsdkcore.acs_exception.exceptions import (
        ServerException,
    )

    with pytest.raises(ServerException) as caught:
        do(client, service, name, **fields)
    return str(caught.value.get_error_code())


def test_classic(sdk: AcsClient, sim: Simulator) -> None:
    """The SLB SDK adds and removes backends of both kinds of groups and reads refusals."""
    instance(sim, "one", 11)
    row = {"ServerId": "i-one", "Weight": 7}
    do(sdk, "slb", "AddBackendServers", LoadBalancerId=BALANCER, BackendServers=backends(row))
    shown = do(sdk, "slb", "DescribeLoadBalancerAttribute", LoadBalancerId=BALANCER)
    assert [b["Weight"] for b in shown["BackendServers"]["BackendServer"]] == [7]
    do(sdk, "slb", "RemoveBackendServers", LoadBalancerId=BALANCER, BackendServers=backends(row))
    rows = backends({**row, "Port": 80})
    group: dict[str, Any] = {"VServerGroupId": VGROUP, "BackendServers": rows}
    do(sdk, "slb", "AddVServerGroupBackendServers", **group)
    assert refused(sdk, "slb", "AddVServerGroupBackendServers", **group) == "InvalidParameter"
    do(sdk, "slb", "RemoveVServerGroupBackendServers", **group)
    shown = do(sdk, "slb", "DescribeVServerGroupAttribute", VServerGroupId=VGROUP)
    assert shown["BackendServers"]["BackendServer"] == []


@pytest.mark.parametrize(("service", "group"), [("nlb", NLB_GROUP), ("alb", ALB_GROUP)])
def test_server_groups(sdk: AcsClient, sim: Simulator, service: str, group: str) -> None:
    """The NLB SDK sends servers in the form, the ALB SDK in the query; both are understood."""
    instance(sim, "one", 11)
    known: dict[str, Any] = {"ServerGroupId": group, "Servers": [SERVER]}
    do(sdk, service, "AddServersToServerGroup", **known)
    busy = refused(sdk, service, "AddServersToServerGroup", **known)
    assert busy.lower() == "incorrectstatus.servergroup"
    listed = [
        do(sdk, service, "ListServerGroupServers", ServerGroupId=group)["Servers"][0]["Status"]
        for _ in "ab"
    ]
    assert listed == ["Adding", "Available"]
    do(sdk, service, "RemoveServersFromServerGroup", **known)
    sim.advance(1)
    assert do(sdk, service, "ListServerGroupServers", ServerGroupId=group)["Servers"] == []


def test_job(sdk: AcsClient, sim: Simulator) -> None:
    """The NLB SDK follows a job until it succeeded."""
    instance(sim, "one", 11)
    added = do(sdk, "nlb", "AddServersToServerGroup", ServerGroupId=NLB_GROUP, Servers=[SERVER])
    statuses = [do(sdk, "nlb", "GetJobStatus", JobId=added["JobId"])["Status"] for _ in "ab"]
    assert statuses == ["Processing", "Succeeded"]


def test_eips(sdk: AcsClient, sim: Simulator) -> None:
    """The VPC SDK binds and unbinds an EIP."""
    instance(sim, "one", 11)
    known = {"AllocationId": EIP, "InstanceId": "i-one"}
    do(sdk, "vpc", "AssociateEipAddress", **known, ClientToken="t")
    sim.advance(1)
    found = do(sdk, "vpc", "DescribeEipAddresses", Status="InUse")["EipAddresses"]["EipAddress"]
    assert [eip["InstanceId"] for eip in found] == ["i-one"]
    assert refused(sdk, "vpc", "AssociateEipAddress", **known) == "IncorrectEipStatus"
    do(sdk, "vpc", "UnassociateEipAddress", **known)


def test_location(sdk: AcsClient, sim: Simulator) -> None:
    """The SDK's own request for endpoints is understood."""
    from aliyunsdkcore.endpoint.location import (
        DescribeEndpointsRequest,
    )

    request = DescribeEndpointsRequest.DescribeEndpointsRequest()
    request.set_endpoint("127.0.0.1")
    request.set_protocol_type("https")
    request.set_Id("cn-beijing")
    request.set_ServiceCode("nlb")
    request.set_Type("openAPI")
    answer = json.loads(sdk.do_action_with_exception(request))
    assert answer["Endpoints"]["Endpoint"][0]["Endpoint"] == "nlb.cn-beijing.aliyuncs.com"
    assert sim.calls("DescribeEndpoints")[0]["service"] == "location"
