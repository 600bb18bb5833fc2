"""Adds to a world from a JSON document: records by kind, quotas, stock, settings.

    {"image": [{"id": "m-...", "account": "...", "region": "cn-beijing", ...}],
     "quotas": {"disk.count": 2}, "settings": {...},
     "stock": [{"zone": "cn-beijing-h", "type": "ecs.g6.large", "left": 0}]}

A record takes the fields of its dataclass; id, account and region have defaults.
"""

from __future__ import annotations

from dataclasses import fields
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from . import control_input as ci
from .records import Record, kinds

if TYPE_CHECKING:
    from .world import World

PLAIN: dict[str, ci.Check] = {
    "quotas": ci.table(ci.whole(0, ci.MOST_CALLS), "whole numbers"),
    "settings": ci.some_object,
    "stock": ci.objects,
}
STOCK: dict[str, ci.Check] = {
    "zone": ci.filled,
    "type": ci.filled,
    "left": ci.whole(0, ci.MOST_CALLS),
}


def apply(world: World, document: dict[str, Any]) -> dict[str, list[str]]:
    """Add everything, or nothing if the document makes no sense; tell the ids by kind.

    :raises ValueError: unknown kinds or fields, or values of another type
    """
    known = kinds()
    ci.check(document, {**dict.fromkeys(known, ci.objects), **PLAIN})
    for row in document.get("stock", []):
        ci.check(row, STOCK, required=STOCK)
    made: list[Record] = []
    for kind, rows in document.items():
        if kind in PLAIN:
            continue
        made += [_record(world, known[kind], row) for row in rows]
    stock = {(s["zone"], s["type"]): s["left"] for s in document.get("stock", [])}
    world.quotas.update(document.get("quotas", {}))
    world.settings.update(document.get("settings", {}))
    world.stock.update(stock)
    ids: dict[str, list[str]] = {}
    for record in made:
        world.add(record)
        ids.setdefault(record.kind, []).append(record.id)
    return ids


def _record(world: World, kind: type[Record], row: dict[str, Any]) -> Record:
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind)]
    for name, value in row.items():
        if name not in known:
            raise ValueError(f"a {kind.kind} has no {ci.shown(name)}: {ci.choice(name, known)}")
        if not _fits(value, hints[name]):
            wanted = getattr(hints[name], "__name__", hints[name])
            raise ValueError(f"{kind.kind}.{name} is {ci.shown(value)}: expected {wanted}")
    region = row.get("region", world.default_region)
    base = {"id": "", "account": world.account, "region": region, **row}
    base["id"] = base["id"] or world.new_id(kind, region)
    try:
        return kind(**base)
    except TypeError as error:
        raise ValueError(f"{kind.kind}: {error}") from error


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is of the type of a field, as far as JSON tells."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return any(_fits(value, one) for one in inner)
    if origin is list:
        return isinstance(value, list) and all(_fits(one, inner[0]) for one in value)
    if origin is dict:
        pairs = value.items() if isinstance(value, dict) else ()
        return isinstance(value, dict) and all(_fits(one, inner[1]) for _, one in pairs)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint in (str, int, bool, NoneType):
        return type(value) is hint
    return True
