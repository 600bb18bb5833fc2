"""The official Python SDK (aliyun-python-sdk-*) builds an environment and takes it down.

Its clients sign with HMAC-SHA1. Every call here goes through the SDK's own request classes.
"""

from __future__ import annotations

import json
import time
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from clients import leftovers

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.pytest_plugin import SimulatedCloud

pytestmark = pytest.mark.filterwarnings("ignore")

PACKAGES = {
    "ecs": "aliyunsdkecs.request.v20140526",
    "vpc": "aliyunsdkvpc.request.v20160428",
    "slb": "aliyunsdkslb.request.v20140515",
    "ram": "aliyunsdkram.request.v20150501",
}
TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": ["ecs.aliyuncs.com"]},
            }
        ],
    }
)


class Sdk:
    """Calls actions by their names with the SDK's request classes and setters."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from aliyunsdkcore.client import AcsClient

        self._client = AcsClient(
            cloud.access_key_id,
            cloud.access_key_secret,
            cloud.region,
            auto_retry=False,
            port=cloud.port,
            verify=str(cloud.ca_file),
        )

    def __call__(self, service: str, action: str, **fields: Any) -> Any:
        """Make a call and read its answer."""
        module = import_module(f"{PACKAGES[service]}.{action}Request")
        request = getattr(module, f"{action}Request")()
        request.set_endpoint("127.0.0.1")
        request.set_protocol_type("https")
        for field, value in fields.items():
            getattr(request, f"set_{field}")(value)
        return json.loads(self._client.do_action_with_exception(request))


@pytest.fixture
def sdk(alicloud: SimulatedCloud, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    """Give the SDK, with no proxy in between."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Sdk(alicloud)


def until(state: Callable[[], Any], wanted: Any) -> None:
    """Ask until the answer is the one wanted."""
    deadline = time.monotonic() + 20
    while state() != wanted:
        assert time.monotonic() < deadline, f"{state()} is not {wanted}"
        time.sleep(0.02)


def network(sdk: Sdk, zone: str) -> dict[str, str]:
    """Make a VPC with a vSwitch and a security group with rules."""
    vpc_id = sdk("vpc", "CreateVpc", CidrBlock="192.168.0.0/16", VpcName="web")["VpcId"]
    until(lambda: sdk("vpc", "DescribeVpcAttribute", VpcId=vpc_id)["Status"], "Available")
    place = {"VpcId": vpc_id, "ZoneId": zone, "CidrBlock": "192.168.1.0/24"}
    vswitch_id = sdk("vpc", "CreateVSwitch", **place)["VSwitchId"]
    until(
        lambda: sdk("vpc", "DescribeVSwitchAttributes", VSwitchId=vswitch_id)["Status"],
        "Available",
    )
    group_id = sdk("ecs", "CreateSecurityGroup", VpcId=vpc_id, SecurityGroupName="web")[
        "SecurityGroupId"
    ]
    web = {"IpProtocol": "tcp", "PortRange": "80/80", "SourceCidrIp": "0.0.0.0/0"}
    sdk("ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, Permissions=[web])
    every = {"IpProtocol": "all", "PortRange": "-1/-1", "DestCidrIp": "0.0.0.0/0"}
    sdk("ecs", "AuthorizeSecurityGroupEgress", SecurityGroupId=group_id, **every)
    return {"vpc": vpc_id, "vswitch": vswitch_id, "group": group_id}


def servers(sdk: Sdk, cloud: SimulatedCloud, net: dict[str, str]) -> list[str]:
    """Start two instances with a key pair and a role."""
    sdk("ecs", "CreateKeyPair", KeyPairName="web")
    sdk("ram", "CreateRole", RoleName="web", AssumeRolePolicyDocument=TRUST)
    policy = {"PolicyType": "System", "PolicyName": "AliyunOSSReadOnlyAccess", "RoleName": "web"}
    sdk("ram", "AttachPolicyToRole", **policy)
    ids = sdk(
        "ecs",
        "RunInstances",
        ImageId=cloud.constants[f"{cloud.region}.public_image"],
        InstanceType="ecs.g6.large",
        VSwitchId=net["vswitch"],
        SecurityGroupId=net["group"],
        KeyPairName="web",
        RamRoleName="web",
        Amount=2,
        SystemDiskCategory="cloud_essd",
        Tags=[{"Key": "app", "Value": "web"}],
    )["InstanceIdSets"]["InstanceIdSet"]
    until(lambda: statuses(sdk, ids), ["Running", "Running"])
    return list(ids)


def statuses(sdk: Sdk, ids: list[str]) -> list[str]:
    """Read the statuses of instances; those that are gone are not in it."""
    rows = sdk("ecs", "DescribeInstances", InstanceIds=json.dumps(ids))["Instances"]["Instance"]
    return [row["Status"] for row in rows]


def balancer(sdk: Sdk, net: dict[str, str], ids: list[str]) -> str:
    """Put a load balancer before the instances."""
    made = sdk(
        "slb",
        "CreateLoadBalancer",
        VSwitchId=net["vswitch"],
        LoadBalancerSpec="slb.s1.small",
        LoadBalancerName="web",
    )
    balancer_id = str(made["LoadBalancerId"])
    backends = json.dumps([{"ServerId": one, "Weight": "100"} for one in ids])
    sdk("slb", "AddBackendServers", LoadBalancerId=balancer_id, BackendServers=backends)
    listener = {"LoadBalancerId": balancer_id, "ListenerPort": 80}
    more = {"BackendServerPort": 80, "Bandwidth": -1, "Scheduler": "rr"}
    sdk("slb", "CreateLoadBalancerTCPListener", **listener, **more)
    sdk("slb", "StartLoadBalancerListener", **listener)
    attribute = "DescribeLoadBalancerTCPListenerAttribute"
    until(lambda: sdk("slb", attribute, **listener)["Status"], "running")
    health = sdk("slb", "DescribeHealthStatus", **listener)["BackendServers"]["BackendServer"]
    assert [row["ServerHealthStatus"] for row in health] == ["normal", "normal"]
    return balancer_id


def deleted(sdk: Sdk, vswitch_id: str) -> bool:
    """Delete a vSwitch, unless released instances still hold addresses of it."""
    from aliyunsdkcore.acs_exception.exceptions import ServerException

    try:
        sdk("vpc", "DeleteVSwitch", VSwitchId=vswitch_id)
    except ServerException as error:
        assert error.get_error_code() == "DependencyViolation"  # noqa: PT017 - asked again
        return False
    return True


def test_build_use_and_tear_down(sdk: Sdk, alicloud: SimulatedCloud) -> None:
    """A network, servers behind a load balancer, a public address; then nothing is left."""
    before = leftovers.ids(alicloud)
    net = network(sdk, alicloud.zone)
    ids = servers(sdk, alicloud, net)
    balancer_id = balancer(sdk, net, ids)
    eip = sdk("vpc", "AllocateEipAddress", Bandwidth="5")["AllocationId"]
    bound = {"AllocationId": eip, "InstanceId": ids[0]}
    sdk("vpc", "AssociateEipAddress", **bound)

    def eip_status() -> str:
        rows = sdk("vpc", "DescribeEipAddresses", AllocationId=eip)["EipAddresses"]["EipAddress"]
        return str(rows[0]["Status"])

    until(eip_status, "InUse")
    sdk("ecs", "StopInstances", InstanceIds=ids)
    until(lambda: statuses(sdk, ids), ["Stopped", "Stopped"])
    sdk("ecs", "ModifyInstanceSpec", InstanceId=ids[0], InstanceType="ecs.g6.xlarge")
    assert sdk("ecs", "DescribePrice", InstanceType="ecs.g6.xlarge")["PriceInfo"]["Price"]
    sdk("ecs", "StartInstances", InstanceIds=ids)
    until(lambda: statuses(sdk, ids), ["Running", "Running"])
    sdk("ecs", "RebootInstances", InstanceIds=ids)
    until(lambda: statuses(sdk, ids), ["Running", "Running"])

    sdk("vpc", "UnassociateEipAddress", **bound)
    until(eip_status, "Available")
    sdk("vpc", "ReleaseEipAddress", AllocationId=eip)
    sdk("slb", "DeleteLoadBalancer", LoadBalancerId=balancer_id)
    sdk("ecs", "DeleteInstances", InstanceIds=ids, Force=True)
    until(lambda: statuses(sdk, ids), [])
    sdk("ecs", "DeleteKeyPairs", KeyPairNames=json.dumps(["web"]))
    policy = {"PolicyType": "System", "PolicyName": "AliyunOSSReadOnlyAccess", "RoleName": "web"}
    sdk("ram", "DetachPolicyFromRole", **policy)
    sdk("ram", "DeleteRole", RoleName="web")
    sdk("ecs", "DeleteSecurityGroup", SecurityGroupId=net["group"])
    until(lambda: deleted(sdk, net["vswitch"]), wanted=True)
    sdk("vpc", "DeleteVpc", VpcId=net["vpc"])
    assert leftovers.errors(alicloud) == []
    assert leftovers.ids(alicloud) == before


def test_what_depends_on_a_vpc_keeps_it(sdk: Sdk, alicloud: SimulatedCloud) -> None:
    """The SDK raises the cloud's own code."""
    from aliyunsdkcore.acs_exception.exceptions import ServerException

    net = network(sdk, alicloud.zone)
    with pytest.raises(ServerException) as caught:
        sdk("vpc", "DeleteVpc", VpcId=net["vpc"])
    assert caught.value.get_error_code() == "DependencyViolation.VSwitch"
    assert caught.value.get_http_status() == 400
