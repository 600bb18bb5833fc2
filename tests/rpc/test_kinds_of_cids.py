"""A cid of another kind is an error that names what it is; what is absent is still a success."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi

CIDS = {
    "VM": "i-2zeabsent0000000000a",
    "disk": "d-2zeabsent0000000000a",
    "snapshot": "s-2zeabsent0000000000a",
    "stemcell": "m-2zeabsent0000000000a",
}
NETWORKS: dict[str, Any] = {"private": {"type": "dynamic"}}

# Method, the cid's place among the arguments, and the arguments with None for the cid.
CALLS: list[tuple[str, str, list[Any]]] = [
    ("delete_stemcell", "stemcell", [None]),
    ("create_vm", "stemcell", ["agent-1", None, {}, NETWORKS, [], {}]),
    ("delete_vm", "VM", [None]),
    ("has_vm", "VM", [None]),
    ("reboot_vm", "VM", [None]),
    ("set_vm_metadata", "VM", [None, {"job": "x"}]),
    ("get_disks", "VM", [None]),
    ("create_disk", "VM", [1024, {}, None]),
    ("has_disk", "disk", [None]),
    ("attach_disk", "VM", [None, CIDS["disk"]]),
    ("attach_disk", "disk", [CIDS["VM"], None]),
    ("detach_disk", "VM", [None, CIDS["disk"]]),
    ("detach_disk", "disk", [CIDS["VM"], None]),
    ("delete_disk", "disk", [None]),
    ("resize_disk", "disk", [None, 1024]),
    ("update_disk", "disk", [None, 1024, {}]),
    ("set_disk_metadata", "disk", [None, {"job": "x"}]),
    ("snapshot_disk", "disk", [None, {}]),
    ("delete_snapshot", "snapshot", [None]),
]


@pytest.mark.parametrize(
    ("method", "kind", "arguments", "given"),
    [(*call, given) for call in CALLS for given in CIDS if given != call[1]],
)
def test_cid_of_another_kind(
    cpi: Cpi, sim: Simulator, method: str, kind: str, arguments: list[Any], given: str
) -> None:
    """It is named, with its place, its kind and the kind expected; the cloud is not asked."""
    filled = [CIDS[given] if one is None else one for one in arguments]
    place = f"{method}: argument {arguments.index(None) + 1}, {kind.lower()}_cid, must be the cid"
    words = (f"{place} of a {kind}", f"'{CIDS[given]}' is the cid of a {given}")
    refused(cpi.call(method, *filled), "CpiError", *words)
    assert sim.calls() == []


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("delete_vm", "VM"),
        ("delete_disk", "disk"),
        ("delete_snapshot", "snapshot"),
        ("delete_stemcell", "stemcell"),
    ],
)
@pytest.mark.parametrize("cid", ["", "of-no-kind", "vol-1"])
def test_what_is_absent_is_deleted(cpi: Cpi, method: str, kind: str, cid: str) -> None:
    """Also if the cid looks like nothing that the cloud has."""
    assert cpi.ok(method, cid or CIDS[kind]) is None


def test_light_stemcell(cpi: Cpi) -> None:
    """Its cid has a word behind the image's id."""
    assert cpi.ok("delete_stemcell", f"{CIDS['stemcell']} light") is None
