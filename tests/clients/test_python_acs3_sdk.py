"""The official Python SDK of the newer generation (alibabacloud-*) does the same.

Its clients sign with ACS3-HMAC-SHA256 and have types for requests and answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from clients import leftovers
from clients.test_python_sdk import TRUST, until

if TYPE_CHECKING:
    from alicloud_sim.pytest_plugin import SimulatedCloud

pytestmark = pytest.mark.filterwarnings("ignore")


class Sdk:
    """The clients of four services and their models."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        from alibabacloud_ecs20140526 import models as ecs_models
        from alibabacloud_ecs20140526.client import Client as Ecs
        from alibabacloud_ram20150501 import models as ram_models
        from alibabacloud_ram20150501.client import Client as Ram
        from alibabacloud_slb20140515 import models as slb_models
        from alibabacloud_slb20140515.client import Client as Slb
        from alibabacloud_tea_openapi.utils_models import Config
        from alibabacloud_vpc20160428 import models as vpc_models
        from alibabacloud_vpc20160428.client import Client as Vpc

        def config() -> Any:
            return Config(
                access_key_id=cloud.access_key_id,
                access_key_secret=cloud.access_key_secret,
                region_id=cloud.region,
                endpoint=cloud.endpoint,
                protocol="https",
                ca=str(cloud.ca_file),
            )

        self.region = cloud.region
        self.ecs, self.ecs_models = Ecs(config()), ecs_models
        self.vpc, self.vpc_models = Vpc(config()), vpc_models
        self.slb, self.slb_models = Slb(config()), slb_models
        self.ram, self.ram_models = Ram(config()), ram_models


@pytest.fixture
def sdk(alicloud: SimulatedCloud, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    """Give the SDK, with no proxy in between."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Sdk(alicloud)


def network(sdk: Sdk, zone: str) -> dict[str, str]:
    """Make a VPC with a vSwitch and a security group with a rule."""
    models, region = sdk.vpc_models, sdk.region
    tag = models.CreateVpcRequestTag(key="app", value="web")
    vpc_id = sdk.vpc.create_vpc(
        models.CreateVpcRequest(region_id=region, cidr_block="192.168.0.0/16", tag=[tag])
    ).body.vpc_id

    def vpc_status() -> Any:
        asked = models.DescribeVpcAttributeRequest(region_id=region, vpc_id=vpc_id)
        return sdk.vpc.describe_vpc_attribute(asked).body.status

    until(vpc_status, "Available")
    vswitch_id = sdk.vpc.create_vswitch(
        models.CreateVSwitchRequest(
            region_id=region, vpc_id=vpc_id, zone_id=zone, cidr_block="192.168.1.0/24"
        )
    ).body.v_switch_id

    def vswitch_status() -> Any:
        asked = models.DescribeVSwitchAttributesRequest(region_id=region, v_switch_id=vswitch_id)
        return sdk.vpc.describe_vswitch_attributes(asked).body.status

    until(vswitch_status, "Available")
    models = sdk.ecs_models
    group_id = sdk.ecs.create_security_group(
        models.CreateSecurityGroupRequest(region_id=region, vpc_id=vpc_id)
    ).body.security_group_id
    rule = models.AuthorizeSecurityGroupRequestPermissions(
        ip_protocol="TCP", port_range="80/80", source_cidr_ip="0.0.0.0/0", description="web"
    )
    sdk.ecs.authorize_security_group(
        models.AuthorizeSecurityGroupRequest(
            region_id=region, security_group_id=group_id, permissions=[rule]
        )
    )
    return {"vpc": vpc_id, "vswitch": vswitch_id, "group": group_id}


def servers(sdk: Sdk, cloud: SimulatedCloud, net: dict[str, str]) -> list[str]:
    """Start two instances with a key pair."""
    models, region = sdk.ecs_models, sdk.region
    pair = sdk.ecs.create_key_pair(
        models.CreateKeyPairRequest(region_id=region, key_pair_name="web")
    ).body
    assert pair.private_key_body.startswith("-----BEGIN RSA PRIVATE KEY-----")
    made = sdk.ecs.run_instances(
        models.RunInstancesRequest(
            region_id=region,
            image_id=cloud.constants[f"{region}.public_image"],
            instance_type="ecs.g6.large",
            v_switch_id=net["vswitch"],
            security_group_id=net["group"],
            key_pair_name="web",
            amount=2,
            system_disk=models.RunInstancesRequestSystemDisk(category="cloud_essd", size="40"),
            tag=[models.RunInstancesRequestTag(key="app", value="web")],
        )
    )
    ids = list(made.body.instance_id_sets.instance_id_set)
    until(lambda: statuses(sdk, ids), ["Running", "Running"])
    return ids


def statuses(sdk: Sdk, ids: list[str]) -> list[str]:
    """Read the statuses of instances; those that are gone are not in it."""
    asked = sdk.ecs_models.DescribeInstancesRequest(
        region_id=sdk.region, instance_ids=json.dumps(ids)
    )
    rows = sdk.ecs.describe_instances(asked).body.instances.instance
    return [row.status for row in rows]


def balancer(sdk: Sdk, net: dict[str, str], ids: list[str]) -> str:
    """Put a load balancer with a vServer group and an HTTP listener before the instances."""
    models, region = sdk.slb_models, sdk.region
    balancer_id = str(
        sdk.slb.create_load_balancer(
            models.CreateLoadBalancerRequest(
                region_id=region, v_switch_id=net["vswitch"], load_balancer_spec="slb.s1.small"
            )
        ).body.load_balancer_id
    )
    backends = [{"ServerId": one, "Port": 80, "Weight": 100} for one in ids]
    group_id = sdk.slb.create_vserver_group(
        models.CreateVServerGroupRequest(
            region_id=region,
            load_balancer_id=balancer_id,
            vserver_group_name="web",
            backend_servers=json.dumps(backends),
        )
    ).body.vserver_group_id
    which = {"region_id": region, "load_balancer_id": balancer_id, "listener_port": 80}
    sdk.slb.create_load_balancer_httplistener(
        models.CreateLoadBalancerHTTPListenerRequest(
            **which, vserver_group_id=group_id, health_check="off", bandwidth=-1
        )
    )
    sdk.slb.start_load_balancer_listener(models.StartLoadBalancerListenerRequest(**which))

    def listener_status() -> Any:
        asked = models.DescribeLoadBalancerHTTPListenerAttributeRequest(**which)
        return sdk.slb.describe_load_balancer_httplistener_attribute(asked).body.status

    until(listener_status, "running")
    return balancer_id


def tear_down(sdk: Sdk, net: dict[str, str], ids: list[str], balancer_id: str) -> None:
    """Delete everything in the order that dependencies ask for."""
    ecs, region = sdk.ecs_models, sdk.region
    sdk.slb.delete_load_balancer(
        sdk.slb_models.DeleteLoadBalancerRequest(region_id=region, load_balancer_id=balancer_id)
    )
    sdk.ecs.delete_instances(
        ecs.DeleteInstancesRequest(region_id=region, instance_id=ids, force=True)
    )
    until(lambda: statuses(sdk, ids), [])
    pairs = json.dumps(["web"])
    sdk.ecs.delete_key_pairs(ecs.DeleteKeyPairsRequest(region_id=region, key_pair_names=pairs))
    sdk.ecs.delete_security_group(
        ecs.DeleteSecurityGroupRequest(region_id=region, security_group_id=net["group"])
    )
    until(lambda: deleted(sdk, net["vswitch"]), wanted=True)
    sdk.vpc.delete_vpc(sdk.vpc_models.DeleteVpcRequest(region_id=region, vpc_id=net["vpc"]))


def deleted(sdk: Sdk, vswitch_id: str) -> bool:
    """Delete a vSwitch, unless released instances still hold addresses of it."""
    from alibabacloud_tea_openapi.exceptions import ClientException

    try:
        sdk.vpc.delete_vswitch(
            sdk.vpc_models.DeleteVSwitchRequest(region_id=sdk.region, v_switch_id=vswitch_id)
        )
    except ClientException as error:
        assert error.code == "DependencyViolation"  # noqa: PT017 - asked again
        return False
    return True


def test_build_use_and_tear_down(sdk: Sdk, alicloud: SimulatedCloud) -> None:
    """A network, servers behind a load balancer; then nothing is left."""
    before = leftovers.ids(alicloud)
    net = network(sdk, alicloud.zone)
    ids = servers(sdk, alicloud, net)
    balancer_id = balancer(sdk, net, ids)
    rows = sdk.ecs.describe_security_group_attribute(
        sdk.ecs_models.DescribeSecurityGroupAttributeRequest(
            region_id=sdk.region, security_group_id=net["group"]
        )
    ).body.permissions.permission
    assert [(row.port_range, row.description) for row in rows] == [("80/80", "web")]
    tear_down(sdk, net, ids, balancer_id)
    assert leftovers.errors(alicloud) == []
    assert leftovers.ids(alicloud) == before


def test_roles_and_their_tags(sdk: Sdk, alicloud: SimulatedCloud) -> None:
    """RAM's lists go as JSON in one parameter."""
    models = sdk.ram_models
    tag = models.CreateRoleRequestTag(key="app", value="web")
    made = sdk.ram.create_role(
        models.CreateRoleRequest(role_name="web", assume_role_policy_document=TRUST, tag=[tag])
    ).body.role
    assert made.arn.endswith(":role/web")
    policy = {"policy_type": "System", "policy_name": "AliyunECSFullAccess", "role_name": "web"}
    sdk.ram.attach_policy_to_role(models.AttachPolicyToRoleRequest(**policy))
    asked = models.ListTagResourcesRequest(resource_type="role", resource_names=["web"])
    (row,) = sdk.ram.list_tag_resources(asked).body.tag_resources
    assert (row.tag_key, row.tag_value) == ("app", "web")
    sdk.ram.detach_policy_from_role(models.DetachPolicyFromRoleRequest(**policy))
    sdk.ram.delete_role(models.DeleteRoleRequest(role_name="web"))
    assert leftovers.errors(alicloud) == []


def test_every_call_is_signed_with_acs3(sdk: Sdk, alicloud: SimulatedCloud) -> None:
    """A wrong secret is refused, and the SDK raises the gateway's code."""
    from alibabacloud_tea_openapi.exceptions import ClientException

    alicloud.simulator.add_key(alicloud.access_key_id, "another-secret")
    with pytest.raises(ClientException) as caught:
        sdk.ecs.describe_regions(sdk.ecs_models.DescribeRegionsRequest())
    assert caught.value.code == "SignatureDoesNotMatch"
    (call,) = alicloud.calls("DescribeRegions")
    assert call["code"] == "SignatureDoesNotMatch"
