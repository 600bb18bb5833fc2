"""Nothing is sent to a peer whose certificate is not trusted; the message has the cause."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi.aliyun.tls import client_context
from alicloud_cpi.aliyun.transport import Transport
from alicloud_cpi.endpoint import Endpoint
from alicloud_cpi.errors import CpiError
from support.tls import Authority, Chain, Server, self_signed

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

AUTHORITY = Authority()
DEBIAN = "/etc/ssl/certs"


def call_at(cpi: Cpi, server: Server) -> Answer:
    """Call the CPI with this server as ECS and the test's authority in ca_cert."""
    cpi.configure(ecs_endpoint=f"localhost:{server.port}", ca_cert=AUTHORITY.pem)
    return cpi.call("has_disk", "d-1")


def test_a_good_certificate_of_a_trusted_authority_is_accepted(cpi: Cpi) -> None:
    """So the servers below are refused for their one flaw."""
    with Server(AUTHORITY.issue("localhost")) as server:
        assert call_at(cpi, server).result is False
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("chain", "cause"),
    [
        (Authority("somebody else").issue("localhost"), "unable to get local issuer certificate"),
        (self_signed("localhost"), "self-signed certificate"),
        (AUTHORITY.issue("localhost", days=-1), "certificate has expired"),
        (AUTHORITY.issue("ecs.aliyuncs.com"), "Hostname mismatch"),
        (AUTHORITY.issue("*.localhost"), "Hostname mismatch"),
    ],
    ids=["unknown authority", "self-signed", "expired", "another name", "a name below"],
)
def test_a_certificate_that_cannot_be_trusted_ends_the_call_at_once(
    cpi: Cpi, chain: Chain, cause: str
) -> None:
    """No request is sent, nothing is retried, and the message says what is wrong with it."""
    with Server(chain) as server:
        response = call_at(cpi, server)
    assert response.type == "CloudError"
    assert not response.ok_to_retry
    assert f"localhost:{server.port}: its certificate is not trusted" in response.message
    assert cause in response.message
    assert (server.received, server.connections, cpi.clock.slept) == ([], 1, [])


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_tls_older_than_1_2_is_refused_at_once(cpi: Cpi, version: ssl.TLSVersion) -> None:
    """A retry cannot succeed."""
    with Server(AUTHORITY.issue("localhost"), version=version) as server:
        response = call_at(cpi, server)
    assert response.type == "CloudError"
    assert "no TLS connection" in response.message
    assert "protocol version" in response.message or "unsupported protocol" in response.message
    assert (server.received, server.connections, cpi.clock.slept) == ([], 1, [])


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_accepted(cpi: Cpi, version: ssl.TLSVersion) -> None:
    """The cloud's endpoints offer these."""
    with Server(AUTHORITY.issue("localhost"), version=version) as server:
        assert call_at(cpi, server).result is False


def test_a_server_without_tls_is_refused_at_once(cpi: Cpi) -> None:
    """Such as an https endpoint with the port of another service."""
    with Server() as server:
        response = call_at(cpi, server)
    assert "no TLS connection" in response.message
    assert (server.received, cpi.clock.slept) == ([], [])


def test_the_servers_name_is_sent(cpi: Cpi, sim: Simulator) -> None:
    """Endpoints of the cloud share addresses: without SNI they show another's certificate."""
    cpi.configure(ecs_endpoint=f"localhost:{sim.port}")
    assert cpi.call("has_disk", "d-1").result is False
    assert [call["sni"] for call in sim.calls()] == ["localhost"]


# Trust


@pytest.mark.parametrize(
    "text",
    [
        "junk",
        "-----BEGIN CERTIFICATE-----\njunk\n-----END CERTIFICATE-----",
        "é",
        "漢",
        "-----BEGIN CERTIFICATE-----",
        AUTHORITY.pem[:200],
        AUTHORITY.issue("localhost").key,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_ca_cert_without_a_certificate_is_refused(cpi: Cpi, text: str) -> None:
    """Before anything is sent; the message names the property and does not quote it."""
    cpi.configure(ca_cert=text)
    response = cpi.call("has_disk", "d-1")
    assert response.type == "CpiError"
    assert response.message == "alicloud.ca_cert must be one or more certificates in PEM"


def test_ca_cert_may_hold_several_certificates(cpi: Cpi) -> None:
    """Any of them may be the issuer."""
    with Server(AUTHORITY.issue("localhost")) as server:
        cpi.configure(ecs_endpoint=f"localhost:{server.port}")
        cpi.configure(ca_cert=Authority("another").pem + AUTHORITY.pem)
        assert cpi.call("has_disk", "d-1").result is False


def test_the_calls_context_can_have_its_own_ca_cert(cpi: Cpi) -> None:
    """A cpi-config entry overrides the job's properties."""
    with Server(AUTHORITY.issue("localhost")) as server:
        context = {"ecs_endpoint": f"localhost:{server.port}", "ca_cert": AUTHORITY.pem}
        assert cpi.call("has_disk", "d-1", context=context).result is False


def _system_has(
    monkeypatch: pytest.MonkeyPatch, directory: Path | str, bundle: Path | str = ""
) -> None:
    """Let OpenSSL's compiled-in paths be these."""
    paths = ssl.get_default_verify_paths()._replace(
        openssl_capath=str(directory), openssl_cafile=str(bundle)
    )
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)


def _reachable(ca_cert: str) -> bool:
    """Whether a server with a certificate of the test's authority is trusted."""
    with Server(AUTHORITY.issue("localhost")) as server:
        transport = Transport(ca_cert)
        response = transport.request(Endpoint("localhost", server.port), "POST", "/", {}, b"", 5)
        transport.close()
    return response.status == 200


@pytest.mark.parametrize("ca_cert", ["", Authority("another").pem], ids=["alone", "and ca_cert"])
def test_the_systems_directory_of_hashed_certificates_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ca_cert: str
) -> None:
    """With ca_cert, too: it adds trust and removes none."""
    (tmp_path / AUTHORITY.hashed_name).write_text(AUTHORITY.pem)
    _system_has(monkeypatch, tmp_path)
    assert _reachable(ca_cert)


def test_the_systems_bundle_is_trusted_where_there_is_no_hashed_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS and Red Hat systems."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(Authority("another").pem + AUTHORITY.pem)
    _system_has(monkeypatch, tmp_path / "none", bundle)

    scandir = os.scandir
    monkeypatch.setattr(
        "os.scandir", lambda path: scandir(tmp_path / "none" if path == DEBIAN else path)
    )
    assert _reachable("")


def test_every_connection_is_verified() -> None:
    """No setting turns verification off."""
    context = client_context("")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_ca_cert_is_checked_whatever_the_system_has() -> None:
    """The message names the property."""
    with pytest.raises(CpiError, match=r"alicloud\.ca_cert"):
        client_context("junk")
