"""A request goes to the configured endpoint, else to the one in the SDK's tables for its region."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aliyunsdkcore
import cloud
import pytest
from aliyunsdkecs import endpoint as ecs
from aliyunsdkecs.request.v20140526.DescribeDisksRequest import DescribeDisksRequest
from aliyunsdknlb import endpoint as nlb
from aliyunsdknlb.request.v20220430.ListServerGroupsRequest import ListServerGroupsRequest
from aliyunsdkslb import endpoint as slb
from aliyunsdkslb.request.v20140515.DescribeHealthStatusRequest import DescribeHealthStatusRequest
from aliyunsdksts import endpoint as sts
from aliyunsdksts.request.v20150401.AssumeRoleRequest import AssumeRoleRequest
from aliyunsdkvpc import endpoint as vpc
from aliyunsdkvpc.request.v20160428.DescribeEipAddressesRequest import DescribeEipAddressesRequest

from alicloud_cpi.aliyun.endpoints import Endpoints
from alicloud_cpi.clock import SystemClock
from alicloud_cpi.config import parse_config
from alicloud_cpi.endpoint import Endpoint
from alicloud_cpi.oss.endpoint import oss_endpoint
from support import proxy as support

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi

REQUESTS: dict[str, Any] = {
    "ecs": DescribeDisksRequest,
    "nlb": ListServerGroupsRequest,
    "slb": DescribeHealthStatusRequest,
    "sts": AssumeRoleRequest,
    "vpc": DescribeEipAddressesRequest,
}
TABLES: dict[str, dict[str, str]] = {
    module.__name__.removeprefix("aliyunsdk").partition(".")[0]: (
        module.endpoint_data.getEndpointMap()
    )
    for module in (ecs, nlb, slb, sts, vpc)
}
_DATA = json.loads(
    Path(aliyunsdkcore.__file__).with_name("data").joinpath("endpoints.json").read_text()
)


def endpoint(service: str, region: str, home: str = "cn-beijing", **properties: Any) -> Endpoint:
    """Return where a request of a service goes for a region."""
    keys = {"access_key_id": "id", "access_key_secret": "secret"}
    alicloud = {"region": home, **keys, **properties}
    config = parse_config({"cloud": {"properties": {"alicloud": alicloud}}}, {})
    return Endpoints(config).of(REQUESTS[service](), region)


@pytest.mark.parametrize(
    ("service", "region", "host"),
    [
        ("ecs", "cn-beijing", "ecs.cn-beijing.aliyuncs.com"),
        ("ecs", "eu-central-1", "ecs.eu-central-1.aliyuncs.com"),
        ("ecs", "cn-hangzhou", "ecs-cn-hangzhou.aliyuncs.com"),
        ("ecs", "cn-shenzhen-finance-1", "ecs-cn-hangzhou.aliyuncs.com"),
        ("ecs", "cn-north-2-gov-1", "ecs.aliyuncs.com"),
        ("slb", "cn-beijing", "slb.aliyuncs.com"),
        ("slb", "us-east-1", "slb.aliyuncs.com"),
        ("slb", "eu-central-1", "slb.eu-central-1.aliyuncs.com"),
        ("nlb", "cn-beijing", "nlb.cn-beijing.aliyuncs.com"),
        ("vpc", "cn-hangzhou", "vpc.aliyuncs.com"),
        ("vpc", "cn-shanghai-finance-1", "vpc.aliyuncs.com"),
        ("vpc", "cn-beijing", "vpc.cn-beijing.aliyuncs.com"),
        ("sts", "cn-beijing", "sts.cn-beijing.aliyuncs.com"),
        ("sts", "cn-beijing-finance-1", "sts.aliyuncs.com"),
        ("sts", "cn-shenzhen-finance-1", "sts-vpc.cn-shenzhen-finance-1.aliyuncs.com"),
    ],
)
def test_known_endpoints(service: str, region: str, host: str) -> None:
    """Finance and government regions differ from the pattern (real-cloud.md, "Endpoints")."""
    assert endpoint(service, region) == Endpoint(host, 443)


@pytest.mark.parametrize(
    ("service", "region"),
    [
        (service, region)
        for service in REQUESTS
        for region in sorted({*TABLES[service], *_DATA["regions"]})
    ],
)
def test_every_region_of_the_sdk_has_the_endpoint_of_its_tables(service: str, region: str) -> None:
    """Over https; a region that the service's own table lacks has its name in the host."""
    host = TABLES[service].get(region, f"{service}.{region}.aliyuncs.com")
    assert endpoint(service, region, home=region) == Endpoint(host, 443)


@pytest.mark.parametrize(
    "region", sorted({*_DATA["regions"], *(name for table in TABLES.values() for name in table)})
)
def test_no_region_of_the_sdk_is_taken_for_a_zone(region: str) -> None:
    """The names of zones end unlike those of regions."""
    keys = {"access_key_id": "id", "access_key_secret": "secret"}
    alicloud = {"region": region, "cross_regions": [region], **keys}
    assert parse_config({"cloud": {"properties": {"alicloud": alicloud}}}, {}).region == region


# Regions that anybody can use, and finance and government ones.
PUBLIC = re.compile(
    r"(?!cn-(edge|fujian|wuhan|yushanfang))(cn|ap|eu|us|me)-[a-z]+(-\d)?"
    r"|cn-(shanghai|shenzhen)-finance-1|cn-north-2-gov-1"
)


@pytest.mark.parametrize("service", ["ecs", "nlb", "slb", "vpc"])
@pytest.mark.parametrize("region", sorted(filter(PUBLIC.fullmatch, _DATA["regions"])))
def test_the_pipelines_own_table_agrees(service: str, region: str) -> None:
    """ci/lib/cloud.py has no SDK, and knows the same hosts for these regions."""
    own = cloud.CENTRAL.get((service, region), f"{service}.{region}.aliyuncs.com")
    assert endpoint(service, region).host == own


@pytest.mark.parametrize(("region", "host"), sorted(_DATA["regional_endpoints"]["oss"].items()))
def test_every_region_of_the_sdk_has_its_oss_endpoint(region: str, host: str) -> None:
    """The SDK has no class for OSS, but a table."""
    keys = {"access_key_id": "id", "access_key_secret": "secret"}
    config = parse_config({"cloud": {"properties": {"alicloud": {"region": region, **keys}}}}, {})
    assert oss_endpoint(config, SystemClock()) == Endpoint(host, 443)


@pytest.mark.parametrize("region", ["na-south-1", "sa-east-1", "beijing", "mars-1", "x"])
@pytest.mark.parametrize("service", REQUESTS)
def test_a_region_that_the_sdk_does_not_know_has_its_name_in_the_host(
    service: str, region: str
) -> None:
    """New regions work, and a mistyped one is a name that cannot be resolved."""
    assert endpoint(service, region) == Endpoint(f"{service}.{region}.aliyuncs.com", 443)


@pytest.mark.parametrize("service", REQUESTS)
def test_a_configured_endpoint_wins(service: str) -> None:
    """For its service only."""
    configured = {f"{service}_endpoint": "https://api.example.com:8443"}
    assert endpoint(service, "cn-beijing", **configured) == Endpoint("api.example.com", 8443)
    other = next(name for name in REQUESTS if name != service)
    assert "example" not in endpoint(other, "cn-beijing", **configured).host


@pytest.mark.parametrize(
    ("given", "region", "host"),
    [
        ("ecs-vpc.cn-beijing.aliyuncs.com", "cn-beijing", "ecs-vpc.cn-beijing.aliyuncs.com"),
        ("ecs-vpc.cn-beijing.aliyuncs.com", "cn-hangzhou", "ecs-vpc.cn-hangzhou.aliyuncs.com"),
        ("api.example.com", "cn-hangzhou", "api.example.com"),
    ],
)
def test_a_configured_endpoint_serves_other_regions_by_their_name(
    given: str, region: str, host: str
) -> None:
    """It is the home region's; a host that names no region serves them all."""
    assert endpoint("ecs", region, ecs_endpoint=given) == Endpoint(host, 443)


def test_requests_for_another_region_go_to_its_endpoint(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that the home region lacks is looked for in cross_regions."""
    cpi.configure(ecs_endpoint=None, cross_regions=["cn-hangzhou"])
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert cpi.ok("has_disk", "d-1") is False
    assert [request.target for request in proxy.requests] == [
        "CONNECT ecs.cn-beijing.aliyuncs.com:443",
        "CONNECT ecs-cn-hangzhou.aliyuncs.com:443",
    ]
    assert [call["params"]["RegionId"] for call in sim.calls()] == ["cn-beijing", "cn-hangzhou"]
