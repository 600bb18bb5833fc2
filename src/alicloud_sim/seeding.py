"""Adds to a world from a JSON document: records by kind, quotas, stock, settings.

    {"image": [{"id": "m-...", "account": "...", "region": "cn-beijing", ...}],
     "quotas": {"disk.count": 2}, "settings": {...},
     "stock": [{"zone": "cn-beijing-h", "type": "ecs.g6.large", "left": 0}]}

A record takes the fields of its dataclass; id, account and region have defaults.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from .records import Record, kinds

if TYPE_CHECKING:
    from .world import World

PLAIN = ("quotas", "settings", "stock")


def apply(world: World, document: dict[str, Any]) -> dict[str, list[str]]:
    """Add everything, or nothing if the document makes no sense; tell the ids by kind.

    :raises ValueError: unknown kinds or fields
    """
    known = kinds()
    made: list[Record] = []
    for kind, rows in document.items():
        if kind in PLAIN:
            continue
        if kind not in known:
            raise ValueError(f"no kind {kind!r}: one of {', '.join(sorted({*known, *PLAIN}))}")
        made += [_record(world, known[kind], row) for row in rows]
    stock = {(s["zone"], s["type"]): int(s["left"]) for s in document.get("stock", [])}
    world.quotas.update(document.get("quotas", {}))
    world.settings.update(document.get("settings", {}))
    world.stock.update(stock)
    ids: dict[str, list[str]] = {}
    for record in made:
        world.add(record)
        ids.setdefault(record.kind, []).append(record.id)
    return ids


def _record(world: World, kind: type[Record], row: dict[str, Any]) -> Record:
    unknown = row.keys() - {f.name for f in fields(kind)}
    if unknown:
        raise ValueError(f"a {kind.kind} has no {', '.join(sorted(unknown))}")
    region = row.get("region", world.default_region)
    base = {"id": "", "account": world.account, "region": region, **row}
    base["id"] = base["id"] or world.new_id(kind, region)
    try:
        return kind(**base)
    except TypeError as error:
        raise ValueError(f"{kind.kind}: {error}") from error
