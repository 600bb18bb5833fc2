"""What the answers of many calls said: the simulated cloud has to hold exactly that.

Beyond it there may be what a killed call left, at most one thing a call and in a list of
``alicloud-cpi leftovers``, and what an error named.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alicloud_cpi import leftovers
from faults.matrix_scenarios import Request
from faults.matrix_state import PASSING

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

# The kind of record that a method creates or deletes.
CREATES = {
    "create_vm": "instance",
    "create_disk": "disk",
    "snapshot_disk": "snapshot",
    "create_stemcell": "image",
    "create_network": "vswitch",
}
DELETES = {
    "delete_vm": "instance",
    "delete_disk": "disk",
    "delete_snapshot": "snapshot",
    "delete_stemcell": "image",
    "delete_network": "vswitch",
}

# A repeat of these finds what the first call made.
_FOUND_AGAIN = ("create_vm", "create_network")
_OPEN = "may have been created"
# Created by name for all VMs that are to have it, and kept.
_KEPT = {"deployment_set"}
_ID = re.compile(r"\b(?:i|d|s|m|eni|vsw)-2z[a-z0-9]{17,20}\b|\bbosh-stemcell-[0-9a-f-]{36}\b")

# Records that belong to a VM, and its field in them.
_OF_A_VM = {
    "disk": "instance_id",
    "eni": "instance_id",
    "slb_backend": "server_id",
    "nlb_server": "server_id",
    "alb_server": "server_id",
}


@dataclass
class Books:
    """The ids that answers returned and none has deleted, and where disks are attached."""

    sim: Simulator
    baseline: frozenset[str] = frozenset()
    held: dict[str, str] = field(default_factory=dict)
    attached: dict[str, str] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    # What a call that failed or was killed was to delete, attach or detach.
    unsure: set[str] = field(default_factory=set)
    # Calls that were killed, or could not say what they made, by the kind of thing.
    open_ends: Counter[str] = field(default_factory=Counter)

    def open(self) -> None:
        """Begin: what there is now belongs to nobody."""
        self.baseline = frozenset(row["id"] for _, row in self._records())

    def note(self, request: Request, answer: Answer | None) -> None:
        """Enter what a call answered; None is a call that was killed."""
        method, arguments = request
        if answer is None or answer.error:
            self.unsure |= set(_touched(request))
        if answer is None or _OPEN in answer.message:
            self.open_ends[CREATES.get(method, "")] += 1
        if answer is None:
            return
        self.named |= set(_ID.findall(answer.message))
        if answer.error is None:
            self._done(method, arguments, answer.result)
        elif method == "detach_disk" and answer.type == "DiskNotAttached":
            self.attached.pop(arguments[1], None)

    def _done(self, method: str, arguments: list[Any], result: Any) -> None:
        self.unsure -= set(_touched(Request(method, arguments)))
        if method in CREATES:
            made = result[0] if isinstance(result, list) else result
            assert method in _FOUND_AGAIN or made not in self.held, f"{made} was returned twice"
            self.held[made] = CREATES[method]
        elif method in DELETES:
            self.held.pop(arguments[0], None)
            self.attached = {d: vm for d, vm in self.attached.items() if vm != arguments[0]}
        elif method == "attach_disk" and arguments[0] in self.held:
            self.attached[arguments[1]] = arguments[0]
        elif method == "detach_disk":
            self.attached.pop(arguments[1], None)

    def problems(self, cpi: Cpi) -> list[str]:
        """Say what is lost, left or doubled, and what is not where it belongs."""
        records = self._records()
        there = {row["id"] for _, row in records}
        gone = {one: kind for one, kind in self.held.items() if one not in {*there, *self.unsure}}
        wrong = [f"lost: {kind} {one}" for one, kind in gone.items()]
        for kind, row in records:
            if kind == "instance" and row["id"] in self.held and row["status"] != "Running":
                wrong.append(f"{row['id']} is {row['status']}")
            if kind == "disk" and row["id"] in self.held:
                expected = self.attached.get(row["id"], "")
                if row["instance_id"] != expected and self.unsure.isdisjoint({row["id"], expected}):
                    wrong.append(f"{row['id']} is attached to {row['instance_id'] or 'no VM'}")
        return [*wrong, *self._surplus(cpi, records)]

    def _surplus(self, cpi: Cpi, records: list[tuple[str, dict[str, Any]]]) -> list[str]:
        """Say what no answer returned, and no list of leftovers or error explains."""
        # What belongs to something else: that is explained, or it is not.
        images = [row for kind, row in records if kind == "image"]
        of_images = {snapshot for row in images for snapshot in row["snapshot_ids"]}
        vms = {row["id"] for kind, row in records if kind == "instance"}
        known = {*self.held, *self.baseline, *self.named, *of_images}
        unknown = [
            (kind, row)
            for kind, row in records
            if row["id"] not in known and row.get(_OF_A_VM.get(kind, "")) not in known | vms
        ]
        listed = _listed(cpi) if unknown else ""
        wrong = [
            f"left: {kind} {json.dumps(row)}"
            for kind, row in unknown
            if kind != "snapshot" and not _is_in(row, listed)
        ]
        count = Counter(kind for kind, _ in unknown)
        wrong += [
            f"doubled: {count[kind]} of kind {kind} by {self.open_ends[kind]} killed calls"
            for kind in CREATES.values()
            if count[kind] > self.open_ends[kind]
        ]
        return wrong

    def _records(self) -> list[tuple[str, dict[str, Any]]]:
        found: dict[str, dict[str, dict[str, Any]]] = self.sim.state()["records"]
        return [
            (kind, {"id": record_id, **row})
            for kind, rows in found.items()
            if kind not in PASSING | _KEPT
            for record_id, row in rows.items()
        ]


def _touched(request: Request) -> list[str]:
    """Return what a call deletes, attaches or detaches."""
    if request.method in DELETES:
        return [request.arguments[0]]
    return [request.arguments[1]] if request.method in ("attach_disk", "detach_disk") else []


def _is_in(row: dict[str, Any], listed: str) -> bool:
    """Whether a record is listed, or in a bucket that is."""
    return row["id"] in listed or bool(row.get("bucket") and row["bucket"] in listed)


def _listed(cpi: Cpi) -> str:
    """Return what ``alicloud-cpi leftovers`` prints."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(io.StringIO()):
        assert leftovers.run(str(cpi.path), cpi.clock) == 0
    return shown.getvalue()
