"""The proxy that the job's properties name, for every host but loopback and no_proxy's."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi.cloud.wire.proxies import Proxy, proxy_for
from alicloud_cpi.endpoints import Endpoint
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
    """The Director strips the environment: bin/cpi exports what the job's properties say."""
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
def test_https_proxy_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, proxy: Proxy
) -> None:
    """In either case, with and without scheme, port and credentials (percent-encoded)."""
    monkeypatch.setenv(name, text)
    assert proxy_for(ECS) == proxy


@pytest.mark.parametrize(
    "text",
    ["https://proxy:1", "socks5://proxy:1", "http://", "http://proxy:port", "http://p:99999"],
)
def test_what_is_no_http_proxy_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """The value may hold credentials."""
    monkeypatch.setenv("https_proxy", text.replace("//", "//user:c4nary@"))
    with pytest.raises(CpiError) as caught:
        proxy_for(ECS)
    assert caught.value.message == "https_proxy must be the URL of an HTTP proxy"


def test_a_bad_proxy_variable_is_the_answer_of_the_call(
    cpi: Cpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not an internal error."""
    monkeypatch.setenv("https_proxy", "socks5://user:c4nary@proxy:1")
    cpi.configure(ecs_endpoint=None)
    answer = cpi.call("has_disk", "d-1")
    assert (answer.type, answer.ok_to_retry) == ("CpiError", False)
    assert answer.message == "https_proxy must be the URL of an HTTP proxy"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_other_proxy_variables_mean_nothing_for_https(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """env.https_proxy is the property for https."""
    monkeypatch.setenv(name, "http://proxy:1")
    assert proxy_for(ECS) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
@pytest.mark.parametrize("secure", [True, False])
def test_loopback_needs_no_proxy(
    monkeypatch: pytest.MonkeyPatch, host: str, *, secure: bool
) -> None:
    """Whatever the variables say: a proxy would connect to its own loopback."""
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
def test_no_proxy_names_hosts_and_domains(
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
def test_no_proxy_names_networks(
    monkeypatch: pytest.MonkeyPatch, host: str, no_proxy: str, *, excluded: bool
) -> None:
    """Private endpoints are often addresses, and Directors write networks there."""
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    monkeypatch.setenv("no_proxy", no_proxy)
    assert (proxy_for(Endpoint(host, 443)) is None) is excluded


# Through a real proxy


def test_a_name_of_the_cloud_is_reached_through_the_proxy(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy resolves the name; TLS and SNI are with the cloud, not with the proxy."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert cpi.ok("has_disk", "d-1") is False
    assert proxy.asked == [support.Asked(f"CONNECT {NAME}:443", "")]
    (call,) = sim.calls()
    assert (call["sni"], call["tls"]) == (NAME, "TLSv1.3")


def test_one_tunnel_serves_all_requests_of_a_call(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a direct connection does."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        cpi.ok("create_disk", 20480, {})
    assert len(proxy.asked) == 1
    assert len(sim.calls()) > 1


def test_the_proxys_credentials_are_sent_to_the_proxy_alone(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the header of CONNECT, decoded from the URL."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", f"//{CREDENTIALS}@"))
        assert cpi.ok("has_disk", "d-1") is False
    expected = b64encode(b"proxy-user:p@ss-c4nary").decode()
    assert proxy.asked[0].authorization == f"Basic {expected}"


@pytest.mark.parametrize(
    ("status", "repeated"),
    [
        ("407 Proxy Authentication Required", False),
        ("403 Forbidden", False),
        ("502 Bad Gateway", True),
        ("503 Service Unavailable", True),
    ],
)
def test_a_proxy_that_refuses_is_named_and_its_credentials_are_not(
    cpi: Cpi, monkeypatch: pytest.MonkeyPatch, status: str, *, repeated: bool
) -> None:
    """What it refuses for good ends at once, what it cannot reach is tried again."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(1, status) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", f"//{CREDENTIALS}@"))
        answer = cpi.call("has_disk", "d-1")
    said = f"cannot connect to {NAME} through the proxy 127.0.0.1:{proxy.port}: "
    assert f"{said}the proxy refused with HTTP {status[:3]}" in answer.message
    assert (len(proxy.asked) > 1) is repeated
    assert answer.ok_to_retry is repeated
    shown = answer.message + answer.stderr
    assert "proxy-user" not in shown
    assert "c4nary" not in shown
    assert b64encode(b"proxy-user").decode()[:12] not in shown


def test_the_clouds_certificate_is_verified_through_a_proxy_too(
    cpi: Cpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that answers in the cloud's place is found out."""
    authority = Authority()
    with (
        Server(authority.issue("proxy.example.com")) as server,
        support.Proxy(server.port) as proxy,
    ):
        monkeypatch.setenv("https_proxy", proxy.url)
        cpi.configure(ecs_endpoint=None, ca_cert=authority.pem)
        answer = cpi.call("has_disk", "d-1")
    assert "its certificate is not trusted" in answer.message
    assert server.received == []


def test_a_process_uses_the_proxy_that_its_environment_names(cpi: Cpi, sim: Simulator) -> None:
    """As bin/cpi starts it."""
    cpi.configure(ecs_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        environment = {"https_proxy": proxy.url, "no_proxy": "localhost,10.0.0.0/8"}
        options = ["--config", str(cpi.path)]
        answer = run(options, cpi.request("has_disk", ["d-1"]), environment)
    assert answer.result is False
    assert len(proxy.asked) == 1
