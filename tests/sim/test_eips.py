"""EIPs, by VPC and by the deprecated ECS actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.balancing import BALANCER, EIP, EIP_2, client, instance, interface, release
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Answer


@pytest.fixture(params=["Vpc", "Ecs"])
def cloud(sim: Simulator, request: pytest.FixtureRequest) -> Cloud:
    """Give a client of either version; two instances run."""
    instance(sim, "one", 11)
    instance(sim, "two", 12)
    return client(sim, "vpc") if request.param == "Vpc" else Cloud(sim)


def bind(cloud: Cloud, holder: str = "i-one", eip: str = EIP, **params: Any) -> Answer:
    """Bind an EIP."""
    return cloud.call("AssociateEipAddress", AllocationId=eip, InstanceId=holder, **params)


def unbind(cloud: Cloud, holder: str = "i-one", **params: Any) -> Answer:
    """Unbind the first EIP."""
    return cloud.call("UnassociateEipAddress", AllocationId=EIP, InstanceId=holder, **params)


def shown(cloud: Cloud, **params: Any) -> list[Any]:
    """List EIPs."""
    return list(cloud.ok("DescribeEipAddresses", **params)["EipAddresses"]["EipAddress"])


def status(cloud: Cloud) -> tuple[str, str]:
    """Tell the first EIP's status and holder."""
    eip = shown(cloud, AllocationId=EIP)[0]
    return eip["Status"], eip["InstanceId"]


def test_life(cloud: Cloud) -> None:
    """Available, Associating, InUse, Unassociating, Available; each on its way shows once."""
    assert status(cloud) == ("Available", "")
    assert bind(cloud).status == 200
    assert status(cloud) == ("Associating", "i-one")
    assert status(cloud) == ("InUse", "i-one")
    assert shown(cloud, AllocationId=EIP)[0]["InstanceType"] == "EcsInstance"
    assert unbind(cloud).status == 200
    assert status(cloud) == ("Unassociating", "i-one")
    assert status(cloud) == ("Available", "")


def test_pace(cloud: Cloud, sim: Simulator) -> None:
    """Binding and unbinding take the time the pace says."""
    sim.set_pace(eip__associate=10, eip__unassociate=5)
    bind(cloud)
    sim.advance(9)
    assert status(cloud)[0] == "Associating"
    sim.advance(1)
    assert status(cloud)[0] == "InUse"
    unbind(cloud)
    assert status(cloud)[0] == "Unassociating"
    sim.advance(5)
    assert status(cloud)[0] == "Available"


def test_states_that_refuse(cloud: Cloud, sim: Simulator) -> None:
    """On its way an EIP can only be queried; settled, it is bound or unbound, not both."""
    assert unbind(cloud).code == "IncorrectEipStatus"
    bind(cloud)
    assert bind(cloud).code == unbind(cloud).code == "InvalidBindingStatus"
    sim.advance(1)
    assert bind(cloud).code == bind(cloud, "i-two").code == "IncorrectEipStatus"
    unbind(cloud)
    assert bind(cloud).code == unbind(cloud).code == "InvalidBindingStatus"


def test_one_eip_per_instance(cloud: Cloud, sim: Simulator) -> None:
    """An instance has at most one EIP, one that is being bound or unbound included."""
    bind(cloud)
    assert bind(cloud, eip=EIP_2).code == "InvalidAssociation.Duplicated"
    sim.advance(1)
    assert bind(cloud, eip=EIP_2).code == "InvalidAssociation.Duplicated"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "Pending"}, "InvalidStatus.EcsStatusNotSupport"),
        ({"status": "Starting"}, "IncorrectInstanceStatus"),
        ({"status": "Stopping"}, "IncorrectInstanceStatus"),
        ({"releasing": True}, "IncorrectInstanceStatus"),
        ({"public_ip": "203.0.113.99"}, "EIP_CAN_NOT_ASSOCIATE_WITH_PUBLIC_IP"),
        ({"bandwidth_out": 5}, "Forbidden.InstanceBandwidthNotZero"),
        ({"status": "Stopped"}, ""),
        ({"region": "cn-hangzhou"}, "InvalidParameter.Mismatch"),
        ({"account": "1200000000000002"}, "InvalidInstanId.NotFound"),
    ],
)
def test_instances_that_refuse(
    cloud: Cloud, sim: Simulator, fields: dict[str, Any], code: str
) -> None:
    """An instance is Running or Stopped, in the region, and has no public address of its own."""
    instance(sim, "other", 13, **fields)
    assert bind(cloud, "i-other").code == code


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"eip": "eip-lost"}, "InvalidAllocationId.NotFound"),
        ({"holder": "i-lost"}, "InvalidInstanId.NotFound"),
        ({"InstanceType": "SlbInstance"}, "InvalidInstanId.NotFound"),
        ({"InstanceType": "Vm"}, "InvalidInstanceType.ValueNotSupported"),
        ({"InstanceType": "Nat"}, "SimulatorUnsupported.InstanceType=Nat"),
        ({"holder": None}, "MissingParameter"),
    ],
)
def test_bind_refusals(cloud: Cloud, params: dict[str, Any], code: str) -> None:
    """Unknown EIPs, holders and types are refused."""
    assert bind(cloud, **params).code == code


def test_unbind_refusals(cloud: Cloud, sim: Simulator) -> None:
    """Unbinding names the holder if anything, and its holder has to be settled."""
    bind(cloud)
    sim.advance(1)
    assert unbind(cloud, "i-lost").code == "InvalidInstanceId.NotFound"
    assert unbind(cloud, "i-two").code == "InvalidParameter"
    assert unbind(cloud, InstanceType="SlbInstance").code == "InvalidParameter"
    instance(sim, "one", 11, status="Stopping")
    assert unbind(cloud).code == "IncorrectInstanceStatus"


def test_unbinding_without_holder(sim: Simulator, cloud: Cloud) -> None:
    """The VPC version needs no InstanceId to unbind, the ECS version does."""
    bind(cloud)
    sim.advance(1)
    ecs = cloud.common == {}
    answer = cloud.call("UnassociateEipAddress", AllocationId=EIP)
    assert answer.code == ("MissingParameter" if ecs else "")


@pytest.mark.parametrize("moment", [0, 60])
def test_release_of_the_holder(cloud: Cloud, sim: Simulator, moment: float) -> None:
    """When its holder is released an EIP is unbound, not released, also while being bound."""
    sim.set_pace(eip__associate=50, eip__unassociate=500)
    bind(cloud)
    sim.advance(moment)
    release(sim, "i-one")
    assert status(cloud)[0] == "Unassociating"
    sim.advance(500)
    assert status(cloud) == ("Available", "")
    assert bind(cloud, "i-two").status == 200


def test_other_holders(cloud: Cloud, sim: Simulator) -> None:
    """Secondary interfaces and load balancers in a VPC take EIPs too."""
    interface(sim, "second", 21)
    interface(sim, "first", 22, type="Primary")
    interface(sim, "moving", 23, status="Attaching")
    kind = {"InstanceType": "NetworkInterface"}
    for name in ("eni-first", "eni-moving"):
        assert bind(cloud, name, **kind).code == "InvalidStatus.EniStatusNotSupport"
    assert bind(cloud, "eni-second", **kind).status == 200
    assert bind(cloud, BALANCER, EIP_2, InstanceType="SlbInstance").status == 200
    sim.seed({"load_balancer": [{"id": "lb-public"}]})
    refused = bind(cloud, "lb-public", EIP_2, InstanceType="SlbInstance")
    assert refused.code == "InvalidBindingStatus"
    sim.advance(1)
    found = shown(cloud, AssociatedInstanceType="SlbInstance")
    assert [eip["InstanceId"] for eip in found] == [BALANCER]


def test_locked(cloud: Cloud, sim: Simulator) -> None:
    """A locked EIP cannot be bound."""
    sim.seed({"eip": [{"id": "eip-locked", "locks": ["financial"]}]})
    expected = "InvalidEIPStatus.BizDisabled" if not cloud.common else "Forbidden.FinancialLocked"
    assert bind(cloud, eip="eip-locked").code == expected
    found = shown(cloud, LockReason="financial")
    assert found[0]["OperationLocks"] == {"LockReason": [{"LockReason": "financial"}]}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, 2),
        ({"AllocationId": f"{EIP},{EIP_2}"}, 2),
        ({"AllocationId": "eip-lost"}, 0),
        ({"EipAddress": "203.0.113.12"}, 1),
        ({"EipAddress": "203.0.113.99"}, 0),
        ({"Status": "InUse"}, 1),
        ({"AssociatedInstanceId": "i-one"}, 1),
        ({"AssociatedInstanceId": "i-one", "Status": "Available"}, 0),
        ({"ISP": "BGP", "ChargeType": "PostPaid"}, 2),
        ({"RegionId": "cn-hangzhou"}, 2),
        ({"PageSize": 1, "PageNumber": 2}, 1),
    ],
)
def test_filters(cloud: Cloud, sim: Simulator, filters: dict[str, Any], found: int) -> None:
    """Filters are ANDed; ids and addresses may be several; unknown ones are not listed."""
    bind(cloud)
    sim.advance(1)
    assert len(shown(cloud, **filters)) == found


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"Status": "Lost"}, "InvalidParameter"),
        ({"AssociatedInstanceType": "Vm"}, "InvalidIAssociatedInstanceType.ValueNotSupported"),
        ({"ChargeType": "Free"}, "InvalidChargeType.ValueNotSupported"),
        ({"LockReason": "lost"}, "InvalidLockReason.NotFound"),
        ({"PageSize": 101}, "InvalidParameter"),
        ({"EipAddress": ",".join(["203.0.113.1"] * 51)}, "InvalidParameter"),
        ({"RegionId": None}, "MissingParameter"),
    ],
)
def test_bad_filters(cloud: Cloud, filters: dict[str, Any], code: str) -> None:
    """Filter values that mean nothing are refused."""
    assert cloud.call("DescribeEipAddresses", **filters).code == code


def test_answers(cloud: Cloud, sim: Simulator) -> None:
    """Bandwidth is a text; the VPC version tells more; another account sees none of it."""
    eip = shown(cloud, AllocationId=EIP)[0]
    assert (eip["Bandwidth"], eip["IpAddress"]) == ("5", "203.0.113.11")
    assert ("Name" in eip) == bool(cloud.common)
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET, cloud.common)
    assert shown(other) == []
    assert bind(other).code == "InvalidAllocationId.NotFound"


def test_described_instances(cloud: Cloud, sim: Simulator) -> None:
    """Once InUse, an EIP shows in the description of its instance, and no longer afterwards."""

    def address() -> Any:
        listed = Cloud(sim).ok("DescribeInstances", InstanceIds='["i-one"]')
        return listed["Instances"]["Instance"][0]["EipAddress"]

    Cloud(sim).ok("DescribeInstances")  # the first list misses new instances
    bind(cloud)
    assert address()["AllocationId"] == ""
    sim.advance(1)
    assert (address()["AllocationId"], address()["IpAddress"]) == (EIP, "203.0.113.11")
    unbind(cloud)
    assert address()["IpAddress"] == ""


def test_client_token(sim: Simulator) -> None:
    """VPC takes a token: a repeated bind is answered, not refused; ECS has no such parameter."""
    instance(sim, "one", 11)
    instance(sim, "two", 12)
    vpc = client(sim, "vpc")
    assert [bind(vpc, ClientToken="t").status for _ in "ab"] == [200, 200]
    assert bind(vpc, "i-two", ClientToken="t").code == "IdempotentParameterMismatch"
    assert bind(Cloud(sim), ClientToken="t").code == "UnsupportedParameter"


def test_vpc_only(sim: Simulator) -> None:
    """What only the VPC version has: address of an interface, mode, name and tag filters."""
    sim.seed({"eip": [{"id": "eip-web", "name": "web", "tags": {"a": "1"}}]})
    interface(sim, "second", 21, secondary_ips=["10.0.1.22"])
    vpc = client(sim, "vpc")
    assert len(shown(vpc, EipName="web")) == len(shown(vpc, Tag__1__Key="a")) == 1
    assert vpc.call("DescribeEipAddresses", DryRun="true").code == "DryRunOperation"
    kind = {"InstanceType": "NetworkInterface"}
    assert bind(vpc, "eni-second", **kind, Mode="BINDED").code.startswith("SimulatorUnsupported")
    assert bind(vpc, "eni-second", **kind, Mode="x").code == "IllegalParam.Mode"
    wrong = bind(vpc, "eni-second", **kind, PrivateIpAddress="10.0.1.99")
    assert wrong.code == "InvalidParameter"
    assert bind(vpc, "eni-second", **kind, PrivateIpAddress="10.0.1.22").status == 200
    sim.advance(1)
    eip = shown(vpc, AllocationId=EIP)[0]
    assert (eip["PrivateIpAddress"], eip["Mode"]) == ("10.0.1.22", "NAT")
