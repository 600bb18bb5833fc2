"""One simulator per test session, as good as new for every test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim import Simulator
from sim.oss_support import RawOss, Sdk
from sim.support import KEY_ID, KEY_SECRET, REGION, Cloud

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aliyunsdkcore.client import AcsClient


@pytest.fixture(scope="session")
def _running() -> Iterator[Simulator]:
    with Simulator(pace="instant") as running:
        yield running


@pytest.fixture
def sim(_running: Simulator) -> Iterator[Simulator]:
    """Give a simulator at its seed, its clock frozen; no bug may show in it."""
    _running.reset()
    _running.freeze()
    yield _running
    assert _running.bugs == []


@pytest.fixture
def cloud(sim: Simulator) -> Cloud:
    """Give a client of our own account."""
    return Cloud(sim)


@pytest.fixture
def sdk(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AcsClient]:
    """Give the real SDK's client, over TLS with our authority's certificate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from aliyunsdkcore.client import AcsClient

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    authority = tmp_path / "ca.pem"
    authority.write_text(sim.ca_pem, "ascii")
    client = AcsClient(
        KEY_ID, KEY_SECRET, REGION, auto_retry=False, port=sim.port, verify=str(authority)
    )
    yield client
    client.session.close()


@pytest.fixture
def oss(sim: Simulator) -> Iterator[Sdk]:
    """Give the real SDK of OSS."""
    sdk = Sdk(sim)
    yield sdk
    sdk.close()


@pytest.fixture
def bucket(oss: Sdk) -> Any:
    """Give a bucket of our own that exists, as the SDK's object."""
    made = oss.bucket()
    made.create_bucket()
    return made


@pytest.fixture
def raw(sim: Simulator) -> RawOss:
    """Give raw requests to OSS."""
    return RawOss(sim)
