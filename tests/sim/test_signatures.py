"""Signatures: the test vectors, and what the gateway refuses."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from alicloud_sim import signatures
from sim.support import KEY_ID, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def test_v1_vector() -> None:
    """The V1 signature of the documentation's example is reproduced."""
    params = {
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "Format": "XML",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "Timestamp": "2016-02-23T12:46:24Z",
        "Version": "2014-05-26",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
    }
    text = signatures.v1_string_to_sign("GET", params)
    assert signatures.v1_signature("testsecret", text) == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_v3_vector() -> None:
    """The V3 signature of the help page's example is reproduced."""
    empty = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": empty,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    text = signatures.v3_string_to_sign("POST", "/", query, headers, sorted(headers), empty)
    assert signatures.v3_signature("YourAccessKeySecret", text) == (
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"Timestamp": "2016-02-23T12:46:24Z"}, "InvalidTimeStamp.Expired", 400),
        ({"Timestamp": "yesterday"}, "InvalidTimeStamp.Format", 400),
        ({"AccessKeyId": "LTAInobody"}, "InvalidAccessKeyId.NotFound", 404),
        ({"SecurityToken": "made-up"}, "InvalidSecurityToken.Malformed", 400),
        ({"SignatureMethod": "HMAC-MD5"}, "InvalidParameter", 400),
        ({"SignatureNonce": ""}, "MissingParameter", 400),
        ({"Version": "1999-01-01"}, "InvalidVersion", 400),
    ],
)
def test_v1_refusals(cloud: Cloud, changed: dict[str, str], code: str, status: int) -> None:
    """A V1 call whose common parameters are wrong gets the gateway's code for it."""
    answer = cloud.call("DescribeRegions", **changed)
    assert (answer.code, answer.status) == (code, status)


def test_wrong_secret(sim: Simulator) -> None:
    """A call signed with another secret does not match, in both signature versions."""
    stranger = Cloud(sim, secret="wrong")
    assert stranger.call("DescribeRegions").code == "SignatureDoesNotMatch"
    assert stranger.call_v3("DescribeRegions").code == "SignatureDoesNotMatch"


def test_nonce_is_used_once(cloud: Cloud) -> None:
    """A nonce is accepted once."""
    assert cloud.call("DescribeRegions", SignatureNonce="one").status == 200
    assert cloud.call("DescribeRegions", SignatureNonce="one").code == "SignatureNonceUsed"


def test_skew(sim: Simulator, cloud: Cloud) -> None:
    """The gateway's clock can be set apart; moving the world's clock refuses nobody."""
    sim.advance(7200)
    assert cloud.call("DescribeRegions").status == 200
    sim.set_signature_skew(3600)
    assert cloud.call("DescribeRegions").code == "InvalidTimeStamp.Expired"


def test_v3_call(cloud: Cloud) -> None:
    """A V3 call is answered in JSON without asking for it."""
    answer = cloud.call_v3("DescribeZones", RegionId="cn-beijing", Verbose="false")
    assert answer.status == 200
    assert answer.json["Zones"]["Zone"][0]["ZoneId"] == "cn-beijing-h"
    assert answer.headers["x-acs-request-id"] == answer.json["RequestId"]


@pytest.mark.parametrize(
    ("late", "code"),
    [
        ({"x-acs-action": "DescribeZones"}, "SignatureDoesNotMatch"),
        ({"x-acs-date": "2016-02-23T12:46:24Z"}, "SignatureDoesNotMatch"),
        ({"x-acs-content-sha256": "0" * 64}, "SignatureDoesNotMatch"),
        ({"x-acs-security-token": "unsigned"}, "IncompleteSignature"),
        ({"Authorization": "ACS3-HMAC-SHA256 Credential=x"}, "IncompleteSignature"),
    ],
)
def test_v3_headers_that_were_not_signed(cloud: Cloud, late: dict[str, str], code: str) -> None:
    """Whatever is changed or added after signing is refused."""
    answer = cloud.call_v3("DescribeRegions", late=late)
    assert (answer.code, answer.status) == (code, 400)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-acs-date": "2016-02-23T12:46:24Z"}, "InvalidTimeStamp.Expired"),
        ({"x-acs-date": "yesterday"}, "InvalidTimeStamp.Format"),
        ({"x-acs-signature-nonce": ""}, "MissingParameter"),
        ({"x-acs-version": "1999-01-01"}, "InvalidVersion"),
        ({"x-acs-security-token": "made-up"}, "InvalidSecurityToken.Malformed"),
        ({"x-acs-content-sha256": "0" * 64}, "SignatureDoesNotMatch"),
    ],
)
def test_v3_refusals(cloud: Cloud, headers: dict[str, str], code: str) -> None:
    """A V3 call whose headers are signed and wrong gets the gateway's code for it."""
    answer = cloud.call_v3("DescribeRegions", headers)
    assert (answer.code, answer.status) == (code, 400)


def test_a_v3_nonce_is_used_once(cloud: Cloud) -> None:
    """As with V1."""
    once = {"x-acs-signature-nonce": "one"}
    assert cloud.call_v3("DescribeRegions", once).status == 200
    assert cloud.call_v3("DescribeRegions", once).code == "SignatureNonceUsed"


def test_temporary_key(sim: Simulator, cloud: Cloud) -> None:
    """A temporary key needs its own token and expires with the world's clock."""
    sim.add_key("STS.one", "s1", token="t1", expires_in=900)
    sim.add_key("STS.two", "s2", token="t2")
    one = Cloud(sim, "STS.one", "s1")

    assert one.call("DescribeRegions").code == "MissingSecurityToken"
    mismatch = "InvalidSecurityToken.MismatchWithAccessKey"
    assert one.call("DescribeRegions", SecurityToken="t2").code == mismatch
    assert one.call("DescribeRegions", SecurityToken="t1").status == 200
    headers = {"x-acs-security-token": "t1"}
    assert one.call_v3("DescribeRegions", headers).status == 200
    sim.advance(901)
    expired = one.call("DescribeRegions", SecurityToken="t1")
    assert expired.code == "InvalidSecurityToken.Expired"
    assert cloud.call("DescribeRegions").status == 200


def test_disabled_and_denied_keys(sim: Simulator, cloud: Cloud) -> None:
    """A denied action is Forbidden.RAM, a disabled key is refused altogether."""
    sim.change_key(KEY_ID, denied=["ecs:Delete*"])
    refused = cloud.call("DeleteDisk", DiskId="d-1")
    assert (refused.code, refused.status) == ("Forbidden.RAM", 403)
    assert cloud.call("DescribeRegions").status == 200
    sim.change_key(KEY_ID, enabled=False)
    assert cloud.call("DescribeRegions").code == "InvalidAccessKeyId.Inactive"
