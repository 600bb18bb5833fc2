"""Random lives of VMs, disks, stemcells and networks, with random faults and kills. Nothing listed.

Several workers, each as a Director's worker: a call is a process, and is made again when it failed
or was killed. All share one simulated cloud. In the end the cloud holds exactly what the answers
said (support/books.py). Every decision follows from the seed; the order in which the calls of
different workers come does not.

    PYTHONPATH=src:tests python -m soak.soak SECONDS SEED PROCESSES
"""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from faults.matrix_scenarios import Bench, Request
from soak.lives import Lives
from support.books import Books
from support.forked import Forker

if TYPE_CHECKING:
    from support.cpi import Answer

# Each hits one to three requests of any action, and passes. The rest of faults.py's kinds take
# their time in real seconds.
TROUBLES: list[dict[str, Any]] = [
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "truncated"},
    {"kind": "empty"},
    {"kind": "html"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 500, "effect": True},
    {"kind": "status", "status": 503},
    {"kind": "error", "code": "Throttling.User", "status": 400},
    {"kind": "error", "code": "InternalError", "status": 500},
    {"kind": "error", "code": "ServiceUnavailable", "status": 503},
]
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
# Of the calls that get a signal, and the longest time in seconds until then.
INTERRUPTED = 0.2
LATEST = 0.4
PAUSE = 0.05
# Faults that have not hit anybody yet: more, on a slow machine, and no call would end well.
MOST_PENDING = 4
# A Director gives up sooner; here each call is to succeed in the end.
MOST_TRIES = 25


class Result(NamedTuple):
    """What a soak came to; no problems where the cloud held what the answers said."""

    calls: int
    signals: int
    faults: int
    failed: int
    problems: list[str]

    def __str__(self) -> str:
        return (
            f"{self.calls} calls, {self.signals} signals, {self.faults} faults; "
            f"{self.failed} calls failed or were killed and were made again"
        )


class Soak:
    """One simulated cloud, its workers and its troubles."""

    def __init__(self, bench: Bench, forker: Forker, seed: int) -> None:
        self._bench = bench
        self._forker = forker
        self._seed = seed
        self._lock = threading.Lock()
        self._ends = 0.0
        self._count: Counter[str] = Counter()
        self._problems: list[str] = []
        self.books = Books(bench.sim)

    def run(self, seconds: float, processes: int) -> Result:
        """Let the workers live for so long; then compare."""
        self._bench.reset()
        self._bench.sim.set_pace("fast")
        self._bench.sim.resume()
        self.books.open()
        self._ends = time.monotonic() + seconds
        trouble = threading.Thread(target=self._trouble, daemon=True)
        trouble.start()
        with ThreadPoolExecutor(processes) as pool:
            try:
                list(pool.map(self._work, range(processes)))
            finally:
                self._ends = 0
        trouble.join()
        self._bench.settle()
        wrong = [*self._problems, *self.books.problems(self._bench.cpi), *self._bench.sim.bugs]
        count = self._count
        return Result(count["calls"], count["signals"], count["faults"], count["failed"], wrong)

    @property
    def _is_over(self) -> bool:
        return time.monotonic() > self._ends

    def _trouble(self) -> None:
        """Add faults until the end, then take away those that hit nobody."""
        chance = random.Random(f"{self._seed} trouble")  # noqa: S311 - the same for a seed
        while not self._is_over:
            time.sleep(chance.uniform(0, PAUSE * 4))
            if self._pending() < MOST_PENDING:
                rule = {**chance.choice(TROUBLES), "nth": chance.randint(1, 5)}
                self._bench.sim.add_fault(**rule, count=chance.randint(1, 3))
                self._count["faults"] += 1
        self._bench.sim.clear_faults()

    def _pending(self) -> int:
        """Drop the faults that are over, and count the others."""
        faults = self._bench.sim.gateway.faults
        rules = faults.list()
        for rule in rules:
            if rule["hit"] == rule["count"]:
                faults.drop(rule["id"])
        return sum(rule["hit"] < rule["count"] for rule in rules)

    def _work(self, number: int) -> None:
        """Live one life after the other until the time is over."""
        chance = random.Random(f"{self._seed} {number}")  # noqa: S311 - the same for a seed
        lives = Lives(self._bench, chance, number)
        try:
            while not self._is_over:
                life = lives.next()
                answer: Any = None
                try:
                    while not self._is_over:
                        answer = self._call(chance, life.send(answer))
                except StopIteration:
                    continue
        except Exception:  # noqa: BLE001 - told with the seed
            self._problems.append(f"worker {number}: {traceback.format_exc()}")

    def _call(self, chance: random.Random, request: Request) -> Any:
        """Make a call until it ends well; returns the result."""
        for _ in range(MOST_TRIES):
            answer = self._once(chance, request)
            with self._lock:
                self.books.note(request, answer)
                self._count["failed"] += answer is None or answer.error is not None
            if answer is not None and _is_enough(request, answer):
                return answer.result
        raise AssertionError(f"{request} never ended well: {answer and answer.message}")

    def _once(self, chance: random.Random, request: Request) -> Answer | None:
        options = ["--config", str(self._bench.cpi.path)]
        text = self._bench.cpi.request(request.method, request.arguments)
        interrupted = chance.random() < INTERRUPTED and not self._is_over
        call = self._forker.start(options, text)
        self._count["calls"] += 1
        if interrupted:
            time.sleep(chance.uniform(0, LATEST))
            self._count["signals"] += 1
            call.send(chance.choice(SIGNALS))
        return call.end()


def _is_enough(request: Request, answer: Answer) -> bool:
    """Whether the Director would go on."""
    return not answer.error or (
        request.method == "detach_disk" and answer.type == "DiskNotAttached"
    )


def soak(seconds: float, seed: int, processes: int) -> Result:
    """Run a soak on a simulated cloud of its own."""
    with Bench() as bench, Forker(bench.sim.plain_url) as forker:
        return Soak(bench, forker, seed).run(seconds, processes)


def main(seconds: float, seed: int, processes: int) -> int:
    """Run a soak and say what it came to; 0 where nothing is wrong."""
    warnings.simplefilter("ignore")
    sys.stderr.write(f"seed {seed}, {processes} processes, {seconds:.0f} s\n")
    result = soak(seconds, seed, processes)
    sys.stdout.write(f"seed {seed}: {result}\n")
    for problem in result.problems:
        sys.stdout.write(f"seed {seed}: {problem}\n")
    return 1 if result.problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
    except KeyboardInterrupt:
        sys.exit(130)
