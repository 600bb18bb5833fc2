"""A region or a zone that does not exist: the error names the property that has to be corrected."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from support.stemcells import KIB, image, properties, tarball
from support.storage import refused

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms


@pytest.mark.parametrize("name", ["cn-beijing-h", "ap-southeast-1a", "us-east-1b", "cn-hangzhou-b"])
def test_a_zone_as_region(cpi: Cpi, sim: Simulator, name: str) -> None:
    """It is refused before any request, and the message says where a zone belongs."""
    cpi.configure(region=name)
    answer = cpi.call("has_vm", "i-1")
    refused(answer, "CpiError", "alicloud.region", "alicloud.availability_zone")
    assert sim.calls() == []


def test_a_zone_in_cross_regions(cpi: Cpi, sim: Simulator) -> None:
    """Likewise."""
    cpi.configure(cross_regions=["cn-hangzhou", "cn-hangzhou-h"])
    refused(cpi.call("has_vm", "i-1"), "CpiError", "alicloud.cross_regions")
    assert sim.calls() == []


@pytest.mark.parametrize(
    ("configured", "method", "arguments"),
    [
        ({"region": "cn-bejing"}, "has_vm", ["i-1"]),
        ({"region": "cn-bejing"}, "has_disk", ["d-1"]),
        ({"cross_regions": ["cn-bejing"]}, "has_vm", ["i-1"]),
        ({"region": "cn-bejing"}, "create_disk", [20480, {}, None]),
    ],
)
def test_an_unknown_region(
    cpi: Cpi, configured: dict[str, Any], method: str, arguments: list[Any]
) -> None:
    """What the cloud refuses is told with both properties that name regions."""
    cpi.configure(**configured)
    answer = cpi.call(method, *arguments)
    refused(answer, "CloudError", "cn-bejing", "alicloud.region or alicloud.cross_regions")
    assert not answer.ok_to_retry


def test_a_region_whose_endpoint_has_no_name(cpi: Cpi, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the cloud, a mistyped region is a host that does not exist."""

    def fail(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    cpi.configure(region="cn-bejing", ecs_endpoint=None)
    answer = cpi.call("has_vm", "i-1")
    refused(answer, "CloudError", "Unreachable", "alicloud.region or alicloud.cross_regions")
    cpi.configure(region="cn-beijing")
    assert "alicloud.region or" not in cpi.call("has_vm", "i-1").message


def test_a_region_whose_oss_has_no_name(
    cpi: Cpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Likewise for the first request of an upload, which is OSS's; no bucket is named."""

    def fail(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    cpi.configure(region="cn-bejing", oss_endpoint=None)
    answer = cpi.call("create_stemcell", tarball(tmp_path, image(KIB)), properties())
    refused(answer, "CloudError", "PutBucket", "alicloud.region or alicloud.cross_regions")
    assert "LEFT BEHIND" not in answer.message


@pytest.mark.parametrize("zone", ["cn-beijing-z", "cn-beijing", "cn-hangzhou-h", "beijing"])
def test_an_unknown_zone_of_a_vm(vms: Vms, sim: Simulator, zone: str) -> None:
    """Nothing is made; the message names the property, in the VM type or in the job."""
    answer = vms.create(availability_zone=zone)
    refused(
        answer,
        "VMCreationFailed",
        zone,
        "cloud_properties.availability_zone or alicloud.availability_zone",
    )
    assert not answer.ok_to_retry
    assert vms.left() == {}
    assert len(sim.calls("CreateInstance")) == 1


@pytest.mark.parametrize(
    ("configured", "properties"),
    [(None, {"availability_zone": "cn-beijing-z"}), ("cn-beijing-z", {})],
)
def test_an_unknown_zone_of_a_disk(
    cpi: Cpi, sim: Simulator, configured: str | None, properties: dict[str, Any]
) -> None:
    """Likewise for a disk without a VM."""
    if configured:
        cpi.configure(availability_zone=configured)
    answer = cpi.call("create_disk", 20480, properties, None)
    expected = "cloud_properties.availability_zone or alicloud.availability_zone"
    refused(answer, "CloudError", "cn-beijing-z", expected)
    assert len(sim.calls("CreateDisk")) == 1


def test_an_unknown_zone_in_which_types_are_sought(cpi: Cpi) -> None:
    """And for calculate_vm_cloud_properties."""
    cpi.configure(availability_zone="cn-beijing-z")
    wanted = {"cpu": 2, "ram": 4096, "ephemeral_disk_size": 30720}
    answer = cpi.call("calculate_vm_cloud_properties", wanted)
    refused(answer, "CloudError", "cn-beijing-z", "alicloud.availability_zone")
