"""The simulator through Alibaba Cloud's own Python SDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aliyunsdkcore.client import AcsClient

    from alicloud_sim import Simulator

pytestmark = pytest.mark.filterwarnings("ignore")


def request(name: str, **fields: Any) -> Any:
    """Make a request object of the SDK, addressed to the simulator."""
    module = __import__(f"aliyunsdkecs.request.v20140526.{name}Request", fromlist=["x"])
    made = getattr(module, f"{name}Request")()
    made.set_endpoint("127.0.0.1")
    made.set_protocol_type("https")
    for field, value in fields.items():
        getattr(made, f"set_{field}")(value)
    return made


def do(client: AcsClient, name: str, **fields: Any) -> Any:
    """Make a call with the SDK and read its answer."""
    return json.loads(client.do_action_with_exception(request(name, **fields)))


def test_disk_lifecycle(sdk: AcsClient) -> None:
    """A disk made by the SDK is Creating for one read, then Available, then deleted."""
    tags = [{"Key": "director", "Value": "bosh"}]
    made = do(
        sdk, "CreateDisk", ZoneId="cn-beijing-h", DiskCategory="cloud_essd", Size=20, Tags=tags
    )
    ids = json.dumps([made["DiskId"]])

    statuses = [do(sdk, "DescribeDisks", DiskIds=ids)["Disks"]["Disk"][0]["Status"] for _ in "ab"]
    assert statuses == ["Creating", "Available"]

    shown = do(sdk, "DescribeDisks", DiskIds=ids, Tags=tags)["Disks"]["Disk"][0]
    assert shown["Tags"]["Tag"] == [{"TagKey": "director", "TagValue": "bosh"}]
    assert shown["SerialNumber"] == made["DiskId"].removeprefix("d-")

    do(sdk, "DeleteDisk", DiskId=made["DiskId"])
    assert do(sdk, "DescribeDisks", DiskIds=ids)["TotalCount"] == 0


def test_errors_reach_the_sdk(sdk: AcsClient) -> None:
    """The SDK raises code, status and request id of a refusal."""
    from aliyunsdkcore.acs_exception.exceptions import (
        ServerException,
    )

    with pytest.raises(ServerException) as caught:
        do(sdk, "DeleteDisk", DiskId="d-2zenothere")

    assert caught.value.get_error_code() == "InvalidDiskId.NotFound"
    assert caught.value.get_http_status() == 404
    assert len(caught.value.get_request_id()) == 36


def test_wrong_secret_is_told_apart(sdk: AcsClient) -> None:
    """The SDK recognises a wrong secret by the string to sign that the gateway returns."""
    from aliyunsdkcore.acs_exception.exceptions import (
        ServerException,
    )

    sdk._signer._credential.access_key_secret = "wrong"  # noqa: SLF001 - a client without a key

    with pytest.raises(ServerException) as caught:
        do(sdk, "DescribeRegions")

    assert caught.value.get_error_code() == "InvalidAccessKeySecret"


def test_regions_and_zones(sdk: AcsClient, sim: Simulator) -> None:
    """Regions and their zones are listed, with what each zone sells."""
    regions = do(sdk, "DescribeRegions")["Regions"]["Region"]
    zones = do(sdk, "DescribeZones")["Zones"]["Zone"]

    assert [region["RegionId"] for region in regions] == ["cn-beijing", "cn-hangzhou"]
    assert [zone["ZoneId"] for zone in zones] == ["cn-beijing-h", "cn-beijing-g"]
    sold = [zone["AvailableInstanceTypes"]["InstanceTypes"] for zone in zones]
    assert ["ecs.c9i.large" in types for types in sold] == [True, False]
    assert sim.calls("DescribeZones")[0]["tls"] == "TLSv1.3"
