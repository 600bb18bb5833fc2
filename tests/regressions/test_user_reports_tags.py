"""Cases that users reported, about tags: each is a request and what must come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.services.tags import GROUP_TAG
from alicloud_sim.ecs.instances.record import Instance
from support.storage import refused
from support.world import MARK, ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.vms import Vms

# More than 20 tags: what identifies a resource wins (Azure CPI issue 383, terraform 2601 and 231)

DIRECTORS = {
    "director": "bosh",
    "deployment": "cf",
    "instance_group": "web",
    "id": "0d5a2f5e-0000-4000-8000-000000000000",
    "job": "web",
    "index": "0",
    "name": "web/0d5a2f5e-0000-4000-8000-000000000000",
    "created_at": "2026-11-23T03:00:00Z",
}
DISKS = {
    "director": "bosh",
    "deployment": "cf",
    "job": "web",
    "instance_id": "0d5a2f5e-0000-4000-8000-000000000000",
    "instance_index": "0",
    "instance_name": "web/0d5a2f5e-0000-4000-8000-000000000000",
    "attached_at": "2026-11-23T03:00:00Z",
}
GROUP = {GROUP_TAG: "director-cf-web"}


def users(count: int) -> dict[str, str]:
    """Return so many tags of a user."""
    return {f"own-{number:02}": "x" for number in range(count)}


@pytest.mark.parametrize("again", [False, True])
def test_14_tags_and_a_group_then_the_directors_8(
    cpi: Cpi,
    vms: Vms,
    again: bool,  # noqa: FBT001
) -> None:
    """The first ten of the user's fit, also where the Director sends them again."""
    answer = vms.create(env={"bosh": {"tags": users(14), "group": GROUP[GROUP_TAG]}})
    cid = answer.result[0]
    for dropped in ("own-10", "own-11", "own-12", "own-13"):
        assert dropped in answer.stderr
    metadata = {**(users(14) if again else {}), **DIRECTORS}
    cpi.ok("set_vm_metadata", cid, metadata)
    assert vms.vm(cid).tags == {**MARK, **GROUP, **DIRECTORS, **users(10)}


@pytest.mark.parametrize("where", ["env", "type"])
def test_20_tags_and_a_group(cpi: Cpi, vms: Vms, where: str) -> None:
    """The group stays, whoever has how many tags."""
    env = {"bosh": {"group": GROUP[GROUP_TAG], "tags": users(20) if where == "env" else {}}}
    cid = vms.make(env=env, tags=users(20) if where == "type" else {})
    assert vms.vm(cid).tags == {**MARK, **GROUP, **users(10)}
    cpi.ok("set_vm_metadata", cid, DIRECTORS)
    assert vms.vm(cid).tags == {**MARK, **GROUP, **DIRECTORS, **users(10)}


def test_disk_with_25_tags(cpi: Cpi, storage: Storage) -> None:
    """Those of set_disk_metadata are there; each that was dropped is named in the log."""
    answer = cpi.call("create_disk", 20480, {"availability_zone": ZONE, "tags": users(25)}, None)
    assert all(f"own-{number}" in answer.stderr for number in range(11, 25))
    cpi.ok("set_disk_metadata", answer.result, DISKS)
    assert storage.found(answer.result).tags == {**MARK, **DISKS, **users(11)}


def test_resources_of_earlier_releases_make_room(cpi: Cpi, vms: Vms, storage: Storage) -> None:
    """A VM or disk that is full of users' tags loses as many as identify it; the log names them."""
    full = {**MARK, **users(19)}
    vm, disk = vms.make(), storage.disk(tags=full)
    vms.vm(vm).tags = dict(full)
    for method, cid, metadata in (
        ("set_vm_metadata", vm, DIRECTORS),
        ("set_disk_metadata", disk, DISKS),
    ):
        answer = cpi.call(method, cid, metadata)
        assert answer.error is None
        assert "dropped own-" in answer.stderr
    assert vms.vm(vm).tags == {**MARK, **DIRECTORS, **users(11)}
    assert storage.found(disk).tags == {**MARK, **DISKS, **users(12)}


def test_room_that_cannot_be_made(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Without the permission to remove tags the call succeeds with a warning."""
    sim.change_key(sim.world.constants["access_key_id"], denied=["UntagResources"])
    disk = storage.disk(tags={**MARK, **users(19)})
    answer = cpi.call("set_disk_metadata", disk, DISKS)
    assert answer.error is None
    assert "were not set" in answer.stderr
    assert "UntagResources" in answer.stderr


@pytest.mark.parametrize("regions", [[], ["cn-hangzhou"]])
def test_requests_for_metadata(cpi: Cpi, vms: Vms, storage: Storage, regions: list[str]) -> None:
    """One for a disk, two for a VM, whose name is set as well: nothing is read before."""
    cpi.configure(cross_regions=regions)
    vm, disk = vms.make(), storage.disk()
    with cpi.requests() as for_disk:
        cpi.ok("set_disk_metadata", disk, DISKS)
    assert for_disk == ["TagResources"]
    with cpi.requests() as for_vm:
        cpi.ok("set_vm_metadata", vm, DIRECTORS)
    assert for_vm == ["ModifyInstanceAttribute", "TagResources"]


def test_metadata_of_what_is_in_another_region(cpi: Cpi, storage: Storage) -> None:
    """The regions are tried in turn."""
    cpi.configure(cross_regions=["cn-hangzhou"])
    place: dict[str, Any] = {"region": "cn-hangzhou", "zone_id": "cn-hangzhou-h"}
    vm, disk = storage.vm(**place), storage.disk(**place)
    cpi.ok("set_disk_metadata", disk, DISKS)
    cpi.ok("set_vm_metadata", vm, DIRECTORS)
    assert storage.found(disk).tags == DISKS
    assert storage.get(Instance, vm).tags == DIRECTORS
    assert storage.get(Instance, vm).name.startswith("web.")


@pytest.mark.parametrize("method", ["set_vm_metadata", "set_disk_metadata"])
@pytest.mark.parametrize("metadata", [{}, {"job": "web"}, {"name": "web/0"}])
def test_metadata_of_what_does_not_exist(cpi: Cpi, method: str, metadata: dict[str, str]) -> None:
    """It is not found, with a name or without."""
    kind, cid = ("VM", "i-gone") if "vm" in method else ("Disk", "d-gone")
    refused(cpi.call(method, cid, metadata), f"{kind}NotFound", cid)


def test_tags_of_the_cpi_are_not_overwritten(cpi: Cpi, vms: Vms, storage: Storage) -> None:
    """A tag of the manifest called bosh-cpi or like the group's changes nothing, and is named."""
    vm = vms.make(env={"bosh": {"group": GROUP[GROUP_TAG]}})
    disk = storage.make()
    given = {"Bosh-CPI": "mine", GROUP_TAG: "mine", "a": "1"}
    for method, cid in (("set_vm_metadata", vm), ("set_disk_metadata", disk)):
        answer = cpi.call(method, cid, given)
        assert "tag Bosh-CPI is set by the CPI only" in answer.stderr
    assert vms.vm(vm).tags == {**MARK, **GROUP, "a": "1"}
    assert storage.found(disk).tags == {**MARK, "a": "1"}


# Rewritten tags (bosh issue 1829)


@pytest.mark.parametrize(
    ("given", "tags", "words"),
    [
        ({"url": "http://x/a"}, {"url": "http:x/a"}, "the value of tag url was changed"),
        ({"http://x": "a"}, {"http:x": "a"}, "the key of tag http://x was changed to http:x"),
        ({"acs:x": "a"}, {"_acs:x": "a"}, "the key of tag acs:x was changed to _acs:x"),
        ({"a": "aliyun"}, {"a": "_aliyun"}, "the value of tag a was changed"),
        ({"a": "v" * 129}, {"a": "v" * 128}, "the value of tag a was changed"),
        ({"k" * 65: "a"}, {"k" * 64: "a"}, f"was changed to {'k' * 64}"),
        ({"A": "1", "a": "2"}, {"a": "2"}, "tag a replaces tag A"),
    ],
)
@pytest.mark.parametrize("method", ["create_vm", "set_vm_metadata", "create_disk"])
def test_changed_tag_is_named_in_the_log(
    cpi: Cpi, vms: Vms, storage: Storage, method: str, given: Any, tags: Any, words: str
) -> None:
    """A warning with the key; the call succeeds."""
    if method == "create_vm":
        answer = vms.create(tags=given)
        found = vms.vm(answer.result[0]).tags
    elif method == "create_disk":
        answer = cpi.call(method, 20480, {"availability_zone": ZONE, "tags": given}, None)
        found = storage.found(answer.result).tags
    else:
        cid = vms.make()
        answer = cpi.call(method, cid, given)
        found = vms.vm(cid).tags
    assert found == {**MARK, **tags}
    line = next(line for line in answer.stderr.splitlines() if words in line)
    assert "WARNING" in line


def test_unchanged_tags_are_not_named_in_the_log(cpi: Cpi, vms: Vms) -> None:
    """No warning without a reason."""
    cid = vms.make(tags=users(5))
    assert "tag" not in cpi.call("set_vm_metadata", cid, {**DIRECTORS, "a": 1}).stderr
