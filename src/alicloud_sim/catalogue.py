"""The condensed API reference that keeps the simulator strict.

api/actions.json holds, for each "Product.Action", the version, the methods, the tree of
request parameters (type, required, enum, limits, fields or items) and the shape of the
answer. api/errors.json holds the status of each documented code per action, the codes
that every action of a product may give (products: for Slb the documentation's page "Common
error codes" of 2021), those of any action (gateway) and a short meaning. A null status means
that no source tells it: 400 then, as for most refusals. api/names.json lists the actions that
each product has, whether described in actions.json or not: the names of the SDKs' requests.
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

    def __init__(
        self, actions: dict[str, Any], errors: dict[str, Any], names: dict[str, list[str]]
    ) -> None:
        """Take the documents as read from api/."""
        self._names = {product: frozenset(found) for product, found in names.items()}
        self._gateway: dict[str, int | None] = errors["gateway"]
        self._products: dict[str, dict[str, int | None]] = errors["products"]
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

    def actions_of(self, product: str) -> list[ActionSpec]:
        """List all actions of a product."""
        return [spec for spec in self._actions.values() if spec.product == product]

    def names(self, product: str) -> frozenset[str]:
        """Tell the names of all actions that a product really has."""
        return self._names.get(product, frozenset())

    def _tables(self, spec: ActionSpec | None) -> list[dict[str, int | None]]:
        """List where an action's codes stand, its own first."""
        own = [spec.codes, self._products.get(spec.product, {})] if spec else []
        return [*own, self._gateway]

    def status(self, spec: ActionSpec | None, code: str) -> int | None:
        """Tell the status of a code for an action; None when nothing documents it there."""
        told = [table[code] for table in self._tables(spec) if code in table]
        return next((status for status in told if status), UNKNOWN_STATUS) if told else None

    def first_code(self, spec: ActionSpec | None, *candidates: str) -> str:
        """Pick the spelling this action documents: its own, its product's, the gateway's."""
        for table in self._tables(spec):
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
        json.loads((api / "names.json").read_text("utf-8")),
    )
