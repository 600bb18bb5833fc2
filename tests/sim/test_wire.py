"""Envelopes, parameters and their strictness."""

from __future__ import annotations

import http.client
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from sim.support import KEY_ID, KEY_SECRET, REGION, ZONE, Cloud, tls_context, v1

if TYPE_CHECKING:
    from alicloud_sim import Simulator

DISK: dict[str, Any] = {"ZoneId": ZONE, "DiskCategory": "cloud_essd", "Size": 20}


def test_error_envelope(cloud: Cloud) -> None:
    """A refusal has RequestId, HostId, Code, Message and Recommend."""
    answer = cloud.call("DeleteDisk", DiskId="d-1").json
    assert set(answer) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", answer["RequestId"])
    assert answer["HostId"] == "127.0.0.1"


def test_xml_is_the_default_of_v1(cloud: Cloud) -> None:
    """Without Format=JSON answers and refusals are XML."""
    regions = cloud.call("DescribeRegions", method="GET", Format=None)
    tree = ET.fromstring(regions.body)  # noqa: S314 - the simulator's own answer
    assert tree.tag == "DescribeRegionsResponse"
    assert [e.text for e in tree.iter("RegionId")] == ["cn-beijing", "cn-hangzhou"]
    refused = cloud.call("DeleteDisk", Format="XML", DiskId="d-1")
    tree = ET.fromstring(refused.body)  # noqa: S314 - likewise
    assert (tree.tag, tree.findtext("Code")) == ("Error", "InvalidDiskId.NotFound")


def test_a_body_has_a_limit(cloud: Cloud) -> None:
    """No request takes more memory than 16 MiB."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert cloud.send("POST", "/", b"a=" + b"x" * (40 << 20), form).status == 413
    assert cloud.call("DescribeRegions", Filter="x" * 100_000).status != 413


def test_query_and_body_count_together(cloud: Cloud) -> None:
    """Parameters may be split between query and form body; the signature covers both."""
    given = {"AccessKeyId": KEY_ID, "RegionId": REGION, **DISK}
    signed = v1("CreateDisk", given, KEY_SECRET)
    body = {name: signed.pop(name) for name in ("Size", "ZoneId")}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = cloud.send("POST", f"/?{urlencode(signed)}", urlencode(body), form)
    assert answer.json["DiskId"].startswith("d-2ze")


@pytest.mark.parametrize(
    ("changed", "code", "status", "named"),
    [
        ({"Colour": "red"}, "UnsupportedParameter", 400, "Colour"),
        ({"Tag.1.Color": "red"}, "UnsupportedParameter", 400, "Tag.1.Color"),
        ({"Tag.0.Key": "red"}, "UnsupportedParameter", 400, "Tag.0.Key"),
        ({"Tag": "red"}, "UnsupportedParameter", 400, "Tag"),
        ({"StorageSetId": "ss-1"}, "SimulatorUnsupported.StorageSetId", 501, "StorageSetId"),
        ({"Arn.1.RoleType": "x"}, "SimulatorUnsupported.Arn.RoleType", 501, "Arn"),
        ({"Size": "big"}, "InvalidSize.ValueNotSupported", 400, "Size"),
        ({"Size": 70000}, "InvalidSize.ValueNotSupported", 400, "Size"),
        ({"Encrypted": "maybe"}, "InvalidParameter", 400, "Encrypted"),
        ({"ZoneId": None}, "MissingParameter", 400, "ZoneId"),
        ({"RegionId": None}, "MissingParameter", 400, "RegionId"),
        ({"RegionId": "mars"}, "InvalidRegionId.NotFound", 404, "mars"),
        ({f"Tag.{n}.Key": f"k{n}" for n in range(1, 22)}, "InvalidParameter", 400, "Tag"),
    ],
)
def test_strict_parameters(
    cloud: Cloud, changed: dict[str, Any], code: str, status: int, named: str
) -> None:
    """A wrong parameter is refused by name, and nothing is made."""
    answer = cloud.call("CreateDisk", **{**DISK, **changed})
    assert (answer.code, answer.status) == (code, status)
    assert named in answer.json["Message"]
    assert cloud.sim.state()["records"].get("disk", {}) == {}


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [
        ("CreateDisc", "InvalidAction.NotFound", 404),
        ("", "MissingParameter", 400),
    ],
)
def test_actions(cloud: Cloud, action: str, code: str, status: int) -> None:
    """An unknown action is not found, and none at all is missing."""
    answer = cloud.call(action)
    assert (answer.code, answer.status) == (code, status)


def test_lower_case_tags_and_owners(cloud: Cloud) -> None:
    """Tag.N.key and Tag.N.value are old spellings; owner parameters are accepted."""
    old = {"Tag.2.key": "b", "Tag.2.value": "2", "Tag.1.Key": "a", "OwnerId": "1"}
    disk_id = cloud.create_disk(**old)
    assert cloud.disks(disk_id)[0]["Tags"]["Tag"] == [
        {"TagKey": "a", "TagValue": ""},
        {"TagKey": "b", "TagValue": "2"},
    ]


def test_tls_and_plain_on_one_port(sim: Simulator) -> None:
    """The port speaks HTTPS and HTTP, keeps connections, and knows the name asked for."""
    secure = http.client.HTTPSConnection("localhost", sim.port, context=tls_context(sim), timeout=5)
    plain = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=5)
    for connection in (secure, plain):
        for _ in range(2):
            signed = v1("DescribeRegions", {"AccessKeyId": KEY_ID}, KEY_SECRET, "GET")
            connection.request("GET", f"/?{urlencode(signed)}")
            assert json.loads(connection.getresponse().read())["Regions"]
        connection.close()
    calls = sim.calls()
    assert [call["tls"] for call in calls] == ["TLSv1.3", "TLSv1.3", None, None]
    assert calls[0]["sni"] == "localhost"
    assert calls[0]["client_port"] == calls[1]["client_port"] != calls[2]["client_port"]
