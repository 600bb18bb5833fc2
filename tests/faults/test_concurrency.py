"""Many calls at once: all end well, and refusals do not multiply the requests.

Here with as many processes as a test can start; scripts/faults does it with fifty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults import load
from faults.matrix_scenarios import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

# Of the requests that are made where nothing is limited.
MOST = 1.5


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a bench of this module's own."""
    with Bench() as bench:
        yield bench


def test_a_deploy_under_throttling(bench: Bench) -> None:
    """VMs made, disks attached and VMs deleted at once, at five requests a second per action."""
    free = load.deploy(bench, load.SMALL)
    limited = load.deploy(bench, load.SMALL, rate=5)
    assert (free.wrong, free.refused) == ("", 0)
    assert limited.wrong == ""
    assert limited.refused, "nothing was throttled: the test shows nothing"
    assert limited.requests <= MOST * free.requests, (free, limited)


def test_vms_behind_the_same_load_balancers(bench: Bench) -> None:
    """A load balancer takes one change at a time: the calls queue up, and all get their turn."""
    made, deleted = load.behind_one(bench, 10)
    assert (made.wrong, deleted.wrong) == ("", "")
    assert made.refused, "no call found a lock: the test shows nothing"
