"""set_vm_metadata: what the Director knows of a VM becomes its name and its tags.

The Director deletes a VM for which this fails, so hardly anything may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.world import MARK

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

METADATA = {
    "director": "bosh",
    "deployment": "cf",
    "instance_group": "web",
    "id": "0d5a2f5e-0000-4000-8000-000000000000",
    "job": "web",
    "index": "0",
    "name": "web/0d5a2f5e-0000-4000-8000-000000000000",
    "created_at": "2026-11-23T03:00:00Z",
}
TRUE = True


@pytest.fixture
def cid(vms: Vms) -> str:
    """Give a VM."""
    return vms.make()


def test_name_and_tags(vms: Vms, cpi: Cpi, cid: str) -> None:
    """All metadata become tags, and the name becomes the VM's as far as the cloud takes it."""
    assert cpi.ok("set_vm_metadata", cid, METADATA) is None
    assert vms.vm(cid).tags == {**METADATA, **MARK}
    assert vms.vm(cid).name == "web.0d5a2f5e-0000-4000-8000-000000000000"


def test_again(vms: Vms, cpi: Cpi, cid: str) -> None:
    """The same metadata again change nothing; changed ones overwrite."""
    cpi.ok("set_vm_metadata", cid, METADATA)
    cpi.ok("set_vm_metadata", cid, METADATA)
    assert vms.vm(cid).tags == {**METADATA, **MARK}
    cpi.ok("set_vm_metadata", cid, {**METADATA, "index": 1, "name": "web/1"})
    assert (vms.vm(cid).tags["index"], vms.vm(cid).name) == ("1", "web.1")


def test_beside_other_tags(vms: Vms, cpi: Cpi) -> None:
    """Tags that the VM has already stay."""
    cid = vms.make(tags={"own": "x"})
    cpi.ok("set_vm_metadata", cid, {"job": "web"})
    assert vms.vm(cid).tags == {"own": "x", "job": "web", **MARK}


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (123, "123"),
        (1.5, "1.5"),
        (TRUE, "true"),
        (None, ""),
        ("", ""),
        ({"a": [1]}, '{"a": [1]}'),
        (["x", 2], '["x", 2]'),
        ("два", "два"),
        ("v" * 300, "v" * 128),
        ("http://x/y", "http:x/y"),
        ("aliyun", "_aliyun"),
        ("ACS:x", "_ACS:x"),
    ],
)
def test_values_of_any_type(vms: Vms, cpi: Cpi, cid: str, value: object, tag: str) -> None:
    """Every JSON value is written as text that the cloud accepts."""
    cpi.ok("set_vm_metadata", cid, {"key": value})
    assert vms.vm(cid).tags == {"key": tag, **MARK}


@pytest.mark.parametrize(
    ("key", "tag"),
    [
        ("aliyun-x", "_aliyun-x"),
        ("acs:x", "_acs:x"),
        ("http://x", "http:x"),
        ("https://x", "https:x"),
        ("k" * 100, "k" * 64),
    ],
)
def test_keys_are_made_to_fit(vms: Vms, cpi: Cpi, cid: str, key: str, tag: str) -> None:
    """A key that the cloud would refuse is mended."""
    cpi.ok("set_vm_metadata", cid, {key: "v"})
    assert vms.vm(cid).tags == {tag: "v", **MARK}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bosh/0", "bosh.0"),
        ("web", "web"),
        ("0/web", "vm-0.web"),
        ("x", "vm-x"),
        ("http://web", "http...web"),
        ("имя", "vm-..."),
        ("n" * 200, "n" * 128),
        (5, "vm-5"),
    ],
)
def test_names(vms: Vms, cpi: Cpi, cid: str, name: object, expected: str) -> None:
    """A name is made to fit what the cloud takes for one."""
    cpi.ok("set_vm_metadata", cid, {"name": name})
    assert vms.vm(cid).name == expected


@pytest.mark.parametrize("metadata", [{}, {"name": ""}, {"name": None}, {"name": "  "}])
def test_no_name(vms: Vms, cpi: Cpi, metadata: dict[str, Any]) -> None:
    """Without a name the VM keeps the one that it has."""
    cid = vms.make(instance_name="web-0")
    cpi.ok("set_vm_metadata", cid, metadata)
    assert vms.vm(cid).name == "web-0"


def test_more_than_twenty(vms: Vms, cpi: Cpi, cid: str) -> None:
    """At most 20 tags are set, with those that are there; the log names the others."""
    metadata = {f"key-{number:02}": number for number in range(30)}
    answer = cpi.call("set_vm_metadata", cid, metadata)
    assert answer.error is None
    assert list(vms.vm(cid).tags) == [*MARK, *(f"key-{number:02}" for number in range(19))]
    assert "at most 20 tags: dropped key-19, key-20" in answer.stderr


def test_more_than_twenty_together(vms: Vms, cpi: Cpi) -> None:
    """A VM never gets more than 20 tags; those that it has are overwritten all the same."""
    cid = vms.make()
    vms.vm(cid).tags.update({f"old-{number:02}": "x" for number in range(17)})
    metadata = {"new-1": 1, "old-03": "changed", "new-2": 2, "new-3": 3}
    answer = cpi.call("set_vm_metadata", cid, metadata)
    tags = vms.vm(cid).tags
    assert len(tags) == 20
    assert (tags["new-1"], tags["new-2"], tags["old-03"]) == ("1", "2", "changed")
    assert "dropped new-3" in answer.stderr


def test_keys_that_differ_in_case_only(vms: Vms, cpi: Cpi) -> None:
    """A key that is there in another spelling is overwritten where it is."""
    cid = vms.make(tags={"Job": "old"})
    cpi.ok("set_vm_metadata", cid, {"job": "new"})
    assert vms.vm(cid).tags == {"Job": "new", **MARK}


@pytest.mark.parametrize("action", ["TagResources", "ModifyInstanceAttribute"])
@pytest.mark.parametrize(
    ("code", "status"), [("Forbidden.RAM", 403), ("QuotaExceed.Tags", 400), ("Throttling", 400)]
)
def test_a_refusal_is_a_warning(
    vms: Vms, cpi: Cpi, sim: Simulator, cid: str, action: str, code: str, status: int
) -> None:
    """A tag or a name that the cloud refuses is a warning in the log: it costs no VM."""
    sim.add_fault(kind="error", action=action, code=code, status=status, count=0)
    answer = cpi.call("set_vm_metadata", cid, METADATA)
    assert answer.error is None
    warning = next(line for line in answer.stderr.splitlines() if "WARNING" in line)
    assert cid in warning
    assert code in warning
    if action == "TagResources":
        assert vms.vm(cid).name == "web.0d5a2f5e-0000-4000-8000-000000000000"
    else:
        assert vms.vm(cid).tags == {**METADATA, **MARK}


def test_not_there(cpi: Cpi) -> None:
    """A VM that is not there is VMNotFound."""
    assert cpi.call("set_vm_metadata", "i-gone", METADATA).type == "VMNotFound"


def test_deleted(vms: Vms, cpi: Cpi, cid: str) -> None:
    """A VM that was deleted is VMNotFound."""
    cpi.ok("delete_vm", cid)
    assert cpi.call("set_vm_metadata", cid, METADATA).type == "VMNotFound"
    assert vms.left() == {}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["", {}], "vm_cid"),
        ([None, {}], "vm_cid"),
        (["i-1", None], "metadata"),
        (["i-1", []], "metadata"),
    ],
)
def test_bad_argument(cpi: Cpi, arguments: list[Any], named: str) -> None:
    """An argument of the wrong type is named."""
    answer = cpi.call("set_vm_metadata", *arguments)
    assert answer.type == "CpiError"
    assert named in answer.message
