"""One simulator per test session, as good as new for every test, and a CPI that uses it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from alicloud_sim import Simulator
from support.cpi import Cpi
from support.storage import Storage
from support.vms import Vms
from support.world import Names, vm_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


# One profile for all folders: which profile is loaded last depends on which folders are run.
settings.register_profile(
    "tests",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    # One simulated cloud serves all examples: what one leaves must not trouble the next.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tests")


@pytest.fixture(autouse=True)
def signal_handlers() -> Iterator[None]:
    """Restore the signal handlers that a test changes: the processes of later ones inherit them."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    """Give a simulator that serves the whole session."""
    with Simulator(pace="instant") as simulator:
        yield simulator


@pytest.fixture
def sim(running: Simulator) -> Iterator[Simulator]:
    """Give a simulator at its seed, on a clock that the CPI's waits move.

    Every change stays under way until a read has shown it: each wait of the CPI really waits.
    """
    running.reset()
    running.freeze()
    running.set_pace("instant", grace=60)
    yield running
    assert running.bugs == []
    running.resume()


@pytest.fixture
def names(sim: Simulator) -> Names:
    """Give the ids of the seed."""
    return Names(sim.world.constants)


@pytest.fixture
def cpi(sim: Simulator, tmp_path: Path) -> Cpi:
    """Give the CPI, configured for the simulator."""
    return Cpi(sim, tmp_path)


@pytest.fixture
def vms(cpi: Cpi, names: Names) -> Vms:
    """Give create_vm with a good request, and a look at what it made."""
    return Vms(cpi, names)


@pytest.fixture
def storage(cpi: Cpi, names: Names) -> Storage:
    """Give disks, snapshots and images, and a look at what the cloud has of them."""
    return Storage(cpi, names)


@pytest.fixture
def make_vm(cpi: Cpi, names: Names) -> Callable[..., str]:
    """Give a function that makes a VM and returns its cid."""
    made: list[str] = []

    def make(env: dict[str, Any] | None = None, **properties: Any) -> str:
        networks = names.networks(ip=f"10.0.1.{len(made) + 50}")
        cid = cpi.ok(
            "create_vm",
            f"agent-{len(made)}",
            names.image,
            vm_type(**properties),
            networks,
            [],
            env or {},
        )
        made.append(cid[0] if isinstance(cid, list) else cid)
        return made[-1]

    return make
