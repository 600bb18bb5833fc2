"""The World: all state of the simulated cloud, its clock and its ids; nothing is global.

Whoever touches it holds `lock`. Handlers write the real records (find, add, remove) and
answer reads from visible(), which shows what readers may see yet (read lag, listing delay).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from .blobs import Blobs
from .clock import Clock, iso_seconds
from .history import History
from .idempotency import Tokens
from .ids import Ids
from .pace import Pace
from .records import Record
from .transitions import Job, Jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .accounts import AccessKey

R = TypeVar("R", bound=Record)
HISTORY_SECONDS = 600.0

_ON_REMOVED: dict[str, list[Callable[[World, Record], None]]] = {}


def on_removed(kind: str, then: Callable[[World, Record], None]) -> None:
    """Do something whenever a record of a kind goes; for modules to call when imported."""
    _ON_REMOVED.setdefault(kind, []).append(then)


@dataclass
class Zone:
    """A zone of a region and what is sold there."""

    id: str
    disk_categories: list[str] = field(default_factory=list)


@dataclass
class Region:
    """A region, its zones and its public names."""

    id: str
    local_name: str
    zones: dict[str, Zone]


@dataclass
class _Hidden:
    """A new record that lists do not show yet."""

    due: float
    missed: bool = False


class World:
    """One simulated cloud."""

    def __init__(self, seeder: Callable[[World], None], pace: str = "fast", seed: int = 1) -> None:
        """Make the world the seeder describes; reset() makes it again."""
        self.lock = threading.RLock()
        self._seeder = seeder
        self._start = (pace, seed)
        self.reset()

    def reset(self) -> None:
        """Go back to the seed: state, clock, pace, lag, ids."""
        with self.lock:
            self.clock = Clock()
            self.pace = Pace(self._start[0])
            self.ids = Ids(self._start[1])
            self.regions: dict[str, Region] = {}
            self.keys: dict[str, AccessKey] = {}
            self.quotas: dict[str, int] = {}
            self.stock: dict[tuple[str, str], int] = {}
            self.settings: dict[str, Any] = {}
            self.constants: dict[str, str] = {}
            self.default_region = ""
            self.account = ""
            self.tokens = Tokens()
            self.jobs = Jobs(self.clock)
            self.blobs = Blobs()
            self._stores: dict[str, dict[str, Record]] = {}
            self._hidden: dict[tuple[str, str], _Hidden] = {}
            self._lag = 0.0
            self._history: History | None = None
            self._seeder(self)
            self._hidden.clear()

    # Records

    def add(self, record: R) -> R:
        """Put a new record into its store; lists show it after "<kind>.listed"."""
        record.created = record.created or self.clock.now()
        self._stores.setdefault(record.kind, {})[record.id] = record
        delay = f"{record.kind}.listed"
        if self.pace.knows(delay):
            due = self.clock.now() + self.pace.seconds(delay)
            self._hidden[record.kind, record.id] = _Hidden(due)
        return record

    def remove(self, record: Record) -> None:
        """Take a record out, with the changes it has under way, and tell who asked to know."""
        self._stores.get(record.kind, {}).pop(record.id, None)
        self._hidden.pop((record.kind, record.id), None)
        self.jobs.cancel((record.kind, record.id))
        for then in _ON_REMOVED.get(record.kind, []):
            then(self, record)

    def get(self, kind: type[R], record_id: str) -> R | None:
        """Find a record by id, whoever it belongs to."""
        found = self._stores.get(kind.kind, {}).get(record_id)
        return found if isinstance(found, kind) else None

    def all(self, kind: type[R]) -> list[R]:
        """List the real records of a kind, in order of making."""
        return [r for r in self._stores.get(kind.kind, {}).values() if isinstance(r, kind)]

    def new_id(self, kind: type[Record], region: str) -> str:
        """Make an id for a record of a kind."""
        return self.ids.new(kind.prefix, region)

    # What readers see

    def visible(self, kind: type[R]) -> list[R]:
        """List the records as readers see them now; never change one of these."""
        lagging = self._history is not None and self._lag > 0
        rows: list[R] = self._past(kind) if lagging else self.all(kind)
        return [row for row in rows if not self._is_hidden(row)]

    def _past(self, kind: type[R]) -> list[R]:
        if self._history is None:
            return []
        rows = self._history.as_of(kind.kind, self.clock.now() - self._lag)
        return [row for row in rows if isinstance(row, kind)]

    def _is_hidden(self, row: Record) -> bool:
        hidden = self._hidden.get((row.kind, row.id))
        if hidden is None:
            return False
        now = self.clock.now()
        if now >= hidden.due and (hidden.missed or now >= hidden.due + self.pace.seconds("grace")):
            del self._hidden[row.kind, row.id]
            return False
        hidden.missed = True
        return True

    def observe(self, row: Record) -> None:
        """Note that an answer shows a record: changes that wait to be seen may go on."""
        self.jobs.observe((row.kind, row.id), self.clock.now() - self._lag)

    @property
    def lag(self) -> float:
        """Seconds by which reads see an older state than writes."""
        return self._lag

    def set_lag(self, seconds: float) -> None:
        """Set the read lag; 0 shows the present."""
        self._lag = seconds
        self._history = History() if seconds > 0 else None
        if self._history is not None:
            self._history.commit(self._records(), float("-inf"), float("-inf"))

    def _records(self) -> Iterator[Record]:
        for store in self._stores.values():
            yield from store.values()

    # Time

    def later(
        self,
        key: str,
        record: Record,
        done: Callable[[], None],
        *watched: Record,
        size_gib: int = 0,
    ) -> None:
        """Do something to a record when the pace key's time is over and it was seen under way.

        `watched` are further records whose reading counts as seeing it (a task, a job). What
        has a size takes "<key>.per_gib" for each GiB of it besides.
        """
        now = self.clock.now()
        seconds = self.pace.seconds(key) + size_gib * self.pace.seconds(f"{key}.per_gib")
        self.jobs.add(
            Job(
                key=key,
                record=(record.kind, record.id),
                watched=frozenset((r.kind, r.id) for r in (record, *watched)),
                began=now,
                due=now + seconds,
                grace=self.pace.seconds("grace"),
                done=done,
            )
        )

    def tick(self) -> None:
        """Complete what is due; called before every request."""
        if self.jobs.run_due():
            self.commit()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Look at the world and change it: locked, up to date, and committed at the end."""
        with self.lock:
            self.tick()
            try:
                yield
            finally:
                self.commit()

    def commit(self) -> None:
        """Let readers under lag see what changed, once the lag is over."""
        if self._history is not None:
            now = self.clock.now()
            self._history.commit(self._records(), now, now - self._lag - HISTORY_SECONDS)

    # The dump

    def state(self) -> dict[str, Any]:
        """Dump everything as JSON-able values; key secrets are left out."""
        self.tick()
        now = self.clock.now()
        return {
            "clock": {"now": iso_seconds(now), "seconds": now, "frozen": self.clock.frozen},
            "pace": {"name": self.pace.name, "own": self.pace.own},
            "lag": self._lag,
            "account": self.account,
            "default_region": self.default_region,
            "constants": self.constants,
            "quotas": self.quotas,
            "settings": self.settings,
            "stock": [{"zone": z, "type": t, "left": n} for (z, t), n in self.stock.items()],
            "keys": [
                {k: v for k, v in asdict(key).items() if k not in ("secret", "token")}
                for key in self.keys.values()
            ],
            "regions": {r.id: asdict(r) for r in self.regions.values()},
            "records": {
                kind: {i: asdict(r) for i, r in store.items()}
                for kind, store in self._stores.items()
            },
            "jobs": [
                {
                    "key": j.key,
                    "record": list(j.record),
                    "began": j.began,
                    "due": j.due,
                    "seen": j.seen,
                }
                for j in self.jobs.all()
            ],
        }
