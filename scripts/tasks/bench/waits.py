"""How late waits end, and how often they poll: computed from the schedule, and measured.

The schedule is the CPI's own function; measured are calls of create_disk, each against a disk that
takes a given time to make.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from alicloud_cpi.aliyun.waiter import poll_interval
from tasks.bench.calls import ZONE
from tasks.bench.subjects import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alicloud_sim import Simulator
    from tasks.bench.subjects import Subject

SHORT = 10.0
LONGEST = 3600.0
STEP = 0.01
GROWTH = 1.001

MEASURED = (1.3, 2.1, 3.7, 4.6, 5.9, 7.2, 8.4, 9.8, 13.0, 17.0, 23.0, 31.0, 42.0, 56.0)
MEASURED_IN_SHORT = (0.4, 1.1)


class Lateness(NamedTuple):
    """The seconds by which short waits are late, the share by which long ones are, the requests."""

    short: float
    long: float
    requests: int


def polls(until: float) -> list[float]:
    """Return the times at which a wait of this length polls, if a poll takes no time."""
    found, at = [0.0], 0.0
    while at < until:
        at += poll_interval(at)
        found.append(at)
    return found


def computed() -> Lateness:
    """Return the medians over waits up to ten seconds, and over those up to an hour."""
    asked = polls(LONGEST)
    waits = [number * STEP for number in range(1, int(SHORT / STEP) + 1)]
    late = [next(at for at in asked if at >= wait) - wait for wait in waits]
    share, wait = [], SHORT * GROWTH
    while wait < LONGEST:
        share.append((next(at for at in asked if at >= wait) - wait) / wait)
        wait *= GROWTH
    first = [at for at in asked if at <= SHORT]
    return Lateness(statistics.median(late), statistics.median(share), len(first))


def measured(subject: Subject, sim: Simulator, waits: Sequence[float]) -> Lateness:
    """Return the medians over calls that wait for a disk, all of them running at once."""
    late: dict[float, float] = {}
    asked: dict[float, int] = {}
    with ThreadPoolExecutor(len(waits)) as pool:
        under_way = []
        for seconds in waits:
            sim.set_pace(disk__create=seconds)
            before = len(sim.changes())
            under_way.append(pool.submit(_made, subject, sim))
            while len(sim.changes()) == before:
                time.sleep(0.01)
        disks = [future.result() for future in under_way]
    due = {row["record"][1]: row for row in sim.changes()}
    for seconds, disk in zip(waits, disks, strict=True):
        reads = [
            call["time"] - due[disk]["began"]
            for call in sim.calls("DescribeDisks")
            if disk in call["params"].get("DiskIds", "")
        ]
        late[seconds] = reads[-1] - seconds
        asked[seconds] = sum(at <= SHORT for at in reads)
    short = [late[seconds] for seconds in waits if seconds <= SHORT]
    long = [late[seconds] / seconds for seconds in waits if seconds > SHORT]
    median_of_long = statistics.median(long) if long else 0.0
    return Lateness(statistics.median(short), median_of_long, max(asked.values()))


def _made(subject: Subject, sim: Simulator) -> str:
    """Make a disk with a process of its own; return its id."""
    with Stage(subject, sim) as stage:
        done = stage.at_once("create_disk", 20_480, {"availability_zone": ZONE}, None)
    return str(done.result)
