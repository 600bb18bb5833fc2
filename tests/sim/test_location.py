"""Where services are: Location's answers and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.balancing import client

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def ask(sim: Simulator, **params: Any) -> list[str]:
    """Ask for endpoints and give the host names."""
    answer = client(sim, "location").ok("DescribeEndpoints", **params)
    return [one["Endpoint"] for one in answer["Endpoints"]["Endpoint"]]


@pytest.mark.parametrize(
    ("region", "service", "host"),
    [
        ("cn-beijing", "ecs", "ecs.cn-beijing.aliyuncs.com"),
        ("cn-hangzhou", "ecs", "ecs-cn-hangzhou.aliyuncs.com"),
        ("cn-beijing", "slb", "slb.aliyuncs.com"),
        ("cn-hangzhou", "vpc", "vpc.aliyuncs.com"),
        ("cn-beijing", "vpc", "vpc.cn-beijing.aliyuncs.com"),
        ("cn-beijing", "nlb", "nlb.cn-beijing.aliyuncs.com"),
        ("cn-beijing", "oss", "oss-cn-beijing.aliyuncs.com"),
        ("cn-beijing", "sts", "sts.cn-beijing.aliyuncs.com"),
    ],
)
def test_hosts(sim: Simulator, region: str, service: str, host: str) -> None:
    """Services are where the real ones are, in the list and in the single answer."""
    assert ask(sim, Id=region, ServiceCode=service, Type="openAPI") == [host]
    single = client(sim, "location").ok("DescribeEndpoint", Id=region, ServiceCode=service)
    assert (single["Endpoint"], single["SerivceCode"]) == (host, service)


def test_shape(sim: Simulator) -> None:
    """The list misspells the service code and nests the protocols."""
    answer = client(sim, "location").ok("DescribeEndpoints", Id="cn-beijing", ServiceCode="ecs")
    assert answer["Success"] is True
    assert answer["Endpoints"]["Endpoint"] == [
        {
            "Id": "cn-beijing",
            "SerivceCode": "ecs",
            "Type": "openAPI",
            "Namespace": "",
            "Endpoint": "ecs.cn-beijing.aliyuncs.com",
            "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
        }
    ]


@pytest.mark.parametrize("action", ["DescribeEndpoints", "DescribeEndpoint"])
def test_unknown(sim: Simulator, action: str) -> None:
    """Unknown regions and services are told apart by code and text, whatever the RegionId."""
    location = client(sim, "location", RegionId="mars")
    region = location.call(action, Id="mars", ServiceCode="ecs")
    told = (region.code, region.json["Message"])
    assert told == ("InvalidRegionId", "The specified region does not exist.")
    service = location.call(action, Id="cn-beijing", ServiceCode="teapot")
    told = (service.code, service.json["Message"])
    assert told == ("Illegal Parameter", "Please check the parameters")


def test_types(sim: Simulator) -> None:
    """Inside a region only OSS has another name; a type without endpoints lists none."""
    inner = ask(sim, Id="cn-beijing", ServiceCode="oss", Type="innerAPI")
    assert inner == ["oss-cn-beijing-internal.aliyuncs.com"]
    assert ask(sim, Id="cn-beijing", ServiceCode="ecs", Type="innerAPI") == []


def test_own_address(sim: Simulator) -> None:
    """With the setting every service is at the address it names."""
    here = f"127.0.0.1:{sim.port}"
    sim.seed({"settings": {"location.endpoint": here}})
    assert ask(sim, Id="cn-beijing", ServiceCode="slb") == [here]
    assert ask(sim, Id="cn-beijing", ServiceCode="oss", Type="innerAPI") == [here]
    location = client(sim, "location")
    assert location.call("DescribeEndpoint", Id="mars", ServiceCode="slb").status == 400
