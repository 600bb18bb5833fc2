"""The JSON text BackendServers: its entries read and checked (semantics.md section 10).

Weight and Port come as numbers or as texts, as the documentation's examples have both. A
field the API does not have is refused, as an unknown parameter is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alicloud_sim.errors import ApiError, UnsupportedError

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

MOST_ENTRIES = 20
MOST_WEIGHT = 100
DEFAULT_WEIGHT = 100
LARGEST_PORT = 65535
TYPES = ("ecs", "eni", "eci")
FIELDS = {"ServerId", "Weight", "Type", "Description", "ServerIp", "Port"}
OTHER_NETWORKS = {"VpcId", "ServerRegionId", "VbrId"}
DESCRIPTION = re.compile(r"[A-Za-z0-9\u4e00-\u9fff/._\-]{1,80}")
INVALID = "The specified BackendServers is invalid."


@dataclass(frozen=True)
class Entry:
    """One entry; port is 0 where none was given."""

    server_id: str
    type: str
    ip: str
    port: int
    weight: int
    description: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes two entries the same: server, address if given, port."""
        return self.server_id, self.ip, self.port


def read(ctx: Ctx, given: list[Any] | None, *, ports: bool) -> list[Entry]:
    """Read the entries of a call; `ports` tells that each needs its own (vServer groups).

    In the default group a Port is accepted and means nothing.

    :raises ApiError: none, too many, or one that is not well-formed
    """
    if given is None:
        raise ctx.error("MissingParameter", message="BackendServers is mandatory.")
    if not given:
        raise ctx.error("InvalidParameter", message=INVALID)
    if len(given) > MOST_ENTRIES:
        raise ctx.error(
            "TooManyBackendServers", message="The backend server parameter has too many entries."
        )
    return [_entry(ctx, one, ports=ports) for one in given]


def first_of_each(entries: list[Entry]) -> list[Entry]:
    """Drop repeated entries: the first wins."""
    seen: dict[tuple[str, str, int], Entry] = {}
    for entry in entries:
        seen.setdefault(entry.key, entry)
    return list(seen.values())


def _entry(ctx: Ctx, one: Any, *, ports: bool) -> Entry:
    if not isinstance(one, dict) or not isinstance(one.get("ServerId"), str):
        raise ctx.error("InvalidParameter", message=INVALID)
    for name in one:
        if name in OTHER_NETWORKS:
            raise UnsupportedError(f"BackendServers.{name}")
        if name not in FIELDS:
            raise ApiError("UnsupportedParameter", f"BackendServers has no field {name}.")
    port = _number(one.get("Port", 0))
    if port is None or not 0 <= port <= LARGEST_PORT or (ports and port == 0):
        text = f"{INVALID[:-1]}, as the Port value should be in [1, 65535]."
        raise ctx.error("InvalidParameter", message=text)
    weight = _number(one.get("Weight", DEFAULT_WEIGHT))
    if weight is None or not 0 <= weight <= MOST_WEIGHT:
        raise ctx.error("InvalidWeight.Malformed", message="A specified weight is not valid.")
    kind, description = one.get("Type", "ecs"), one.get("Description", "")
    if kind not in TYPES:
        raise ctx.error(
            *("BackendServer.InvalidType", "InvalidParameter"),
            message="The specified Type is invalid.",
        )
    if description and not DESCRIPTION.fullmatch(str(description)):
        raise ctx.error("InvalidParameter", message=INVALID)
    return Entry(
        one["ServerId"],
        str(kind),
        str(one.get("ServerIp", "")),
        port if ports else 0,
        weight,
        str(description),
    )


def _number(value: Any) -> int | None:
    """Read a whole number that may be written as a text."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() else None
