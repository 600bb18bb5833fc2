"""Requests on the wire: parameters in the body; the signature and its parameters in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from support.tls import Received, Server
from support.world import REGION

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi

TOKEN = "a+token/with=odd&characters%~"
COMMON = {
    "AccessKeyId",
    "Action",
    "Format",
    "RegionId",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
}


def first_request(cpi: Cpi, method: str, *arguments: object) -> Received:
    """Return the first request that a method sends."""
    with Server(body=b'{"RequestId": "r", "Disks": {"Disk": []}, "DiskId": "d-1"}') as server:
        cpi.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        cpi.call(method, *arguments)
    return server.received[0]


def query_of(received: Received) -> dict[str, list[str]]:
    """Return the parameters in the URL."""
    return parse_qs(urlsplit(received.target).query, keep_blank_values=True)


def test_parameters_are_in_the_body_and_only_the_signature_in_the_url(cpi: Cpi) -> None:
    """Proxies log URLs, and servers limit their length."""
    received = first_request(cpi, "create_disk", 20480, {"tags": {"a": "b c&d"}})
    query = query_of(received)
    assert set(query) <= COMMON
    assert query["RegionId"] == [REGION]
    body = parse_qs(received.body.decode(), strict_parsing=True)
    assert body["Size"] == ["20"]
    assert body["Tag.1.Value"] == ["b c&d"]
    assert not COMMON & set(body)
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"


def test_the_host_header_is_the_endpoints(cpi: Cpi) -> None:
    """With its port where it is not the scheme's default."""
    received = first_request(cpi, "has_disk", "d-1")
    assert received.headers["host"].startswith("127.0.0.1:")


def test_responses_are_requested_in_json(cpi: Cpi) -> None:
    """Without Format the cloud responds in XML."""
    assert query_of(first_request(cpi, "has_disk", "d-1"))["Format"] == ["JSON"]


def test_every_attempt_is_signed_anew(cpi: Cpi, sim: Simulator) -> None:
    """The cloud refuses a nonce that it has seen: SignatureNonceUsed."""
    sim.add_fault(kind="lost", count=3)
    assert cpi.ok("has_disk", "d-1") is False
    assert [call.get("code") for call in sim.calls()] == [None] * 4


@pytest.mark.parametrize("cid", ["d-é漢😀", "d- +%&=?#/\\\"'*~!()", "d-\x00\n", "-_.~"])
def test_any_text_is_signed_as_the_cloud_expects(cpi: Cpi, sim: Simulator, cid: str) -> None:
    """The simulator computes the signature itself and compares."""
    response = cpi.call("has_disk", cid)
    assert "Signature" not in response.message
    assert sim.calls()[0]["params"]["DiskIds"]


def test_a_security_token_is_sent_and_accepted(cpi: Cpi, sim: Simulator) -> None:
    """Temporary credentials are refused without it."""
    sim.add_key("STS.canary", "sts-secret-0001", token=TOKEN)
    cpi.configure(
        access_key_id="STS.canary", access_key_secret="sts-secret-0001", security_token=TOKEN
    )
    assert cpi.ok("has_disk", "d-1") is False
    assert sim.calls()[0]["key"] == "STS.canary"


@pytest.mark.parametrize(
    ("token", "code"),
    [(None, "MissingSecurityToken"), ("another", "InvalidSecurityToken.Malformed")],
)
def test_a_missing_or_wrong_security_token_is_an_error_at_once(
    cpi: Cpi, sim: Simulator, token: str | None, code: str
) -> None:
    """With the cloud's code and message; a retry cannot succeed."""
    sim.add_key("STS.canary", "sts-secret-0001", token=TOKEN)
    cpi.configure(
        access_key_id="STS.canary", access_key_secret="sts-secret-0001", security_token=token
    )
    response = cpi.call("has_disk", "d-1")
    assert response.type == "CloudError"
    assert f'DescribeDisks of DiskIds ["d-1"] failed: {code}: ' in response.message
    assert not response.ok_to_retry
    assert len(sim.calls()) == 1


def test_a_wrong_secret_has_a_message_of_our_own(cpi: Cpi) -> None:
    """The cloud's message includes the string to sign, that is, all parameters."""
    cpi.configure(access_key_secret="wrong-secret-000000000")
    response = cpi.call("has_disk", "d-1")
    assert "SignatureDoesNotMatch: the access key's secret is not the one" in response.message
    assert "AccessKeyId" not in response.message


def test_an_unknown_key_is_the_clouds_error(cpi: Cpi) -> None:
    """The message has the code, the RequestId and the region."""
    cpi.configure(access_key_id="LTAI5tNobody")
    response = cpi.call("has_disk", "d-1")
    assert "InvalidAccessKeyId.NotFound" in response.message
    assert f"region {REGION}" in response.message
    assert "RequestId " in response.message


def test_renewed_credentials_replace_the_old_ones_in_the_whole_request(
    cpi: Cpi, sim: Simulator
) -> None:
    """Nothing of the first signature remains in a request that is signed again."""
    cpi.configure(role_arn=sim.world.constants["assumable_role_arn"])
    sim.add_fault(
        kind="error", action="CreateDisk", code="InvalidSecurityToken.Expired", status=403
    )
    cpi.ok("create_disk", 20480, {})
    first, second = sim.calls("CreateDisk")
    assert first["key"] != second["key"]
