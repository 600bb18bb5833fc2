"""DescribeAccountAttributes: quotas of a region, and what of them is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compute import create, quotas

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def attributes(cloud: Cloud, *names: str) -> dict[str, str]:
    """Ask for attributes by name, or for all; each has one value, a text."""
    asked = {f"AttributeName__{number}": name for number, name in enumerate(names, start=1)}
    answer = cloud.ok("DescribeAccountAttributes", **asked)["AccountAttributeItems"]
    found = {}
    for item in answer["AccountAttributeItem"]:
        (value,) = item["AttributeValues"]["ValueItem"]
        found[item["AttributeName"]] = value["Value"]
    return found


def test_quotas_and_their_use(sim: Simulator, cloud: Cloud) -> None:
    """The world's quotas; instances count with their vCPUs, spot ones apart, other regions not."""
    quotas(sim, **{"instance.vcpus": 12, "security_group.count": 7, "eni.count": 9})
    create(cloud)
    create(cloud, SpotStrategy="SpotAsPriceGo", InstanceType="ecs.g6.xlarge")
    found = attributes(cloud)
    assert found["max-postpaid-instance-vcpu-count"] == "12"
    assert found["max-spot-instance-vcpu-count"] == "12"
    assert found["used-postpaid-instance-vcpu-count"] == "2"
    assert found["used-spot-instance-vcpu-count"] == "4"
    assert (found["max-security-groups"], found["max-elastic-network-interfaces"]) == ("7", "9")
    assert attributes(cloud, "max-security-groups") == {"max-security-groups": "7"}


def test_refusals(cloud: Cloud) -> None:
    """Unknown names, more than eight, and what is not simulated."""
    call = cloud.call
    assert call("DescribeAccountAttributes", AttributeName__1="max").code == "InvalidParameter"
    names = {f"AttributeName__{number}": "max-security-groups" for number in range(1, 10)}
    assert call("DescribeAccountAttributes", **names).code == "InvalidParameter"
    answer = call("DescribeAccountAttributes", AttributeName__1="real-name-authentication")
    assert answer.code.startswith("SimulatorUnsupported")
    answer = call("DescribeAccountAttributes", ZoneId="cn-beijing-h")
    assert answer.code.startswith("SimulatorUnsupported")
