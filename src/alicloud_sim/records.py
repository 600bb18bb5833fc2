"""What a resource's record is: a plain dataclass with an id, an owner and a region.

A subclass names its kind (the store's name in the state dump and in seeds) and its id
prefix; both are class variables:

    @dataclass
    class Disk(Record):
        kind: ClassVar[str] = "disk"
        prefix: ClassVar[str] = "d"
        size_gib: int = 20
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

EVERYONE = ""
"""Account of records that belong to nobody, such as instance types; region "" is likewise."""


@dataclass
class Record:
    """The fields every resource has; account "" or region "" means each of them."""

    kind: ClassVar[str] = ""
    prefix: ClassVar[str] = ""

    id: str
    account: str
    region: str
    created: float = 0.0
    status: str = "Available"
    tags: dict[str, str] = field(default_factory=dict)

    def readable_by(self, account: str) -> bool:
        """Whether an account may see it; images override this for sharing."""
        return self.account in (EVERYONE, account)

    def in_region(self, region: str) -> bool:
        """Whether it is of that region."""
        return self.region in ("", region)


def kinds() -> dict[str, type[Record]]:
    """Find all kinds of records that imported modules define, by their name."""
    found: dict[str, type[Record]] = {}
    pending: list[type[Record]] = [Record]
    while pending:
        for sub in pending.pop().__subclasses__():
            pending.append(sub)
            if sub.kind:
                found[sub.kind] = sub
    return found
