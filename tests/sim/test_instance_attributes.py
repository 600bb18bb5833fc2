"""ModifyInstanceAttribute, ModifyInstanceMetadataOptions, DescribeUserData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import (
    GROUP,
    GROUP_EXTRA,
    GROUP_THIRD,
    create,
    encoded,
    enis,
    instance,
    other_network,
    quotas,
    running,
    settings,
    stopped,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def modify(cloud: Cloud, instance_id: str, **params: Any) -> str:
    """Change an instance; give the code of the refusal, or ""."""
    return cloud.call("ModifyInstanceAttribute", InstanceId=instance_id, **params).code


def test_texts(cloud: Cloud) -> None:
    """Name, description and host name change; what is not given stays."""
    instance_id = stopped(cloud, InstanceName="first", Description="before")
    assert modify(cloud, instance_id, InstanceName="second", HostName="host2") == ""
    shown = instance(cloud, instance_id)
    names = ("InstanceName", "Description", "HostName")
    assert tuple(shown[name] for name in names) == ("second", "before", "host2")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "MissingParameter"),
        ({"InstanceName": "1"}, "InvalidInstanceName.Malformed"),
        ({"Description": "http://x"}, "InvalidDescription.Malformed"),
        ({"HostName": "a."}, "InvalidHostName.Malformed"),
        ({"Password": "weak"}, "InvalidPassword.Malformed"),
        ({"UserData": "no base 64"}, "InvalidUserData.Base64FormatInvalid"),
        ({"UserData": encoded("x" * 32769)}, "InvalidUserData.SizeExceeded"),
        ({"CreditSpecification": "Standard"}, "InvalidParameter.CreditSpecification"),
        ({"SecurityGroupIds.1": "sg-none"}, "InvalidSecurityGroupId.NotFound"),
        (
            {"SecurityGroupIds.1": GROUP, "SecurityGroupIds.2": GROUP},
            "InvalidParameter.SecurityGroupIdRepeated",
        ),
        ({"InstanceId": "i-none", "InstanceName": "any"}, "InvalidInstanceId.NotFound"),
        ({"Recyclable": "true"}, "SimulatorUnsupported.Recyclable"),
    ],
)
def test_refusals(cloud: Cloud, given: dict[str, Any], code: str) -> None:
    """What an order refuses is refused for a change too."""
    given = {"InstanceId": stopped(cloud), **given}
    assert cloud.call("ModifyInstanceAttribute", **given).code == code


def test_all_or_nothing(cloud: Cloud) -> None:
    """A refused call changes nothing."""
    instance_id = stopped(cloud, InstanceName="first")
    modify(cloud, instance_id, InstanceName="second", UserData="no base 64")
    assert instance(cloud, instance_id)["InstanceName"] == "first"


def test_user_data(cloud: Cloud, sim: Simulator) -> None:
    """User data changes while Stopped; by a setting also while Running."""
    instance_id = running(cloud, UserData=encoded("old"))
    assert modify(cloud, instance_id, UserData=encoded("new")) == "IncorrectInstanceStatus"
    settings(sim, user_data__needs_stopped=False)
    assert modify(cloud, instance_id, UserData=encoded("new")) == ""
    shown = cloud.ok("DescribeUserData", InstanceId=instance_id)
    assert shown["UserData"] == encoded("new")
    assert cloud.call("DescribeUserData", InstanceId="i-no").code == "InvalidInstanceId.NotFound"


def test_protection(cloud: Cloud) -> None:
    """Protection is for pay-as-you-go instances; it can be taken off anything."""
    instance_id = stopped(cloud)
    assert modify(cloud, instance_id, DeletionProtection="true") == ""
    assert instance(cloud, instance_id)["DeletionProtection"] is True
    for given in (
        {"InstanceChargeType": "PrePaid", "Period": 1},
        {"SpotStrategy": "SpotAsPriceGo"},
    ):
        other = stopped(cloud, **given)
        code = modify(cloud, other, DeletionProtection="true")
        assert code == "InvalidChargeType.ValueNotSupported"
        assert modify(cloud, other, DeletionProtection="false") == ""


def test_groups_are_replaced(cloud: Cloud, sim: Simulator) -> None:
    """SecurityGroupIds replaces all groups, of the primary interface too."""
    instance_id = stopped(cloud)
    given = {"SecurityGroupIds.1": GROUP_EXTRA, "SecurityGroupIds.2": GROUP_THIRD}
    assert modify(cloud, instance_id, **given) == ""
    wanted = [GROUP_EXTRA, GROUP_THIRD]
    assert instance(cloud, instance_id)["SecurityGroupIds"]["SecurityGroupId"] == wanted
    (eni,) = enis(cloud, InstanceId=instance_id)
    assert eni["SecurityGroupIds"]["SecurityGroupId"] == wanted
    other_network(sim)
    code = modify(cloud, instance_id, SecurityGroupIds__1="sg-other")
    assert code == "InvalidSecurityGroupVpc.NotBelongToOneVpc"


def test_group_limits(cloud: Cloud, sim: Simulator) -> None:
    """At most five groups, of one kind, with room; a Pending instance keeps its own."""
    vpc_id = sim.state()["constants"]["cn-beijing.vpc"]
    more = [{"id": f"sg-{n}", "vpc_id": vpc_id} for n in range(5)]
    more.append({"id": "sg-advanced", "vpc_id": vpc_id, "group_type": "enterprise"})
    sim.seed({"security_group": more})
    instance_id = stopped(cloud)
    many = {f"SecurityGroupIds.{n + 1}": f"sg-{n}" for n in range(5)}
    assert modify(cloud, instance_id, **many) == ""
    many["SecurityGroupIds.6"] = GROUP
    assert modify(cloud, instance_id, **many) == "JoinedGroupLimitExceed"
    quotas(sim, security_group__per_instance=10)
    assert modify(cloud, instance_id, **many) == ""
    mixed = {"SecurityGroupIds.1": GROUP, "SecurityGroupIds.2": "sg-advanced"}
    assert modify(cloud, instance_id, **mixed) == "EnterpriseGroupLimited.MutliGroupType"
    quotas(sim, security_group__members=0)
    full = modify(cloud, instance_id, SecurityGroupIds__1="sg-advanced")
    assert full == "SecurityGroupInstanceLimitExceed"
    quotas(sim, security_group__members=10)
    pending = create(cloud)
    code = modify(cloud, pending, SecurityGroupIds__1=GROUP_EXTRA)
    assert code == "IncorrectInstanceStatus"


def test_metadata_options(cloud: Cloud, sim: Simulator) -> None:
    """How metadata is served changes at once; token-only needs an image that has it."""
    instance_id = running(cloud)
    given = {"InstanceId": instance_id, "HttpEndpoint": "enabled", "HttpTokens": "required"}
    cloud.ok("ModifyInstanceMetadataOptions", **given)
    assert instance(cloud, instance_id)["MetadataOptions"]["HttpTokens"] == "required"
    given["HttpTokens"] = "never"
    refused = cloud.call("ModifyInstanceMetadataOptions", **given)
    assert refused.code == "InvalidHttpTokens.NotSupported"
    sim.seed({"image": [{"id": "m-plain"}]})
    old = {**given, "InstanceId": running(cloud, ImageId="m-plain"), "HttpTokens": "required"}
    refused = cloud.call("ModifyInstanceMetadataOptions", **old)
    assert refused.code == "InvalidHttpTokens.NotSupported"
    refused = cloud.call("ModifyInstanceMetadataOptions", HttpEndpoint="enabled")
    assert refused.code == "MissingParameter"
