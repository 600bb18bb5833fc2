"""From flat wire parameters (Tag.1.Key=a) to typed values, refusing what the cloud refuses.

The cloud ignores names it does not know; the simulator refuses them (UnsupportedParameter),
since a client that sends them is mistaken; the setting "unknown_parameters": "ignored" makes
it do as the cloud does, for clients that are not ours to mend. A name that the API has and the
handler does not declare is refused as SimulatorUnsupported.<Parameter> with 501.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .errors import ApiError, SimulatorBugError, UnsupportedError
from .params import Params

if TYPE_CHECKING:
    from .catalogue import ActionSpec, Catalogue, Spec

COMMON = frozenset(
    (
        "Action",
        "Version",
        "Format",
        "AccessKeyId",
        "SignatureMethod",
        "SignatureVersion",
        "SignatureNonce",
        "SignatureType",
        "Timestamp",
        "Signature",
        "SecurityToken",
    )
)
OWNER = frozenset(("OwnerAccount", "OwnerId", "ResourceOwnerAccount", "ResourceOwnerId"))
FRAMEWORK = frozenset({"ClientToken"})
LIMITS = {"int32": 2**31, "int64": 2**63, "int": 2**63}
LARGEST_NUMBER_OF_ITEM = 10_000
LARGEST_ID_FILTER = 100
BOOLEANS = {"true": True, "false": False}


class UnknownParameterError(ApiError):
    """A name that the API does not have."""


def declared_names(spec: ActionSpec, text: str) -> frozenset[str]:
    """Check a handler's declaration against the catalogue (dotted names without numbers)."""
    names = frozenset(text.split())
    for name in names:
        fields: dict[str, Spec] = spec.request
        for part in name.split("."):
            entry = fields.get(part) if isinstance(fields, dict) else None
            if entry is None:
                raise SimulatorBugError(f"{spec.qualified} has no parameter {name}")
            fields = entry.get("fields") or entry.get("items") or {}
    return names


class Parser:
    """Parses the parameters of calls of one action."""

    def __init__(self, catalogue: Catalogue, spec: ActionSpec, declared: frozenset[str]) -> None:
        """Bind the catalogue's entry and what the handler declared to read."""
        self._catalogue = catalogue
        self._spec = spec
        self._declared = declared | (FRAMEWORK & spec.request.keys())

    def parse(self, wire: dict[str, str], *, lenient: bool = False) -> Params:
        """Turn the wire parameters into typed ones; a lenient parser skips unknown names.

        :raises ApiError: unknown, missing, badly typed or out of its limits
        :raises UnsupportedError: of the API, but not simulated for this action
        """
        tree: dict[str, Any] = {}
        for name, value in wire.items():
            if name in COMMON or name in OWNER:
                continue
            if name == "RegionId" and name not in self._declared:
                continue
            try:
                self._place(tree, name, value)
            except UnknownParameterError:
                if not lenient:
                    raise
        self._require(self._spec.request, tree, "")
        return Params(self._finish(self._spec.request, tree, ""), self._declared)

    def reads(self, path: str) -> bool:
        """Whether the handler reads a parameter (a dotted name without numbers)."""
        parts = path.split(".")
        return any(".".join(parts[: n + 1]) in self._declared for n in range(len(parts)))

    def _place(self, tree: dict[str, Any], name: str, value: str) -> None:
        """Put one wire parameter into the tree: names to dicts, numbers to dicts by number."""
        node, fields, path = tree, self._spec.request, ""
        parts = name.split(".")
        while True:
            part = _alias(parts.pop(0), fields)
            path = f"{path}.{part}" if path else part
            entry = fields.get(part)
            if entry is None:
                raise self._unknown(name)
            kind = entry["type"]
            if kind not in ("array", "object"):
                break
            node = node.setdefault(part, {})
            if kind == "array":
                number = _number(parts)
                if number is None:
                    raise self._unknown(name)
                if not isinstance(entry.get("items"), dict):
                    self._put(node, number, path, value, name, rest=parts)
                    return
                node = node.setdefault(number, {})
            fields = entry.get("items" if kind == "array" else "fields") or {}
            if not parts:
                raise self._unknown(name)
        self._put(node, part, path, value, name, rest=parts)

    def _put(
        self, node: dict[Any, Any], key: str | int, path: str, value: str, name: str, *, rest: Any
    ) -> None:
        if rest:
            raise self._unknown(name)
        if not self.reads(path):
            raise UnsupportedError(path)
        if value or "." in path:
            node[key] = value

    def _unknown(self, name: str) -> ApiError:
        return UnknownParameterError(
            "UnsupportedParameter", f"{self._spec.qualified} has no parameter {name}."
        )

    def _require(self, fields: dict[str, Spec], tree: dict[str, Any], where: str) -> None:
        for name, entry in fields.items():
            # Given and empty is given only for a tag's value (S26).
            absent: tuple[Any, ...] = (None, {}) if name == "Value" else (None, {}, "")
            if entry.get("required") and tree.get(name) in absent:
                short = (f"Missing{name}", f"MissingParameter.{name}", f"MissingParamter.{name}")
                code = self._catalogue.first_code(
                    self._spec, *short, f"MissingParam.{name}", "MissingParameter"
                )
                raise ApiError(
                    code,
                    f'The input parameter "{where}{name}" that is mandatory for processing this '
                    "request is not supplied.",
                )

    def _finish(self, fields: dict[str, Spec], tree: dict[str, Any], where: str) -> dict[str, Any]:
        """Give each value of a (sub)tree its type, lists in the order of their numbers."""
        done: dict[str, Any] = {}
        for name, raw in tree.items():
            entry, path = fields[name], f"{where}{name}"
            if entry["type"] == "array":
                done[name] = self._list(entry, raw, path)
            elif entry["type"] == "object":
                self._require(entry.get("fields", {}), raw, f"{path}.")
                done[name] = self._finish(entry.get("fields", {}), raw, f"{path}.")
            elif raw:
                done[name] = self._leaf(entry, raw, path)
        return done

    def _list(self, entry: Spec, raw: dict[int, Any], path: str) -> list[Any]:
        most = entry.get("maxItems")
        if most is not None and len(raw) > most:
            raise self.bad(path, f"takes at most {most} items")
        items = entry.get("items")
        if not isinstance(items, dict):
            leaf = {"type": items or "string"}
            return [self._leaf(leaf, raw[n], f"{path}.{n}") for n in sorted(raw) if raw[n]]
        for number, element in raw.items():
            self._require(items, element, f"{path}.{number}.")
        return [self._finish(items, raw[n], f"{path}.{n}.") for n in sorted(raw)]

    def _leaf(self, entry: Spec, raw: str, path: str) -> Any:
        value = (
            self._json_text(raw, path)
            if entry.get("json_text")
            else self._typed(entry["type"], raw, path)
        )
        if "enum" in entry and value not in entry["enum"]:
            raise self.bad(path, f"is not one of {', '.join(map(str, entry['enum']))}")
        low, high = entry.get("minimum"), entry.get("maximum")
        if (low is not None and value < low) or (high is not None and value > high):
            raise self.bad(path, f"is not within {low} and {high}")
        return value

    def _typed(self, kind: str, raw: str, path: str) -> Any:
        try:
            if kind in LIMITS:
                number = int(raw)
                if not -LIMITS[kind] <= number < LIMITS[kind]:
                    raise self.bad(path, f"does not fit {kind}")
                return number
            if kind == "float":
                return float(raw)
            return BOOLEANS[raw.lower()] if kind == "bool" else raw
        except (ValueError, KeyError):
            raise self.bad(path, f"is not of type {kind}") from None

    def _json_text(self, raw: str, path: str) -> list[Any]:
        try:
            value = json.loads(raw)
        except ValueError:
            raise self.bad(path, "is no JSON array") from None
        if not isinstance(value, list):
            raise self.bad(path, "is no JSON array")
        if len(value) > LARGEST_ID_FILTER:
            raise self.bad(path, f"takes at most {LARGEST_ID_FILTER} items")
        return value

    def bad(self, path: str, why: str) -> ApiError:
        """Word a refused value with the code this action documents for the parameter."""
        name = "".join(part for part in path.split(".") if not part.isdigit())
        code = self._catalogue.first_code(
            self._spec,
            *(f"Invalid{name}{end}" for end in (".Malformed", ".ValueNotSupported", "")),
            f"InvalidParameter.{name}",
            "InvalidParameter",
        )
        return ApiError(code, f"The specified parameter {path} {why}.")


def _alias(part: str, fields: dict[str, Spec]) -> str:
    """Accept Tag.N.key and Tag.N.value, the old spellings."""
    title = part.title()
    return title if part in ("key", "value") and title in fields else part


def _number(parts: list[str]) -> int | None:
    """Take the number of a list element off the front of the remaining parts."""
    if not parts or not parts[0].isdecimal() or not 0 < int(parts[0]) <= LARGEST_NUMBER_OF_ITEM:
        return None
    return int(parts.pop(0))
