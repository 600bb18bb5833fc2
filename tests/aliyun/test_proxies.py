"""The proxy of the job's properties, for every host but loopback ones and those in no_proxy."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi.aliyun.proxies import Proxy, proxy_for
from alicloud_cpi.endpoint import Endpoint
from alicloud_cpi.errors import CpiError
from support import proxy as support
from support.cpi import run
from support.tls import Authority, Server

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi

NAME = "ecs.cn-beijing.aliyuncs.com"
ECS = Endpoint(NAME, 443)
VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
CREDENTIALS = "proxy-user:p%40ss-c4nary"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from an environment without any."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_variables_connections_are_direct() -> None:
    """The Director strips the environment: bin/cpi exports the job's properties."""
    assert proxy_for(ECS) is None


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://proxy.example.com:8080", Proxy("proxy.example.com", 8080, "")),
        ("http://proxy.example.com:8080/", Proxy("proxy.example.com", 8080, "")),
        ("proxy.example.com:8080", Proxy("proxy.example.com", 8080, "")),
        ("http://10.0.0.1", Proxy("10.0.0.1", 80, "")),
        ("http://[fd00::1]:3128", Proxy("fd00::1", 3128, "")),
        (" http://proxy:1 ", Proxy("proxy", 1, "")),
        ("http://u@proxy:1", Proxy("proxy", 1, "Basic dTo=")),
        ("http://u:p%40w@proxy:1", Proxy("proxy", 1, "Basic dTpwQHc=")),
    ],
)
def test_https_proxy_is_the_url_of_the_proxy(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, proxy: Proxy
) -> None:
    """In lower or upper case, with and without scheme, port and credentials (percent-encoded)."""
    monkeypatch.setenv(name, text)
    assert proxy_for(ECS) == proxy


@pytest.mark.parametrize(
    "text",
    [
        "https://proxy:1",
        "socks5://proxy:1",
        "http://",
        "http://proxy:port",
        "http://p:99999",
        "http://[::1",
        "http://a b",
        "http://a\x01b",
    ],
)
def test_a_value_that_is_no_http_proxy_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """The value may hold credentials."""
    monkeypatch.setenv("https_proxy", text.replace("//", "//user:c4nary@"))
    with pytest.raises(CpiError) as caught:
        proxy_for(ECS)
    assert caught.value.message == "https_proxy must be the URL of an HTTP proxy"


@pytest.mark.parametrize(
    "password", ["c4/nary", "c4#nary", "c4?nary", "/c4nary", "c4nary#", "c4:/nary"]
)
def test_a_password_that_must_be_percent_encoded_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """A '/', '?' or '#' would end the host: requests would go to a wrong one with this name."""
    monkeypatch.setenv("https_proxy", f"http://user:{password}@proxy:3128")
    with pytest.raises(CpiError) as caught:
        proxy_for(ECS)
    assert caught.value.message.startswith("https_proxy must be the URL of an HTTP proxy")
    assert "nary" not in caught.value.message


@pytest.mark.parametrize(
    "text", ["http://u:%ff@proxy:1", "http://%C3@proxy:1", "http://u:%ED%A0%80@p"]
)
def test_credentials_that_are_no_utf_8_are_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """They could not be sent as the operator means them."""
    monkeypatch.setenv("https_proxy", text)
    with pytest.raises(CpiError) as caught:
        proxy_for(ECS)
    assert caught.value.message == "https_proxy must be the URL of an HTTP proxy"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("p%2Fw%3F%23x", b"p/w?#x"),
        ("p:w", b"p:w"),
        ("p%3Aw", b"p:w"),
        ("p@w", b"p@w"),
        ("p%25w", b"p%w"),
        ("%E6%BC%A2", "漢".encode()),
        ("", b""),
    ],
)
def test_passwords_are_percent_decoded(
    monkeypatch: pytest.MonkeyPatch, given: str, sent: bytes
) -> None:
    """Also characters that a URL has a meaning for, and those beyond ASCII (as UTF-8)."""
    monkeypatch.setenv("https_proxy", f"http://user:{given}@proxy:3128")
    authorization = f"Basic {b64encode(b'user:' + sent).decode()}"
    assert proxy_for(ECS) == Proxy("proxy", 3128, authorization)


def test_a_bad_proxy_variable_is_a_cpi_error(cpi: Cpi, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no internal error, and not retryable."""
    monkeypatch.setenv("https_proxy", "socks5://user:c4nary@proxy:1")
    cpi.configure(ecs_endpoint=None)
    response = cpi.call("has_disk", "d-1")
    assert (response.type, response.ok_to_retry) == ("CpiError", False)
    assert response.message == "https_proxy must be the URL of an HTTP proxy"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_other_proxy_variables_do_not_apply_to_https(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """env.https_proxy is the property for https."""
    monkeypatch.setenv(name, "http://proxy:1")
    assert proxy_for(ECS) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
@pytest.mark.parametrize("secure", [True, False])
def test_loopback_hosts_are_reached_directly(
    monkeypatch: pytest.MonkeyPatch, host: str, *, secure: bool
) -> None:
    """A proxy would connect to its own loopback interface."""
    for name in VARIABLES[:2]:
        monkeypatch.setenv(name, "http://proxy:1")
    assert proxy_for(Endpoint(host, 443, secure)) is None


@pytest.mark.parametrize(
    ("no_proxy", "excluded"),
    [
        ("*", True),
        (NAME, True),
        (NAME.upper(), True),
        (f"{NAME}:443", True),
        (f"{NAME}:8443", False),
        ("aliyuncs.com", True),
        (".aliyuncs.com", True),
        ("*.aliyuncs.com", True),
        (".aliyuncs.com:443", True),
        (".aliyuncs.com:8443", False),
        ("cn-beijing.aliyuncs.com", True),
        ("example.com, aliyuncs.com ,x", True),
        ("", False),
        (",", False),
        (".", False),
        ("yuncs.com", False),
        ("cn-hangzhou.aliyuncs.com", False),
        (f"x.{NAME}", False),
        ("com.", False),
    ],
)
def test_no_proxy_lists_hosts_and_domains(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, *, excluded: bool
) -> None:
    """Hosts, domains with a leading dot, a star or neither, a port, lists; whole labels only."""
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, no_proxy)
        assert (proxy_for(ECS) is None) is excluded
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("host", "no_proxy", "excluded"),
    [
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.0/30, 10.1.2.3/32", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("11.1.2.3", "10.0.0.0/99", False),
        ("fd00::1", "fd00::/8", True),
        ("fd00::1", "fd00::1", True),
        (NAME, "10.0.0.0/8", False),
    ],
)
def test_no_proxy_lists_networks(
    monkeypatch: pytest.MonkeyPatch, host: str, no_proxy: str, *, excluded: bool
) -> None:
    """Private endpoints are often addresses, and operators write networks (CIDR)."""
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    monkeypatch.setenv("no_proxy", no_proxy)
    assert (proxy_for(Endpoint(host, 443)) is None) is excluded


# Through a real proxy


def test_a_name_of_the_cloud_is_reached_through_the_proxy(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy resolves the name; TLS and SNI are between the CPI and the cloud."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert cpi.ok("has_disk", "d-1") is False
    assert proxy.requests == [support.ConnectRequest(f"CONNECT {NAME}:443", "")]
    (call,) = sim.calls()
    assert (call["sni"], call["tls"]) == (NAME, "TLSv1.3")


def test_one_tunnel_serves_all_requests_of_a_call(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a direct connection."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        cpi.ok("create_disk", 20480, {})
    assert len(proxy.requests) == 1
    assert len(sim.calls()) > 1


def test_the_proxys_credentials_are_sent_to_the_proxy_only(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the header of CONNECT, decoded from the URL."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", f"//{CREDENTIALS}@"))
        assert cpi.ok("has_disk", "d-1") is False
    expected = b64encode(b"proxy-user:p@ss-c4nary").decode()
    assert proxy.requests[0].authorization == f"Basic {expected}"


@pytest.mark.parametrize(
    ("status", "repeated"),
    [
        ("407 Proxy Authentication Required", False),
        ("403 Forbidden", False),
        ("502 Bad Gateway", True),
        ("503 Service Unavailable", True),
    ],
)
def test_a_proxy_that_refuses_is_named_without_its_credentials(
    cpi: Cpi, monkeypatch: pytest.MonkeyPatch, status: str, *, repeated: bool
) -> None:
    """A permanent refusal ends the call at once; one of a gateway is retried."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(1, status) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", f"//{CREDENTIALS}@"))
        response = cpi.call("has_disk", "d-1")
    expected = f"cannot connect to {NAME} through the proxy 127.0.0.1:{proxy.port}: "
    assert f"{expected}the proxy refused with HTTP {status[:3]}" in response.message
    assert (len(proxy.requests) > 1) is repeated
    assert response.ok_to_retry is repeated
    shown = response.message + response.stderr
    assert "proxy-user" not in shown
    assert "c4nary" not in shown
    assert b64encode(b"proxy-user").decode()[:12] not in shown


def test_the_clouds_certificate_is_verified_through_a_proxy_too(
    cpi: Cpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that responds in the cloud's place is detected."""
    authority = Authority()
    with (
        Server(authority.issue("proxy.example.com")) as server,
        support.Proxy(server.port) as proxy,
    ):
        monkeypatch.setenv("https_proxy", proxy.url)
        cpi.configure(ecs_endpoint=None, ca_cert=authority.pem)
        response = cpi.call("has_disk", "d-1")
    assert "its certificate is not trusted" in response.message
    assert server.received == []


def test_a_process_uses_the_proxy_of_its_environment(cpi: Cpi, sim: Simulator) -> None:
    """It is started as bin/cpi starts it."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        environment = {"https_proxy": proxy.url, "no_proxy": "localhost,10.0.0.0/8"}
        options = ["--config", str(cpi.path)]
        response = run(options, cpi.request("has_disk", ["d-1"]), environment)
    assert response.result is False
    assert len(proxy.requests) == 1
