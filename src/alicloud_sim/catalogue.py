"""The condensed API reference that keeps the simulator strict.

api/actions.json holds, for each "Product.Action", the version, the methods, the tree of
request parameters (type, required, enum, limits, fields or items) and the shape of the
answer. api/errors.json holds the status of each documented code per action, the codes
any action may give (gateway) and a short meaning. A null status means that no source
tells it: 400 then, as for most refusals.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

UNKNOWN_STATUS = 400

Spec = dict[str, Any]
"""One parameter: type, required, enum, minimum, maximum, maxItems, items, fields, json_text."""


@dataclass(frozen=True)
class ActionSpec:
    """What the reference says of one action."""

    product: str
    name: str
    version: str
    methods: tuple[str, ...]
    request: dict[str, Spec]
    response: dict[str, Any]
    codes: dict[str, int | None]

    @property
    def qualified(self) -> str:
        """The catalogue's key, e.g. Ecs.CreateDisk."""
        return f"{self.product}.{self.name}"


class Catalogue:
    """All actions by product, and the status of every error code."""

    def __init__(self, actions: dict[str, Any], errors: dict[str, Any]) -> None:
        """Take the two documents as read from api/."""
        self._gateway: dict[str, int | None] = errors["gateway"]
        self._meanings: dict[str, str] = errors["meanings"]
        self.versions = {a["version"]: a["product"] for a in actions["actions"].values()}
        self._actions = {
            key: ActionSpec(
                product=entry["product"],
                name=key.partition(".")[2],
                version=entry["version"],
                methods=tuple(entry["methods"]),
                request=entry["request"],
                response=entry["response"],
                codes=errors["actions"].get(key, {}),
            )
            for key, entry in actions["actions"].items()
        }

    def action(self, product: str, name: str) -> ActionSpec | None:
        """Find an action, or None when the product has none of that name."""
        return self._actions.get(f"{product}.{name}")

    def status(self, spec: ActionSpec | None, code: str) -> int | None:
        """Tell the status of a code for an action; None when neither it nor the gateway has it."""
        for table in (spec.codes if spec else {}, self._gateway):
            if code in table:
                return table[code] or UNKNOWN_STATUS
        return None

    def first_code(self, spec: ActionSpec | None, *candidates: str) -> str:
        """Pick the spelling this action documents: the first of its own, else of the gateway."""
        for table in (spec.codes if spec else {}, self._gateway):
            for code in candidates:
                if code in table:
                    return code
        return candidates[-1]

    def meaning(self, code: str) -> str:
        """Give the words for a code, for answers whose handler gave none."""
        return self._meanings.get(code, code)


@cache
def load() -> Catalogue:
    """Read the catalogue once per process; it never changes."""
    api = files("alicloud_sim") / "api"
    return Catalogue(
        json.loads((api / "actions.json").read_text("utf-8")),
        json.loads((api / "errors.json").read_text("utf-8")),
    )
