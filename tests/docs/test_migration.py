"""docs/migration.md says of each defect of the Go release what an operator sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from docs.documents import ROOT, blocks_of, pages

if TYPE_CHECKING:
    from support.cpi import Cpi
    from support.vms import Vms

PAGE = "docs/migration.md"


def numbers() -> list[int]:
    """List the numbers in the first column of the tables of defects."""
    return [int(number) for number in re.findall(r"^\| (\d+) \|", pages()[PAGE], re.MULTILINE)]


def with_a_test() -> list[int]:
    """List the numbers of the defects that tests/regressions has a test for."""
    files = (ROOT / "tests" / "regressions").glob("test_*.py")
    found = (re.findall(r"def test_(\d\d)_", path.read_text("utf-8")) for path in files)
    return sorted({int(number) for some in found for number in some})


def test_every_defect_is_in_one_table() -> None:
    """Grouped by what an operator sees, so that none is forgotten and none told twice."""
    assert sorted(numbers()) == with_a_test()


@pytest.mark.parametrize("line", re.findall(r"^\| \d+ \|.*$", pages()[PAGE], re.MULTILINE))
def test_each_says_what_was_and_what_is(line: str) -> None:
    """Three columns, none empty."""
    cells = [cell.strip() for cell in line.strip("|").split(" | ")]
    assert len(cells) == 3
    assert all(cells)


def documents(name: str) -> list[Any]:
    """List the YAML documents of the page that have a key, before and after."""
    found = [yaml.safe_load(block.text) for block in blocks_of(PAGE) if block.language == "yaml"]
    return [document[name] for document in found if name in document]


def test_the_cloud_config_before_and_after(cpi: Cpi, vms: Vms) -> None:
    """The first one has another effect now; the second one has that of the Go release."""
    found = []
    for agent, (vm_type,) in enumerate(documents("vm_types")):
        arguments = vms.arguments(agent=f"agent-{agent}")
        arguments[2] = vm_type["cloud_properties"]
        vm_cid, _ = cpi.ok("create_vm", *arguments)
        found.append([(disk.type, disk.size_gib, disk.category) for disk in vms.disks(vm_cid)])
        cpi.ok("delete_vm", vm_cid)
    assert found == [
        [("system", 100, "cloud_essd")],
        [("system", 40, "cloud_efficiency"), ("data", 20, "cloud_efficiency")],
    ]


def test_an_entry_with_cross_regions_finds_the_vms_of_the_go_release(cpi: Cpi, vms: Vms) -> None:
    """They are in the job's region; without the property they would count as deleted."""
    vm_cid = vms.make()
    before, after = (entries[0]["properties"] for entries in documents("cpis"))
    assert cpi.ok("has_vm", vm_cid, context=before) is False
    assert cpi.ok("has_vm", vm_cid, context=after) is True


def test_what_the_go_release_has_created_is_used_further(cpi: Cpi, vms: Vms) -> None:
    """Without the descriptions and tags that this CPI writes: nothing is lost or left behind."""
    vm_cid = vms.make(ephemeral_disk={"size": 20_480, "category": "cloud_efficiency"})
    disk_cid = vms.disk()
    cpi.ok("attach_disk", vm_cid, disk_cid)
    vm, disks = vms.vm(vm_cid), vms.disks(vm_cid)
    vm.description, vm.tags = "", {}
    for disk in disks:
        disk.description, disk.tags = "", {}
    assert cpi.ok("get_disks", vm_cid) == [disk_cid]
    cpi.ok("set_vm_metadata", vm_cid, {"deployment": "old", "index": 0})
    snapshot_cid = cpi.ok("snapshot_disk", disk_cid, {})
    cpi.ok("delete_snapshot", snapshot_cid)
    cpi.ok("delete_vm", vm_cid)
    assert vms.left() == {"disk": [disk_cid]}
    new_cid = vms.make(agent="agent-2")
    cpi.ok("attach_disk", new_cid, disk_cid)
    assert cpi.ok("get_disks", new_cid) == [disk_cid]


def test_a_light_stemcell_of_the_go_release_makes_vms(cpi: Cpi, vms: Vms) -> None:
    """Its cid has no mark; the image of another account is not deleted with it."""
    vms.make(stemcell=vms.names.image)
    cpi.ok("delete_stemcell", vms.names.image)
    assert vms.make(stemcell=vms.names.image, agent="agent-2", networks=vms.names.networks(None))
