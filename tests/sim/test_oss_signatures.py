"""OSS: who calls, in headers and in URLs."""

from __future__ import annotations

import http.client
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from alicloud_sim.oss import signing
from sim.oss_support import BUCKET, RawOss, Sdk, code_of, element, oss2, refused
from sim.support import KEY_ID, KEY_SECRET, Answer

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def fetch(sim: Simulator, url: str, method: str = "GET", body: bytes = b"") -> Answer:
    """Send a request for a signed URL."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=10)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body or None)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def test_v1_vector() -> None:
    """The V1 signature of the documentation's example is reproduced."""
    headers = {
        "content-md5": "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=",
        "content-type": "text/html",
        "x-oss-meta-author": "foo@bar.com",
        "x-oss-magic": "abracadabra",
        "host": "oss-example.oss-cn-hangzhou.aliyuncs.com",
    }
    date = "Thu, 17 Nov 2005 18:49:58 GMT"
    text = signing.v1_text("PUT", headers, date, "/oss-example/nelson", {"prefix": "x"})
    secret = "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV"
    assert signing.v1_signature(secret, text) == "26NBxoKdsyly4EDv6inkoDft/yA="


def test_v4_as_the_sdk_has_it() -> None:
    """The V4 text and signature are those that the SDK computes for the same request."""
    auth = oss2.AuthV4("id", "secret")
    headers = {"x-oss-meta-a": "1", "content-type": "text/x", "host": "b.example.com"}
    params = {"prefix": "a b/ü", "acl": ""}
    request = oss2.http.Request(
        "GET", "http://h/", params=params, headers=headers, region="cn-beijing", product="oss"
    )
    auth._sign_request(request, "bucket", "k/ü +", ["host"])  # noqa: SLF001
    low = {name.lower(): value for name, value in request.headers.items() if value}
    scope = low["authorization"].split("Credential=id/")[1].split(",")[0]
    text = signing.v4_text("GET", low, "/bucket/k/ü +", params, ["host"], scope, low["x-oss-date"])
    assert f"Signature={signing.v4_signature('secret', scope, text)}" in low["authorization"]


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_wrong_keys(oss: Sdk, bucket: Any, sim: Simulator, version: str) -> None:
    """Unknown, disabled and wrongly signed keys are told apart, all with 403."""
    name = bucket.bucket_name
    wrong = oss.bucket(name, oss.auth(secret="wrong", version=version))
    assert refused(wrong.get_bucket_info) == (403, "SignatureDoesNotMatch")
    nobody = oss.bucket(name, oss.auth("LTAInobody", version=version))
    assert refused(nobody.get_bucket_info) == (403, "InvalidAccessKeyId")
    sim.change_key(KEY_ID, enabled=False)
    assert refused(bucket.get_bucket_info) == (403, "InvalidAccessKeyId")


def test_mismatch_tells_what_was_signed(raw: RawOss) -> None:
    """SignatureDoesNotMatch repeats the text that the server signed."""
    stranger = RawOss(raw.sim, KEY_ID, "wrong")
    answer = stranger.send("GET", f"/{BUCKET}/?acl", headers={"x-oss-meta-a": "1"})
    text = answer.body.decode().split("<StringToSign>")[1].split("</StringToSign>")[0]
    assert text.startswith("GET\n\n\n")
    assert text.endswith(f"x-oss-meta-a:1\n/{BUCKET}/?acl")
    assert element(answer, "OSSAccessKeyId") == KEY_ID


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_temporary_keys(oss: Sdk, bucket: Any, sim: Simulator, version: str) -> None:
    """A temporary key needs its own token, in force on the world's clock."""
    sim.add_key("STS.one", "s1", token="t1", expires_in=900)
    sim.add_key("STS.two", "s2", token="t2")
    kind = oss2.ProviderAuthV4 if version == "v4" else oss2.ProviderAuth

    def info_with(key_id: str, secret: str, token: str) -> Any:
        provider = oss2.StaticCredentialsProvider(key_id, secret, token)
        return oss.bucket(bucket.bucket_name, kind(provider)).get_bucket_info

    assert info_with("STS.one", "s1", "t1")().name == BUCKET
    for token, code in (
        ("t2", "AccessKeyIdAndSecurityTokenNotMatch"),
        ("odd", "InvalidSecurityToken"),
        ("", "InvalidAccessKeyId"),
    ):
        assert refused(info_with("STS.one", "s1", token)) == (403, code)
    assert refused(info_with(KEY_ID, KEY_SECRET, "t1")) == (403, "InvalidAccessKeyId")
    sim.advance(901)
    assert refused(info_with("STS.one", "s1", "t1")) == (403, "SecurityTokenExpired")


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_skew(oss: Sdk, bucket: Any, sim: Simulator, version: str) -> None:
    """Fifteen minutes of skew are refused; the Date of the answer tells the server's time."""
    signed = oss.bucket(bucket.bucket_name, oss.auth(version=version))
    sim.advance(7200)
    assert signed.get_bucket_info().name == BUCKET
    sim.set_signature_skew(901)
    assert refused(signed.get_bucket_info) == (403, "RequestTimeTooSkewed")
    sim.set_signature_skew(-899)
    told = signed.get_bucket_info().headers["Date"]
    assert told in {formatdate(time.time() - 899 + n, usegmt=True) for n in (-1, 0, 1)}


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Date": "yesterday"}, (403, "AccessDenied")),
        ({"Date": ""}, (403, "AccessDenied")),
        ({"Authorization": "OSS nothing"}, (400, "InvalidArgument")),
        ({"Authorization": "Bearer x"}, (400, "InvalidArgument")),
        ({"Authorization": "OSS4-HMAC-SHA256 Credential=x"}, (400, "InvalidArgument")),
    ],
)
def test_malformed(raw: RawOss, headers: dict[str, str], code: tuple[int, str]) -> None:
    """Malformed signatures are InvalidArgument, a bad date AccessDenied."""
    given = {**raw.signed("GET", f"/{BUCKET}/"), **headers}
    assert raw.code("GET", f"/{BUCKET}/", headers=given, sign=False) == code


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_signed_urls(oss: Sdk, bucket: Any, sim: Simulator, version: str) -> None:
    """A signed URL works until it expires, for its own method and key only."""
    signed = oss.bucket(bucket.bucket_name, oss.auth(version=version))
    put = signed.sign_url("PUT", "dir/ü", 60, slash_safe=True)
    assert fetch(sim, put, "PUT", b"data").status == 200
    get = signed.sign_url("GET", "dir/ü", 60, params={"response-content-type": "text/x"})
    answer = fetch(sim, get)
    assert (answer.status, answer.body) == (200, b"data")
    assert answer.headers["Content-Type"] == "text/x"
    assert code_of(fetch(sim, get, "DELETE")) == "SignatureDoesNotMatch"
    assert code_of(fetch(sim, get.replace("dir", "other"))) == "SignatureDoesNotMatch"
    sim.set_signature_skew(61)
    late = fetch(sim, get)
    assert (late.status, code_of(late)) == (403, "AccessDenied")
    assert element(late, "Message") == "Request has expired."


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_signed_urls_of_temporary_keys(oss: Sdk, bucket: Any, sim: Simulator, version: str) -> None:
    """The token is part of the query, and signed."""
    bucket.put_object("a", b"data")
    sim.add_key("STS.one", "s1", token="t/1+", expires_in=900)
    kind = oss2.ProviderAuthV4 if version == "v4" else oss2.ProviderAuth
    provider = oss2.StaticCredentialsProvider("STS.one", "s1", "t/1+")
    url = oss.bucket(bucket.bucket_name, kind(provider)).sign_url("GET", "a", 60)
    assert fetch(sim, url).body == b"data"
    sim.advance(901)
    assert code_of(fetch(sim, url)) == "SecurityTokenExpired"


def test_urls_that_lack_something(raw: RawOss, bucket: Any, sim: Simulator) -> None:
    """A URL needs all parts of its signature, and no second one in a header."""
    bucket.put_object("a", b"data")
    url = bucket.sign_url("GET", "a", 60)
    part = url.partition("&Signature=")[0]
    assert code_of(fetch(sim, part)) == "AccessDenied"
    target = url.partition(str(sim.port))[2]
    both = raw.send("GET", target, headers={"Authorization": "OSS a:b"}, sign=False)
    assert (both.status, code_of(both)) == (400, "InvalidArgument")


def test_scope_of_v4(raw: RawOss, oss: Sdk, bucket: Any) -> None:
    """The scope has to name the region of the endpoint, the day and the service."""
    signed = oss.bucket(bucket.bucket_name, oss.auth(version="v4"), region="cn-hangzhou")
    url = signed.sign_url("GET", "a", 60)
    target = url.partition(str(raw.sim.port))[2].removeprefix(f"/{BUCKET}")
    host = {"Host": f"{BUCKET}.oss-cn-beijing.aliyuncs.com"}
    answer = raw.send("GET", target, headers=host, sign=False)
    assert (answer.status, code_of(answer)) == (400, "InvalidArgument")
    assert element(answer, "Message") == "Invalid signing region in Authorization header."
    other = raw.send("GET", target.replace("%2Foss%2F", "%2Fecs%2F"), headers=host, sign=False)
    assert code_of(other) == "InvalidArgument"


def test_signatures_that_are_not_simulated(oss: Sdk, bucket: Any) -> None:
    """Version 2 is answered with 501."""
    signed = oss.bucket(bucket.bucket_name, oss.auth(version="v2"))
    assert refused(signed.get_bucket_info)[0] == 501
