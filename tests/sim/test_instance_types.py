"""DescribeInstanceTypes, DescribeAvailableResource, DescribeSpotPriceHistory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import settings

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def types(cloud: Cloud, **params: Any) -> list[Any]:
    """Describe instance types."""
    return list(cloud.ok("DescribeInstanceTypes", **params)["InstanceTypes"]["InstanceType"])


def ids(cloud: Cloud, **params: Any) -> set[str]:
    """Tell which instance types are described."""
    return {row["InstanceTypeId"] for row in types(cloud, **params)}


def resources(cloud: Cloud, **params: Any) -> dict[str, list[Any]]:
    """Tell what is described as available, by zone."""
    given = {"DestinationResource": "InstanceType", **params}
    zones = cloud.ok("DescribeAvailableResource", **given)["AvailableZones"]["AvailableZone"]
    return {
        zone["ZoneId"]: zone["AvailableResources"]["AvailableResource"][0]["SupportedResources"][
            "SupportedResource"
        ]
        for zone in zones
    }


def test_one_type(cloud: Cloud) -> None:
    """A type tells its size, its family, what it takes and whether it needs NVMe."""
    (row,) = types(cloud, InstanceTypes__1="ecs.g8i.large")
    expected: dict[str, Any] = {
        "InstanceTypeFamily": "ecs.g8i",
        "CpuCoreCount": 2,
        "MemorySize": 8.0,
        "NvmeSupport": "required",
        "CpuArchitecture": "X86",
        "InstanceCategory": "General-purpose",
        "DiskQuantity": 17,
        "GPUAmount": 0,
    }
    assert {name: row[name] for name in expected} == expected


def test_filters(cloud: Cloud) -> None:
    """All filters have to fit; unknown types are not listed."""
    assert ids(cloud, InstanceTypes__1="ecs.none", InstanceTypes__2="ecs.g6.large") == {
        "ecs.g6.large"
    }
    small = ids(cloud, MinimumCpuCoreCount=1, MaximumCpuCoreCount=1, MaximumMemorySize=1)
    assert small == {"ecs.t5-lc2m1.nano", "ecs.t5-lc1m1.small"}
    assert ids(cloud, InstanceTypeFamily="ecs.r6", MinimumMemorySize=32) == {
        "ecs.r6.xlarge",
        "ecs.r6.2xlarge",
    }
    assert "ecs.g8i.large" in ids(cloud, NvmeSupport="required")
    assert "ecs.g8i.large" not in ids(cloud, NvmeSupport="unsupported")
    assert ids(cloud, CpuArchitecture="ARM", CpuArchitectures__1="X86") == set()
    assert ids(cloud, MinimumGPUAmount=1) == set()
    assert all(i.startswith("ecs.c") for i in ids(cloud, InstanceCategory="Compute-optimized"))
    assert cloud.call("DescribeInstanceTypes", NvmeSupport="perhaps").code == "InvalidParameter"
    refused = cloud.call(
        "DescribeInstanceTypes", **{f"InstanceTypes.{n}": "x" for n in range(1, 12)}
    )
    assert refused.code == "InvalidParameter"


def test_several_generations_have_a_size(cloud: Cloud) -> None:
    """A size is sold in several families and generations, so that a choice has to be made."""
    fitting = ids(cloud, MinimumCpuCoreCount=2, MaximumCpuCoreCount=2, MinimumMemorySize=8)
    assert {"ecs.g5.large", "ecs.g6.large", "ecs.g7.large", "ecs.r6.large"} <= fitting


def test_pages(cloud: Cloud) -> None:
    """All types come at once, or in pages with a token."""
    every = ids(cloud)
    assert len(every) > 30
    seen: list[str] = []
    token = ""
    while True:
        page = cloud.ok("DescribeInstanceTypes", MaxResults=10, NextToken=token)
        seen += [row["InstanceTypeId"] for row in page["InstanceTypes"]["InstanceType"]]
        token = page["NextToken"]
        if not token:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == every


def test_zones_and_stock(cloud: Cloud, sim: Simulator) -> None:
    """A type is told in the zones that sell it, and sold out where its stock is used up."""
    sim.seed({"stock": [{"zone": "cn-beijing-h", "type": "ecs.g6.large", "left": 0}]})
    found = resources(cloud, InstanceType="ecs.g6.large")
    status = {zone: [row["Status"] for row in rows] for zone, rows in found.items()}
    assert status == {"cn-beijing-h": ["SoldOut"], "cn-beijing-g": ["Available"]}
    categories = [row["StatusCategory"] for rows in found.values() for row in rows]
    assert categories == ["WithoutStock", "WithStock"]
    newest = resources(cloud, InstanceType="ecs.c9i.large")
    assert [len(rows) for rows in newest.values()] == [1, 0]
    assert list(resources(cloud, ZoneId="cn-beijing-g")) == ["cn-beijing-g"]


def test_by_size(cloud: Cloud) -> None:
    """Types can be asked for by cores and memory, but not together with a type."""
    found = resources(cloud, Cores=2, Memory=8, ZoneId="cn-beijing-h")["cn-beijing-h"]
    assert "ecs.g6.large" in {row["Value"] for row in found}
    assert "ecs.c6.large" not in {row["Value"] for row in found}
    refused = cloud.call(
        "DescribeAvailableResource",
        DestinationResource="InstanceType",
        InstanceType="ecs.g6.large",
        Cores=2,
    )
    assert refused.code == "InvalidParam.TypeAndCpuMem.Conflict"


def test_disk_categories(cloud: Cloud) -> None:
    """The categories that a type takes come with their sizes."""
    given = {"InstanceType": "ecs.g7.large", "ZoneId": "cn-beijing-h"}
    system = resources(cloud, DestinationResource="SystemDisk", **given)["cn-beijing-h"]
    assert "cloud_efficiency" not in {row["Value"] for row in system}
    essd = next(row for row in system if row["Value"] == "cloud_essd")
    assert (essd["Min"], essd["Max"], essd["Unit"]) == (20, 2048, "GiB")
    assert [row["Value"] for row in system] == ["cloud_essd", "cloud_auto"]
    entry = {"DataDiskCategory": "cloud_essd_entry", "SystemDiskCategory": "cloud_essd"}
    given["InstanceType"] = "ecs.u1-c1m2.large"
    data = resources(cloud, DestinationResource="DataDisk", **entry, **given)["cn-beijing-h"]
    assert [(row["Value"], row["Min"], row["Max"]) for row in data] == [
        ("cloud_essd_entry", 10, 32768)
    ]


def test_data_disks_beside_a_system_disk(cloud: Cloud) -> None:
    """Data disks are told for a system disk, cloud_efficiency unless another one is given."""
    given = {"DestinationResource": "DataDisk", "ZoneId": "cn-beijing-h"}

    def found(**more: str) -> set[str]:
        return {row["Value"] for row in resources(cloud, **given, **more)["cn-beijing-h"]}

    assert "cloud_essd" in found(InstanceType="ecs.g6.large")
    assert found(InstanceType="ecs.g7.large") == set()
    essd = {"InstanceType": "ecs.g7.large", "SystemDiskCategory": "cloud_essd"}
    assert found(**essd) == {"cloud_essd", "cloud_auto"}
    assert "cloud_efficiency" in found(ResourceType="disk")
    for destination in ("SystemDisk", "DataDisk"):
        asked = {**given, "DestinationResource": destination}
        assert cloud.call("DescribeAvailableResource", **asked).code == "MissingParameter"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"DestinationResource": None}, "MissingParameter"),
        ({"DestinationResource": "Everything"}, "Invalid.DestinationResource"),
        ({"InstanceChargeType": "Free"}, "Invalid.InstanceChargeType"),
        ({"SpotStrategy": "Cheap"}, "Invalid.SpotStrategy"),
        ({"IoOptimized": "odd"}, "Invalid.IoOptimized"),
        ({"NetworkCategory": "odd"}, "Invalid.NetworkCategory"),
    ],
)
def test_resource_refusals(cloud: Cloud, given: dict[str, Any], code: str) -> None:
    """Unknown values are refused."""
    wanted = {"DestinationResource": "InstanceType", **given}
    assert cloud.call("DescribeAvailableResource", **wanted).code == code


def test_spot_prices(cloud: Cloud, sim: Simulator) -> None:
    """Hourly prices of the last three hours, in each zone that sells the type."""
    settings(sim, spot_prices={"ecs.g6.large": 0.123})
    given = {"NetworkType": "vpc", "InstanceType": "ecs.g6.large"}
    answer = cloud.ok("DescribeSpotPriceHistory", **given)
    rows = answer["SpotPrices"]["SpotPriceType"]
    assert answer["Currency"] == "CNY"
    assert {row["SpotPrice"] for row in rows} == {0.123}
    assert {row["ZoneId"] for row in rows} == {"cn-beijing-h", "cn-beijing-g"}
    assert 6 <= len(rows) <= 8
    span = {"StartTime": "2026-01-01T00:00:00Z", "EndTime": "2026-01-01T01:00:00Z"}
    rows = cloud.ok("DescribeSpotPriceHistory", ZoneId="cn-beijing-h", **given, **span)
    assert len(rows["SpotPrices"]["SpotPriceType"]) == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"NetworkType": None}, "MissingParameter"),
        ({"NetworkType": "odd"}, "InvalidParams.NetworkType"),
        ({"InstanceType": "ecs.none"}, "InvalidInstanceType.ValueNotSupported"),
        ({"ZoneId": "x"}, "InvalidZoneId.NotFound"),
        ({"StartTime": "yesterday"}, "InvalidParams.StartTime"),
        ({"StartTime": "2020-01-01T00:00:00Z"}, "InvalidParams.StartTime"),
        ({"Offset": -1}, "InvalidParams.Offset"),
    ],
)
def test_spot_price_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """The span is 30 days at most, and values have to be known."""
    given = {"NetworkType": "vpc", "InstanceType": "ecs.g6.large", **changed}
    assert cloud.call("DescribeSpotPriceHistory", **given).code == code
