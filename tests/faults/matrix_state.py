"""The simulated cloud's state in a form in which two runs can be compared.

Ids, names with random parts and times differ from run to run. Each id is replaced by what it is
the id of: two states are alike when the same things are there, equal in every field, and refer to
one another in the same way.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from alicloud_sim import Simulator

# What the cloud remembers of changes that are over; and what the seed alone determines.
PASSING = frozenset({"task", "nlb_job", "alb_job", "metadata_token", "held_address"})
_FIXED = frozenset({"instance_type", "ram_role", "resource_group"})
_NOT_COMPARED = frozenset(
    {"created", "locked_until", "busy_until", "busy_group", "busy_servers", "host_name", "mac"}
)

_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_WORD = re.compile(r"[A-Za-z0-9-]{6,}")
_MAC = re.compile(r"00:16:3e(:[0-9a-f]{2}){3}")
# A call that finds the VM of another one writes this into its description, and protects the VM.
_RETURNED_AGAIN = ", returned by several calls"
_PROTECTED_TAG = "bosh-cpi-deletion-protection"
_ID = re.compile(r"([a-z]+)-2z[a-z0-9]{17,20}")

# How far references are followed: a server of a group, its VM, the VM's disks' own fields.
_DEPTH = 3

# Numbers in this range are times.
_TIMES = (1e9, 1e10)


def state(sim: Simulator, began: float, without: Collection[str] = ()) -> Counter[str]:
    """Return what there is, one line per thing; times are told as before or after the call.

    :param without: ids of what is left out
    """
    records: dict[str, dict[str, dict[str, Any]]] = sim.state()["records"]
    return _Reader(records, began).lines(without)


def plain(sim: Simulator, value: Any) -> str:
    """Return a result with its ids replaced by what they are the ids of."""
    return _Reader(sim.state()["records"], 0.0).told(value, _DEPTH)


def difference(expected: Counter[str], found: Counter[str]) -> str:
    """Say what is too much and what is missing; empty when the states are alike."""
    surplus = [f"+ {line}" for line in (found - expected).elements()]
    missing = [f"- {line}" for line in (expected - found).elements()]
    return "\n".join([*surplus, *missing])


class _Reader:
    def __init__(self, records: dict[str, dict[str, dict[str, Any]]], began: float) -> None:
        self._records = records
        self._began = began
        self._kinds = {
            record_id: kind
            for kind, rows in records.items()
            if kind not in _FIXED
            for record_id in rows
        }
        # A disk's serial number is its id without the prefix.
        self._serials = {
            record_id.removeprefix("d-"): record_id for record_id in records.get("disk", {})
        }
        self._references: dict[tuple[str, int], str] = {}

    def lines(self, without: Collection[str]) -> Counter[str]:
        return Counter(
            f"{kind} {self._row(row, _DEPTH)}"
            for kind, rows in self._records.items()
            if kind not in PASSING | _FIXED
            for record_id, row in rows.items()
            if record_id not in without
        )

    def told(self, value: Any, depth: int) -> str:
        return json.dumps(self._value("", value, depth), sort_keys=True)

    def _row(self, row: dict[str, Any], depth: int) -> str:
        if _is_marked(row) and row["deletion_protection"]:
            row = {**row, "deletion_protection": _PROTECTED_TAG in row["tags"]}
        shown = {
            key: self._value(key, value, depth)
            for key, value in row.items()
            if key not in _NOT_COMPARED and key != "id"
        }
        return json.dumps(shown, sort_keys=True)

    def _value(self, key: str, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            items = sorted(
                (self._text(str(k), depth), self._value(str(k), v, depth)) for k, v in value.items()
            )
            return [list(item) for item in items]
        if isinstance(value, list):
            return [self._value(key, item, depth) for item in value]
        if isinstance(value, float) and _TIMES[0] < value < _TIMES[1]:
            return "after" if value >= self._began else "before"
        if key == "user_data" and value:
            return self._value("", json.loads(base64.b64decode(value)), depth)
        return self._text(value, depth) if isinstance(value, str) else value

    def _text(self, text: str, depth: int) -> str:
        if text in self._kinds:
            return self._reference(text, depth)
        text = _MAC.sub("<mac>", text.removesuffix(_RETURNED_AGAIN))
        return _UUID.sub("<uuid>", _WORD.sub(lambda found: self._word(found[0], depth), text))

    def _word(self, word: str, depth: int) -> str:
        for known in (word, self._serials.get(word.rpartition("-")[2], "")):
            if known in self._kinds:
                return self._reference(known, depth)
        gone = _ID.fullmatch(word)
        return f"<{gone[1]} that is gone>" if gone else word

    def _reference(self, record_id: str, depth: int) -> str:
        kind = self._kinds[record_id]
        if depth == 0:
            return f"<{kind}>"
        known = self._references.get((record_id, depth))
        if known is None:
            row = self._row(self._records[kind][record_id], depth - 1)
            known = f"<{kind} {zlib.crc32(row.encode()):x}>"
            self._references[record_id, depth] = known
        return known


def _is_marked(row: dict[str, Any]) -> bool:
    """Whether several calls returned this VM; one that may be protected has to be, then."""
    if not str(row.get("description", "")).endswith(_RETURNED_AGAIN):
        return False
    may_be = row["charge_type"] == "PostPaid" and row["spot_strategy"] == "NoSpot"
    assert bool(row["deletion_protection"]) is may_be, row
    return True
