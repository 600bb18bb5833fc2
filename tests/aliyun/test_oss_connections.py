"""Connections to OSS use the CPI's own trust, proxies and credentials, and no others."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from support import proxy as support
from support.cpi import DIRECTORS_ENVIRONMENT, run
from support.stemcells import KIB, MIB, image, properties, tarball
from support.tls import Authority, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

BUCKETS = ".oss-cn-beijing.aliyuncs.com"
CREDENTIALS = "proxy-user:p%40ss-c4nary"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from an environment without any."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Give the path of a small stemcell's tarball."""
    return tarball(tmp_path, image(3 * MIB, -2 * MIB))


@pytest.fixture
def proxy(cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[support.Proxy]:
    """Give a proxy that is the only way to the region's own OSS."""
    cpi.configure(oss_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        yield proxy


def oss_calls(sim: Simulator) -> list[dict[str, Any]]:
    """Return the requests to OSS."""
    return [call for call in sim.calls() if call["service"] == "oss"]


def create(cpi: Cpi, path: str) -> Answer:
    """Create a stemcell."""
    return cpi.call("create_stemcell", path, properties())


def test_over_tls(cpi: Cpi, sim: Simulator, path: str) -> None:
    """Every request goes over TLS, signed with the configured key, in version 4."""
    assert create(cpi, path).error is None
    calls = oss_calls(sim)
    assert {call["tls"] for call in calls} == {"TLSv1.3"}
    assert {call["key"] for call in calls} == {cpi.properties["access_key_id"]}


def test_few_connections(cpi: Cpi, sim: Simulator, path: str) -> None:
    """Connections are kept for the next request, also after responses that have a body."""
    assert create(cpi, path).error is None
    calls = oss_calls(sim)
    assert len({call["client_port"] for call in calls}) < len(calls) / 2


def test_the_regions_own_endpoint(cpi: Cpi, sim: Simulator, path: str, proxy: Any) -> None:
    """Without an endpoint in the configuration, it is the bucket's name below the region's."""
    assert create(cpi, path).error is None
    names = {request.target for request in proxy.requests}
    (bucket,) = {call["params"]["bucket"] for call in oss_calls(sim)}
    assert names == {f"CONNECT {bucket}{BUCKETS}:443"}
    assert {call["sni"] for call in oss_calls(sim)} == {f"{bucket}{BUCKETS}"}


def test_credentials_of_a_proxy(
    cpi: Cpi, path: str, proxy: support.Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go to the proxy only, in the header of CONNECT, decoded from the URL."""
    monkeypatch.setenv("https_proxy", proxy.url.replace("//", f"//{CREDENTIALS}@"))
    assert create(cpi, path).error is None
    expected = b64encode(b"proxy-user:p@ss-c4nary").decode()
    assert {request.authorization for request in proxy.requests} == {f"Basic {expected}"}


@pytest.mark.parametrize("excluded", [BUCKETS, BUCKETS[1:], "*", "aliyuncs.com"])
def test_no_proxy(
    cpi: Cpi, path: str, proxy: support.Proxy, monkeypatch: pytest.MonkeyPatch, excluded: str
) -> None:
    """no_proxy may name the endpoint or the names of buckets below it."""
    monkeypatch.setenv("no_proxy", excluded)
    response = create(cpi, path)
    assert "through the proxy" not in response.message
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("status", "permanent"),
    [("407 Proxy Authentication Required", True), ("502 Bad Gateway", False)],
)
def test_a_proxy_that_refuses(
    cpi: Cpi,
    path: str,
    proxy: support.Proxy,
    monkeypatch: pytest.MonkeyPatch,
    *,
    status: str,
    permanent: bool,
) -> None:
    """The message names it with its status, never with its credentials."""
    monkeypatch.setenv("https_proxy", proxy.url.replace("//", f"//{CREDENTIALS}@"))
    proxy.status = status
    response = create(cpi, path)
    assert response.type == "CloudError"
    assert f"through the proxy 127.0.0.1:{proxy.port}: " in response.message
    assert f"the proxy refused with HTTP {status[:3]}" in response.message
    assert (len(proxy.requests) == 1) is permanent
    for secret in ("c4nary", b64encode(b"proxy-user").decode()[:12]):
        assert secret not in response.message + response.stderr


def test_a_certificate_of_an_unknown_authority(cpi: Cpi, path: str) -> None:
    """It is refused at once, before anything is sent."""
    stranger, trusted = Authority(), Authority("another authority")
    with Server(stranger.issue("127.0.0.1", "localhost")) as server:
        cpi.configure(oss_endpoint=f"https://localhost:{server.port}", ca_cert=trusted.pem)
        response = create(cpi, path)
    assert response.type == "CloudError"
    assert f"cannot connect to localhost:{server.port}" in response.message
    assert "its certificate is not trusted" in response.message
    assert "bucket '" not in response.message
    assert (server.received, server.connections) == ([], 1)


def test_a_certificate_for_another_name(
    cpi: Cpi, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that responds in the cloud's place is detected."""
    authority = Authority()
    with (
        Server(authority.issue("proxy.example.com")) as server,
        support.Proxy(server.port) as proxy,
    ):
        monkeypatch.setenv("https_proxy", proxy.url)
        cpi.configure(oss_endpoint=None, ca_cert=authority.pem)
        response = create(cpi, path)
    assert "its certificate is not trusted" in response.message
    assert server.received == []


def test_an_endpoint_without_a_server(cpi: Cpi, path: str) -> None:
    """The message names the endpoint and the cause."""
    with Server() as server:
        port = server.port
    cpi.configure(oss_endpoint=f"https://127.0.0.1:{port}")
    response = create(cpi, path)
    assert f"cannot connect to 127.0.0.1:{port}: Connection refused" in response.message
    assert "http" not in response.message


@pytest.mark.parametrize("url", ["http://u:c4/nary@proxy:1", "http://u:%ff@proxy:1", "ftp://proxy"])
def test_a_wrong_proxy(
    cpi: Cpi, sim: Simulator, path: str, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The error names the variable, and no bucket: none was asked for."""
    cpi.configure(oss_endpoint=None)
    monkeypatch.setenv("https_proxy", url)
    response = create(cpi, path)
    assert response.message.startswith("https_proxy must be the URL of an HTTP proxy")
    assert "bucket" not in response.message
    assert "nary" not in response.message + response.stderr
    assert oss_calls(sim) == []


def test_a_wrong_ca_cert(cpi: Cpi, sim: Simulator, path: str) -> None:
    """The same: the property is named, and no bucket."""
    cpi.configure(ca_cert="no certificate")
    response = create(cpi, path)
    assert response.message == "alicloud.ca_cert must be one or more certificates in PEM"
    assert oss_calls(sim) == []


def test_a_server_without_tls(cpi: Cpi, path: str) -> None:
    """The next connection would fail likewise."""
    with Server() as server:
        cpi.configure(oss_endpoint=f"https://127.0.0.1:{server.port}")
        response = create(cpi, path)
        assert server.connections == 1
    assert "Unreachable" in response.message


def test_a_hostile_environment(cpi: Cpi, sim: Simulator, tmp_path: Path) -> None:
    """What requests and oss2 would read from the environment and files is ignored."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password c4nary\n")
    path = tarball(tmp_path, image(300 * KIB))
    misleading = {
        **DIRECTORS_ENVIRONMENT,
        "HOME": str(tmp_path),
        "NETRC": str(tmp_path / ".netrc"),
        "REQUESTS_CA_BUNDLE": "/nowhere/bundle.pem",
        "CURL_CA_BUNDLE": "/nowhere/bundle.pem",
        "SSL_CERT_FILE": "/nowhere/bundle.pem",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "ALL_PROXY": "socks5://127.0.0.1:1",
        "OSS_ACCESS_KEY_ID": "LTAI5tFromTheEnvironment",
        "OSS_ACCESS_KEY_SECRET": "secretFromTheEnvironment",
        "OSS_SESSION_TOKEN": "tokenFromTheEnvironment",
    }
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    request = cpi.request("create_stemcell", [path, properties()])
    response = run(["--config", str(cpi.path)], request, misleading)
    assert response.error is None, response.stderr
    assert {call["key"] for call in oss_calls(sim)} == {cpi.properties["access_key_id"]}


def test_redirected(cpi: Cpi, sim: Simulator, path: str) -> None:
    """Redirects are not followed: what was signed for one host is not sent to another."""
    headers = {"Location": "https://localhost:1/elsewhere"}
    sim.add_fault(kind="status", action="UploadPart", status=307, headers=headers, count=0)
    response = create(cpi, path)
    assert response.type == "CloudError"
    assert "UploadPart" in response.message
    assert "elsewhere" not in response.message


# Credentials


@pytest.fixture
def on_instance(cpi: Cpi, sim: Simulator) -> Cpi:
    """Give a CPI that signs with the credentials of its instance's RAM role."""
    static = {"access_key_id": None, "access_key_secret": None, "security_token": None}
    cpi.configure(**static, credential_source="ecs_ram_role", metadata_endpoint=sim.plain_url)
    return cpi


def test_temporary_credentials(on_instance: Cpi, sim: Simulator, path: str) -> None:
    """They sign requests to OSS as well."""
    assert create(on_instance, path).error is None
    (key,) = {call["key"] for call in oss_calls(sim)}
    assert key.startswith("STS.")


@pytest.mark.parametrize(
    "code", ["InvalidAccessKeyId", "SecurityTokenExpired", "InvalidSecurityToken"]
)
@pytest.mark.parametrize("action", ["PutBucket", "UploadPart", "CompleteMultipartUpload"])
def test_credentials_that_expire(
    on_instance: Cpi, sim: Simulator, path: str, action: str, code: str
) -> None:
    """Credentials that expire during an upload are replaced, and the request is sent again."""
    sim.add_fault(kind="error", action=action, code=code, status=403)
    assert create(on_instance, path).error is None
    assert len({call["key"] for call in oss_calls(sim)}) == 2


@pytest.mark.parametrize(("seconds", "said"), [(3600, "behind"), (-86400, "ahead of")])
def test_a_wrong_clock_is_compared_with_the_clouds(
    cpi: Cpi, sim: Simulator, path: str, seconds: int, said: str
) -> None:
    """The error says by how much it is wrong; retries do not correct it, and nothing is made."""
    sim.set_signature_skew(seconds)
    answer = cpi.started("create_stemcell", path, properties()).answer()
    assert "PutBucket of bucket bosh-stemcell-" in answer.message
    assert "RequestTimeTooSkewed: " in answer.message
    found = re.search(r" - this machine's clock is (\d+) s (.+) the cloud's \(", answer.message)
    assert found is not None
    assert int(found[1]) == pytest.approx(abs(seconds), abs=30)
    assert found[2] == said
    assert "Cleaned up" not in answer.message
    assert "LEFT BEHIND" not in answer.message
    sim.set_signature_skew(0)


def test_a_signature_that_was_too_old_once(cpi: Cpi, sim: Simulator, path: str) -> None:
    """The request was not processed: it is signed and sent again."""
    sim.add_fault(kind="error", action="PutBucket", code="RequestTimeTooSkewed", status=403)
    assert create(cpi, path).error is None


def test_new_credentials_that_are_refused_too(on_instance: Cpi, sim: Simulator, path: str) -> None:
    """New credentials are fetched once; a second refusal is the error."""
    code = "InvalidAccessKeyId"
    sim.add_fault(kind="error", action="PutBucket", code=code, status=403, count=0)
    response = create(on_instance, path)
    assert code in response.message
    assert len(sim.calls("PutBucket")) == 2


def test_nothing_of_the_credentials_is_shown(on_instance: Cpi, sim: Simulator, path: str) -> None:
    """Neither a refusal nor a lost response shows key, token, signature or header."""
    sim.add_fault(kind="error", action="UploadPart", code="AccessDenied", status=403, count=0)
    sim.add_fault(kind="lost", action="PutBucket")
    response = create(on_instance, path)
    for word in ("STS.", "Signature", "OSS4-HMAC", "Credential", "authorization", "x-oss"):
        assert word not in response.message + response.stderr
