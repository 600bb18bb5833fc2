"""Elastic IP addresses from their allocation to their release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import LONG, quotas, running
from sim.support import ECS, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

VERSIONS = {"vpc": "2016-04-28", "ecs": ECS}


@pytest.fixture(params=list(VERSIONS))
def of(sim: Simulator, request: pytest.FixtureRequest) -> Cloud:
    """Give a client of one of the two services that have EIPs."""
    return Cloud(sim, common={"Version": VERSIONS[request.param]})


def eip(of: Cloud, eip_id: str) -> dict[str, Any]:
    """Describe an EIP; {} if there is none."""
    rows = of.ok("DescribeEipAddresses", AllocationId=eip_id)["EipAddresses"]["EipAddress"]
    return dict(rows[0]) if rows else {}


def test_allocate_bind_release(of: Cloud, cloud: Cloud) -> None:
    """A new EIP is Available and has an address that nothing else has; a bound one stays."""
    made = [of.ok("AllocateEipAddress", Bandwidth="10") for _ in "ab"]
    assert len({one["EipAddress"] for one in made}) == 2
    eip_id = made[0]["AllocationId"]
    assert (eip(of, eip_id)["Status"], eip(of, eip_id)["Bandwidth"]) == ("Available", "10")
    instance_id = running(cloud)
    of.ok("AssociateEipAddress", AllocationId=eip_id, InstanceId=instance_id)
    of.sim.advance(LONG)
    assert of.call("ReleaseEipAddress", AllocationId=eip_id).code == "IncorrectEipStatus"
    of.ok("UnassociateEipAddress", AllocationId=eip_id, InstanceId=instance_id)
    of.sim.advance(LONG)
    of.ok("ReleaseEipAddress", AllocationId=eip_id)
    assert eip(of, eip_id) == {}
    assert of.call("ReleaseEipAddress", AllocationId=eip_id).code == "InvalidAllocationId.NotFound"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Bandwidth": "0"}, "InvalidBandwidth.Malformed"),
        ({"Bandwidth": "fast"}, "InvalidBandwidth.Malformed"),
        ({"Bandwidth": "201", "InternetChargeType": "PayByTraffic"}, "InvalidBandwidth.Malformed"),
        ({"InternetChargeType": "Free"}, "InvalidParameter"),
    ],
)
def test_refusals(of: Cloud, changed: dict[str, Any], code: str) -> None:
    """A wrong value is refused, and nothing is made."""
    before = of.ok("DescribeEipAddresses")["TotalCount"]
    assert of.call("AllocateEipAddress", **changed).code == code
    assert of.ok("DescribeEipAddresses")["TotalCount"] == before


def test_the_quota(of: Cloud, sim: Simulator) -> None:
    """The number of EIPs is limited where a test says so."""
    quotas(sim, eip__count=2)
    assert of.call("AllocateEipAddress").code == "QuotaExceeded.Eip"


def test_only_with_vpc(sim: Simulator) -> None:
    """Names and tags; the bandwidth can be changed later; subscriptions are not simulated."""
    vpc = Cloud(sim, common={"Version": VERSIONS["vpc"]})
    given = {"Name": "n", "Description": "d", "Tag__1__Key": "a", "Tag__1__Value": "1"}
    eip_id = vpc.ok("AllocateEipAddress", **given)["AllocationId"]
    shown = eip(vpc, eip_id)
    assert (shown["Name"], shown["Description"]) == ("n", "d")
    assert shown["Tags"]["Tag"] == [{"Key": "a", "Value": "1"}]
    change = {"AllocationId": eip_id, "Bandwidth": "50", "Name": "m"}
    vpc.ok("ModifyEipAddressAttribute", **change)
    assert (eip(vpc, eip_id)["Bandwidth"], eip(vpc, eip_id)["Name"]) == ("50", "m")
    code = vpc.call("ModifyEipAddressAttribute", AllocationId=eip_id, Bandwidth="x").code
    assert code == "Abs.InvalidBandwidth.Malformed"
    refused = vpc.call("AllocateEipAddress", InstanceChargeType="PrePaid")
    assert refused.status == 501


def test_no_monitoring_by_the_second(sim: Simulator) -> None:
    """An EIP's detailed monitoring goes nowhere."""
    vpc = Cloud(sim, common={"Version": VERSIONS["vpc"]})
    eip_id = vpc.ok("AllocateEipAddress")["AllocationId"]
    answer = vpc.ok("DescribeHighDefinitionMonitorLogAttribute", InstanceId=eip_id)
    assert (answer["Success"], answer["LogProject"]) == ("true", "")
    missing = vpc.call("DescribeHighDefinitionMonitorLogAttribute", InstanceId="eip-none")
    assert missing.code == "InvalidAllocationId.NotFound"
