"""Endpoints as operators write them; those of the SDK's tables are tested in tests/aliyun."""

from __future__ import annotations

import pytest

from alicloud_cpi.endpoint import Endpoint, is_loopback, parse_endpoint
from alicloud_cpi.errors import CpiError


@pytest.mark.parametrize(
    ("text", "endpoint", "authority"),
    [
        ("ecs.aliyuncs.com", Endpoint("ecs.aliyuncs.com", 443), "ecs.aliyuncs.com"),
        ("ecs.aliyuncs.com:443", Endpoint("ecs.aliyuncs.com", 443), "ecs.aliyuncs.com"),
        ("ecs.aliyuncs.com:8443", Endpoint("ecs.aliyuncs.com", 8443), "ecs.aliyuncs.com:8443"),
        ("ECS.Aliyuncs.COM", Endpoint("ecs.aliyuncs.com", 443), "ecs.aliyuncs.com"),
        ("https://ecs.aliyuncs.com", Endpoint("ecs.aliyuncs.com", 443), "ecs.aliyuncs.com"),
        ("https://ecs.aliyuncs.com/", Endpoint("ecs.aliyuncs.com", 443), "ecs.aliyuncs.com"),
        ("HTTPS://ecs.aliyuncs.com:1", Endpoint("ecs.aliyuncs.com", 1), "ecs.aliyuncs.com:1"),
        ("10.0.0.1", Endpoint("10.0.0.1", 443), "10.0.0.1"),
        ("127.0.0.1:9000", Endpoint("127.0.0.1", 9000), "127.0.0.1:9000"),
        ("[2408::1]", Endpoint("2408::1", 443), "[2408::1]"),
        ("[2408::1]:8443", Endpoint("2408::1", 8443), "[2408::1]:8443"),
        ("https://[::1]:9000/", Endpoint("::1", 9000), "[::1]:9000"),
        ("http://127.0.0.1:9000", Endpoint("127.0.0.1", 9000, secure=False), "127.0.0.1:9000"),
        ("http://localhost", Endpoint("localhost", 80, secure=False), "localhost"),
        ("http://127.9.9.9:80", Endpoint("127.9.9.9", 80, secure=False), "127.9.9.9"),
        ("http://[::1]:9000", Endpoint("::1", 9000, secure=False), "[::1]:9000"),
        ("my_proxy.internal", Endpoint("my_proxy.internal", 443), "my_proxy.internal"),
    ],
)
def test_an_endpoint_is_a_host_a_host_with_port_or_a_url(
    text: str, endpoint: Endpoint, authority: str
) -> None:
    """TLS unless the URL says http; the Host header omits the scheme's default port."""
    assert parse_endpoint(text, "alicloud.ecs_endpoint") == endpoint
    assert endpoint.authority == authority


@pytest.mark.parametrize(
    "text",
    [
        "http://ecs.aliyuncs.com",
        "http://10.0.0.1:80",
        "http://100.100.100.200",
        "http://[2408::1]",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://1270.0.0.1",
        "http://127.1",
        "http://0.0.0.0",
    ],
)
def test_http_is_for_loopback_hosts_only(text: str) -> None:
    """A signed request over plain http could be read and repeated by anyone on the way."""
    with pytest.raises(CpiError, match="must use https: http is accepted for loopback hosts only"):
        parse_endpoint(text, "alicloud.ecs_endpoint")


@pytest.mark.parametrize(
    "text",
    [
        "https://",
        "://",
        "ftp://ecs.aliyuncs.com",
        "ecs.aliyuncs.com:port",
        "ecs.aliyuncs.com:99999",
        "ecs.aliyuncs.com:0",
        "ecs.aliyuncs.com:-1",
        "ecs aliyuncs com",
        "https://ecs/path",
        "a/b",
        "https://ecs?x=1",
        "https://ecs#x",
        "https://user@ecs",
        "https://user:pw@ecs",
        "[::1",
        "::1",
        "https://:pw@ecs",
        "écs.aliyuncs.com",
        "https://ecs\\x",
        "a,b",
        "'",
        "[zz::]",
    ],
)
def test_a_value_that_is_no_endpoint_is_refused(text: str) -> None:
    """The message names the property and the accepted forms, not the value: it may be secret."""
    with pytest.raises(CpiError) as caught:
        parse_endpoint(text, "alicloud.slb_endpoint")
    assert caught.value.message.startswith("alicloud.slb_endpoint must be a host, host:port")
    assert "pw" not in caught.value.message


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.1", True),
        ("::1", True),
        ("127.0.0.1.x.com", False),
        ("128.0.0.1", False),
        ("10.0.0.1", False),
        ("::2", False),
        ("mylocalhost", False),
        ("127.0.0", False),
        ("", False),
    ],
)
def test_a_loopback_host_is_recognized_by_its_name(host: str, *, loopback: bool) -> None:
    """Nothing is resolved: a name that resolves to 127.0.0.1 today may not tomorrow."""
    assert is_loopback(host) is loopback
