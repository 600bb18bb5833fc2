"""The pytest plugin: the fixture `alicloud` gives every test a fresh simulated cloud.

    def test_my_script(alicloud):
        client = AcsClient(alicloud.access_key_id, alicloud.access_key_secret, alicloud.region)
        ...
        assert alicloud.state()["records"].get("instance", {}) == {}

One simulator serves the session; each test begins at the seed, and a bug of the simulator
fails the test that met it. To change the pace for a module or a suite, override the fixture
`alicloud_pace` there; it returns instant, fast or realistic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from . import client_environment
from .seed import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from .simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class SimulatedCloud:
    """What a client needs to know, and what a test may look at and change."""

    simulator: Simulator
    """Faults, time, keys and seeds: see the methods of Simulator."""
    ca_file: Path
    """The certificate authority that clients have to trust, as a PEM file."""
    access_key_id: str = ACCESS_KEY_ID
    access_key_secret: str = ACCESS_KEY_SECRET

    @property
    def endpoint(self) -> str:
        """The endpoint of every service as SDKs want it: 127.0.0.1:PORT."""
        return f"127.0.0.1:{self.simulator.port}"

    @property
    def port(self) -> int:
        """The port of every service."""
        return self.simulator.port

    @property
    def url(self) -> str:
        """The endpoint of every service, over TLS."""
        return self.simulator.url

    @property
    def plain_url(self) -> str:
        """The same over plain HTTP."""
        return self.simulator.plain_url

    @property
    def region(self) -> str:
        """The account's usual region."""
        return self.simulator.world.default_region

    @property
    def zone(self) -> str:
        """The first zone of that region."""
        return next(iter(self.simulator.world.regions[self.region].zones))

    @property
    def constants(self) -> dict[str, str]:
        """The ids of what the seed has, by name: "cn-beijing.vpc"..."""
        return dict(self.simulator.world.constants)

    @property
    def environ(self) -> dict[str, str]:
        """Environment variables for a program that is tested: keys, region, authority."""
        return client_environment.variables(self.region, str(self.ca_file))

    def state(self) -> dict[str, Any]:
        """Dump the simulated cloud."""
        return self.simulator.state()

    def calls(self, action: str | None = None) -> list[dict[str, Any]]:
        """List the calls of the test so far, all or those of one action."""
        return self.simulator.calls(action)


@pytest.fixture(scope="session")
def alicloud_pace() -> str:
    """Say how long things take: override it to choose fast or realistic."""
    return "instant"


@pytest.fixture(scope="session")
def alicloud_server(
    alicloud_pace: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimulatedCloud]:
    """Serve a simulator for the session; tests use `alicloud`, which resets it."""
    with Simulator(pace=alicloud_pace) as simulator:
        authority = tmp_path_factory.mktemp("alicloud-sim") / "ca.pem"
        authority.write_text(simulator.ca_pem, "ascii")
        yield SimulatedCloud(simulator, authority)


@pytest.fixture
def alicloud(alicloud_server: SimulatedCloud) -> Iterator[SimulatedCloud]:
    """Give a simulated cloud at its seed."""
    alicloud_server.simulator.reset()
    yield alicloud_server
    if alicloud_server.simulator.bugs:
        pytest.fail("the simulator broke:\n" + "\n".join(alicloud_server.simulator.bugs))
