"""Environment variables change nothing: what works under the Director works everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cpi import DIRECTORS_ENVIRONMENT, run
from support.tls import Authority, Server

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi

# All variables that the SDK, its bundled requests or OpenSSL would use.
MISLEADING = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tFromTheEnvironment",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secretFromTheEnvironment",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "tokenFromTheEnvironment",
    "ALIBABA_CLOUD_CREDENTIALS_FILE": "/nowhere/credentials",
    "ALIBABA_CLOUD_ECS_METADATA": "role-from-the-environment",
    "ALIBABA_CLOUD_CA_BUNDLE": "/nowhere/bundle.pem",
    "ALIBABA_CLOUD_REGION_ID": "cn-nowhere",
    "ALIYUN_ACCESS_KEY_ID": "LTAI5tFromTheEnvironment",
    "ALIYUN_ACCESS_KEY_SECRET": "secretFromTheEnvironment",
    "ALICLOUD_ACCESS_KEY": "LTAI5tFromTheEnvironment",
    "ALICLOUD_SECRET_KEY": "secretFromTheEnvironment",
    "ACCESS_KEY_ID": "LTAI5tFromTheEnvironment",
    "ACCESS_KEY_SECRET": "secretFromTheEnvironment",
    "ECS_ENDPOINT": "https://127.0.0.1:1",
    "DEBUG": "sdk",
    "SSL_CERT_FILE": "/nowhere/bundle.pem",
    "SSL_CERT_DIR": "/nowhere",
    "REQUESTS_CA_BUNDLE": "/nowhere/bundle.pem",
    "CURL_CA_BUNDLE": "/nowhere/bundle.pem",
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "https_proxy": "http://127.0.0.1:1",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "socks5://127.0.0.1:1",
    "LANG": "C",
    "LC_ALL": "xx_YY.nonsense",
    "TZ": "Pacific/Kiritimati",
}


def test_a_hostile_environment_changes_neither_response_nor_log(cpi: Cpi, sim: Simulator) -> None:
    """Credentials, trust, proxies, regions and debug switches are all ignored."""
    options, request = ["--config", str(cpi.path)], cpi.request("has_disk", ["d-1"])
    plain = run(options, request)
    misled = run(options, request, {**DIRECTORS_ENVIRONMENT, **MISLEADING})
    assert (misled.result, misled.error) == (plain.result, plain.error) == (False, None)
    assert len(misled.stderr.splitlines()) == len(plain.stderr.splitlines()) == 1
    first, second = sim.calls()
    for key in ("key", "action", "params", "tls", "account"):
        assert first[key] == second[key]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "ALIBABA_CLOUD_CA_BUNDLE"])
def test_no_variable_adds_trust(
    cpi: Cpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """alicloud.ca_cert adds trust: it works under the Director, which strips the environment."""
    authority = Authority()
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(authority.pem)
    monkeypatch.setenv(name, str(bundle))
    with Server(authority.issue("localhost")) as server:
        cpi.configure(ecs_endpoint=f"localhost:{server.port}", ca_cert=None)
        response = cpi.call("has_disk", "d-1")
    assert "its certificate is not trusted" in response.message
    assert server.received == []


def test_an_empty_environment_is_enough(cpi: Cpi) -> None:
    """Not even PATH and HOME are needed."""
    response = run(["--config", str(cpi.path)], cpi.request("has_disk", ["d-1"]), {"A": "b"})
    assert response.result is False
