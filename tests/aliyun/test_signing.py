"""Requests are signed as the API reference says, whatever they hold.

The SDK signs. It is compared with requests that were recorded without it (golden_requests.json).
"""

from __future__ import annotations

import base64
import hmac
import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alicloud_cpi.clock import SystemClock
from alicloud_cpi.config import parse_config
from alicloud_cpi.redaction import Secrets
from alicloud_cpi.services import Services
from support.tls import Received, Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GOLDEN: dict[str, Any] = json.loads(
    Path(__file__).parents[1].joinpath("data", "golden_requests.json").read_text("utf-8")
)
REQUESTS: list[dict[str, Any]] = GOLDEN["requests"]
SERVICES = ("ecs", "nlb", "slb", "sts", "vpc")

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
# Characters that ways of percent-encoding treat differently, and those that separate parts.
ODD = "*~ +%2B/&=?-_.'()!\n\r\0é雲\U0001f600"


def signature(method: str, parameters: Mapping[str, str], secret: str) -> str:
    """Return the signature of a request, version 1 (semantics.md section 1)."""

    def encode(text: str) -> str:
        return quote(text, safe="-_.~")

    canonical = "&".join(
        f"{encode(name)}={encode(parameters[name])}" for name in sorted(parameters)
    )
    digest = hmac.digest(
        f"{secret}&".encode(), f"{method}&%2F&{encode(canonical)}".encode(), "sha1"
    )
    return base64.b64encode(digest).decode()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server that accepts every request."""
    with Server(body=b'{"RequestId": "r-1"}') as server:
        yield server


def send(server: Server, golden: Mapping[str, Any], *, times: int = 1) -> list[Received]:
    """Send a request with a record's setters and credentials; return what came over the wire."""
    request = getattr(import_module(golden["class"]), golden["class"].rpartition(".")[2])()
    for setter, value in golden["setters"].items():
        getattr(request, f"set_{setter}")(value)
    endpoint = f"http://127.0.0.1:{server.port}"
    alicloud = {
        "region": golden["region"],
        **golden["credentials"],
        **{f"{service}_endpoint": endpoint for service in SERVICES},
    }
    config = parse_config({"cloud": {"properties": {"alicloud": alicloud}}}, {})
    services = Services(config, SystemClock(), Secrets())
    server.received.clear()
    for _ in range(times):
        services.client.send(request, golden["region"])
    services.close()
    return list(server.received)


def parameters(text: str) -> dict[str, str]:
    """Return the parameters of a query string or a form."""
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@pytest.fixture
def fixed() -> Iterator[None]:
    """Fix the nonce and the time of the SDK's signer."""
    helper = "aliyunsdkcore.utils.parameter_helper"
    with (
        mock.patch(f"{helper}.get_uuid", return_value=GOLDEN["nonce"]),
        mock.patch(f"{helper}.get_iso_8061_date", return_value=GOLDEN["time"]),
    ):
        yield


@pytest.mark.parametrize("golden", REQUESTS, ids=lambda golden: golden["name"])
@pytest.mark.usefixtures("fixed")
def test_a_request_on_the_wire_is_the_recorded_one(server: Server, golden: dict[str, Any]) -> None:
    """Query with the signature, and body; also when the same object is sent a second time."""
    for received in send(server, golden, times=2):
        assert parameters(urlsplit(received.target).query) == golden["query"]
        assert parameters(received.body.decode("ascii")) == golden["body"]


@pytest.mark.parametrize("golden", REQUESTS, ids=lambda golden: golden["name"])
def test_the_recorded_signatures_follow_from_the_description(golden: dict[str, Any]) -> None:
    """Over all parameters of query and body but the signature itself."""
    signed = {**golden["query"], **golden["body"]}
    recorded = signed.pop("Signature")
    assert signature("POST", signed, golden["credentials"]["access_key_secret"]) == recorded


def test_the_description_gives_the_signature_of_the_documentations_example() -> None:
    """So the records do not depend on our own reading of the description."""
    example = GOLDEN["example"]
    computed = signature(example["method"], example["parameters"], example["secret"])
    assert computed == example["signature"]


def test_there_is_a_record_for_every_service_and_kind_of_credentials() -> None:
    """Each service has its own package of the SDK."""
    assert {golden["class"].split(".")[0].removeprefix("aliyunsdk") for golden in REQUESTS} == {
        *SERVICES
    }
    assert {len(golden["credentials"]) for golden in REQUESTS} == {2, 3}


@given(text=TEXT, name=TEXT.map("P{}".format), value=TEXT, secret=PRINTABLE, token=PRINTABLE)
@example(text=ODD, name=ODD, value=ODD, secret="s", token="")
def test_any_text_is_signed_as_described(
    server: Server, text: str, name: str, value: str, secret: str, token: str
) -> None:
    """In parameters, their names, and credentials; body and query arrive as they were signed."""
    golden = {
        **REQUESTS[0],
        "setters": {"InstanceIds": text, "Tags": [{"Key": name, "Value": value}]},
        "credentials": {
            "access_key_id": "id",
            "access_key_secret": f"s{secret}",
            "security_token": token,
        },
    }
    (received,) = send(server, golden)
    signed = parameters(urlsplit(received.target).query)
    sent = signed.pop("Signature")
    body = parameters(received.body.decode("ascii"))
    assert signature("POST", {**signed, **body}, f"s{secret}") == sent
    expected = {"InstanceIds": text, "Tag.1.Key": name, "Tag.1.Value": value}
    assert body == {key: given for key, given in expected.items() if given or "Tag" in key}


def test_no_two_requests_have_the_same_nonce(server: Server) -> None:
    """The cloud refuses a nonce that it has seen."""
    received = send(server, REQUESTS[0], times=100)
    nonces = {parameters(urlsplit(one.target).query)["SignatureNonce"] for one in received}
    assert len(nonces) == 100
