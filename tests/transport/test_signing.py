"""Requests are signed as the SDK signs them."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import pytest
from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.auth.signers.access_key_signer import AccessKeySigner
from aliyunsdkcore.auth.signers.sts_token_signer import StsTokenSigner
from hypothesis import example, given
from hypothesis import strategies as st

from alicloud_cpi.cloud.wire import signing
from alicloud_cpi.cloud.wire.signing import ECS, NLB, STS, Keys, Service
from transport import the_sdk

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
# What ways of percent-encoding differ in, and what parts a form or a header.
ODD = "*~ +%2B/&=?-_.'()!\n\r\0é雲\U0001f600"
NONCE = bytes(range(16))


def signed_by_the_sdk(request: Any, region: str, body: dict[str, str], keys: Keys) -> Any:
    """Return the headers and the target that the SDK's signers make."""
    request.set_method("POST")
    request.set_accept_format("JSON")
    request.set_body_params(body)
    signer = (
        StsTokenSigner(StsTokenCredential(*keys))
        if keys.security_token
        else AccessKeySigner(AccessKeyCredential(*keys[:2]))
    )
    with mock.patch("aliyunsdkcore.utils.parameter_helper.get_uuid", return_value=NONCE.hex()):
        return signer.sign(region, request)


@pytest.mark.parametrize("service", the_sdk.PACKAGES, ids=lambda service: service.name)
@given(
    region=TEXT,
    body=st.dictionaries(TEXT.map("P{}".format), TEXT),
    keys=st.builds(Keys, TEXT, TEXT, st.just("") | TEXT),
)
@example(region="cn-beijing", body={ODD: ODD, "Empty": ""}, keys=Keys(ODD, ODD))
@example(region="cn-beijing", body={ODD: ODD, "Empty": ""}, keys=Keys(ODD, ODD, ODD))
def test_whatever_is_signed_the_signature_is_the_sdks(
    service: Service, region: str, body: dict[str, str], keys: Keys
) -> None:
    """Action and version are as its request class says; query, body and secret may hold any text.

    Time and nonce are held still.
    """
    action = {NLB: "ListServerGroups", STS: "AssumeRole"}.get(service, "DescribeRegions")
    now = time.gmtime()
    with mock.patch("time.gmtime", return_value=now), mock.patch("os.urandom", return_value=NONCE):
        ours = signing.signed_request(service, action, region, body, keys)
        headers, target = signed_by_the_sdk(the_sdk.request(service, action), region, body, keys)
    theirs = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
    assert dict(parse_qsl(urlsplit(ours.target).query, keep_blank_values=True)) == theirs
    assert parse_qsl(ours.body.decode(), keep_blank_values=True) == list(body.items())
    named = {name: value for name, value in ours.headers.items() if name.startswith("x-acs-")}
    assert named == {name: headers[name] for name in named}


def test_the_example_of_the_documentation() -> None:
    """A signature that was not computed by any of us (API reference, semantics section 1)."""
    parameters = {
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "Format": "XML",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "SignatureVersion": "1.0",
        "Timestamp": "2016-02-23T12:46:24Z",
        "Version": "2014-05-26",
    }
    assert signing.signature("GET", parameters, "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_no_two_requests_have_the_same_nonce() -> None:
    """The cloud refuses a nonce that it has seen."""
    keys = Keys("id", "secret")
    targets = {signing.signed_request(ECS, "X", "r", {}, keys).target for _ in range(100)}
    assert len(targets) == 100
