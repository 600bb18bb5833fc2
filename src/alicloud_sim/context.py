"""What a handler gets besides its parameters: the world as one caller may use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from . import catalogue
from .errors import ApiError
from .records import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from .accounts import AccessKey
    from .catalogue import ActionSpec
    from .world import World, Zone

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Ctx:
    """One call: who calls, in which region, on which world."""

    world: World
    key: AccessKey
    region: str
    spec: ActionSpec
    request_id: str

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.key.account

    @property
    def now(self) -> float:
        """The world's time."""
        return self.world.clock.now()

    # Refusals

    def error(self, *codes: str, message: str = "") -> ApiError:
        """Word a refusal with the first of the codes that this action documents."""
        return ApiError(catalogue.load().first_code(self.spec, *codes), message)

    def dry_run(self, asked: bool | None) -> None:  # noqa: FBT001 - it is the parameter
        """End a call with DryRun=true once all checks are done: DryRunOperation.

        :raises ApiError: if it was a dry run
        """
        if asked:
            raise ApiError("DryRunOperation", "Request validation has been passed.")

    # Records to change

    def find(self, kind: type[R], record_id: str) -> R | None:
        """Find the real record the caller may use in this region; None if there is none."""
        record = self.world.get(kind, record_id)
        return record if record is not None and self._mine(record) else None

    def need(self, kind: type[R], record_id: str, *codes: str) -> R:
        """Find a record or refuse.

        :raises ApiError: with the first of the codes that this action documents
        """
        record = self.find(kind, record_id)
        if record is None:
            raise self.error(*codes, message=f"The specified {record_id} does not exist.")
        return record

    def records(self, kind: type[R]) -> list[R]:
        """List the real records the caller may use in this region."""
        return [record for record in self.world.all(kind) if self._mine(record)]

    def add(self, record: R) -> R:
        """Put a new record into the world."""
        return self.world.add(record)

    def new_id(self, kind: type[Record]) -> str:
        """Make an id for a new record in this region."""
        return self.world.new_id(kind, self.region)

    def begin(
        self,
        key: str,
        record: R,
        status: str,
        then: str | Callable[[], None],
        *watched: Record,
    ) -> R:
        """Put a record into a transitional status until the pace key's time is over.

        `then` is the status that follows, or what to do then.
        """
        record.status = status

        def arrive() -> None:
            if callable(then):
                then()
            else:
                record.status = then

        self.world.later(key, record, arrive, *watched)
        return record

    # Records to show

    def visible(self, kind: type[R]) -> list[R]:
        """List what the caller may see in this region now: for answers only, never change one."""
        return [record for record in self.world.visible(kind) if self._mine(record)]

    def view(self, kind: type[R], record_id: str) -> R | None:
        """Find one record as readers see it, and note that it was shown."""
        for record in self.visible(kind):
            if record.id == record_id:
                self.world.observe(record)
                return record
        return None

    # Places

    def zone(self, zone_id: str, *codes: str) -> Zone:
        """Find a zone of this region.

        :raises ApiError: InvalidZoneId.NotFound unless other codes are given
        """
        zone = self.world.regions[self.region].zones.get(zone_id)
        if zone is None:
            codes = codes or ("InvalidZoneId.NotFound", "InvalidParameter")
            raise self.error(*codes, message=f"The specified zone {zone_id} does not exist.")
        return zone

    def _mine(self, record: Record) -> bool:
        return record.readable_by(self.account) and record.in_region(self.region)
