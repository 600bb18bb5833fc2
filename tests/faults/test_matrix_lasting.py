"""Troubles that do not pass: the call ends by its deadline, says why, and names what remains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from faults.matrix import Matrix, Step
from faults.matrix_scenarios import SCENARIOS, Bench
from support import canaries
from support.world import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cpi import Answer, Cpi
    from support.storage import Storage
    from support.vms import Vms

HOUR = 3600.0
MADE = ("instance", "disk", "image", "snapshot", "eni", "oss_bucket")

# What the Director may be told; CpiError is for requests, configurations and bugs.
TYPED = {"CloudError", "VMCreationFailed", "NotSupported"}

# A refusal of these is a warning: the Director deletes a VM for any error, and what could not be
# taken away after an upload does not make a stemcell worse.
_WARNED_OF = {"TagResources", "AddTags", "DeleteObject", "DeleteBucket", "HeadObject"}

# What they are asked for is keys, whatever the call is about.
_ABOUT_KEYS = ("metadata", "sts")
# What is asked for is all that there is on sale.
_ABOUT_NOTHING = ("calculate_vm_cloud_properties",)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a simulated cloud for this module."""
    with Bench() as found:
        yield found


def things(bench: Bench) -> dict[str, dict[str, Any]]:
    """Return everything that a call could make, by id."""
    records = bench.sim.state()["records"]
    return {name: row for kind in MADE for name, row in records.get(kind, {}).items()}


def unnamed(bench: Bench, before: dict[str, Any], answer: Answer) -> list[str]:
    """List what is new and named nowhere; disks and interfaces go by the name of their VM."""
    told = answer.message + "".join(
        line for line in answer.stderr.splitlines() if "LEFT BEHIND" in line or "WARNING" in line
    )
    told += str(answer.result or "")
    now = things(bench)
    new = {name: row for name, row in now.items() if name not in before}
    parts = {
        part for name, row in new.items() if name in told for part in row.get("snapshot_ids", [])
    }
    return [
        name
        for name, row in new.items()
        if name not in told
        and name not in parts
        and (row.get("instance_id") or "-") not in told
        and (row.get("name") or "-") not in told
    ]


def refused(bench: Bench, scenario: str, step: Step) -> str:
    """Make a call that lacks one permission, and say what is wrong with how it ends."""
    bench.reset()
    request = SCENARIOS[scenario](bench)
    bench.settle()
    before, began = things(bench), bench.sim.world.clock.now()
    code = "AccessDenied" if step.service == "oss" else "Forbidden.RAM"
    bench.sim.add_fault(**step._asdict(), kind="error", code=code, status=403, count=0)
    answer = canaries.search(bench.cpi.call(request.method, *request.arguments))
    took = bench.sim.world.clock.now() - began
    bench.settle()
    wrong = []
    if answer.error is not None:
        if answer.type not in TYPED or answer.ok_to_retry:
            wrong.append(f"{answer.type}, ok_to_retry {answer.ok_to_retry}")
        if step.action not in answer.message and step.service != "metadata":
            wrong.append(f"{step.action} is not named")
        elif f"{step.action} of " not in answer.message and not (
            step.service in _ABOUT_KEYS or scenario in _ABOUT_NOTHING
        ):
            wrong.append(f"what {step.action} was about is not named")
    elif "WARNING" not in answer.stderr and step.action not in _WARNED_OF:
        wrong.append("no word of the refusal")
    if took > HOUR:
        wrong.append(f"it took {took:.0f} s")
    left = unnamed(bench, before, answer)
    if left:
        wrong.append(f"unnamed: {', '.join(left)}")
    shown = answer.message or "success"
    return f"{step.action} {step.nth}: {'; '.join(wrong)} ({shown})" if wrong else ""


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_permission(bench: Bench, scenario: str) -> None:
    """Whichever single permission is missing: no retry, the action is named, and what remains."""
    steps = Matrix(bench).undisturbed(scenario).steps
    # A permission is missing from the first request on, or was taken away during the call.
    wrong = [found for step in steps if (found := refused(bench, scenario, step))]
    assert not wrong, "\n".join(wrong)


def test_keys_that_expire_during_a_call(cpi: Cpi, vms: Vms) -> None:
    """Static temporary keys that die while the VM is made: the VM is named, and no retry."""
    sim = vms.sim
    sim.add_key("STS.short", "short-secret-1", token="short-token-1", expires_in=30)
    cpi.configure(
        access_key_id="STS.short",
        access_key_secret="short-secret-1",
        security_token="short-token-1",
    )
    sim.set_pace(instance__create=60)
    answer = vms.create()
    (left,) = vms.left()["instance"]
    assert (answer.type, answer.ok_to_retry) == ("VMCreationFailed", False)
    assert "InvalidSecurityToken.Expired" in answer.message
    assert f"LEFT BEHIND, delete by hand: VM '{left}'" in answer.message


@pytest.mark.parametrize("status", ["Attaching", "Detaching"])
def test_a_disk_that_is_stuck(cpi: Cpi, storage: Storage, status: str) -> None:
    """A disk that never arrives: disk and last status are named, within the hour."""
    vm = storage.vm()
    storage.set(**{f"disk__stuck__{status}": True})
    disk = storage.disk() if status == "Attaching" else storage.attached(vm)
    method = "attach_disk" if status == "Attaching" else "detach_disk"
    began = cpi.sim.world.clock.now()
    answer = cpi.call(method, vm, disk)
    assert answer.type == "CloudError"
    assert disk in answer.message
    assert status in answer.message
    assert cpi.sim.world.clock.now() - began < HOUR


def test_a_vm_that_does_not_go(cpi: Cpi, vms: Vms) -> None:
    """A VM whose deletion never ends is named with its last status."""
    cid = vms.make()
    vms.sim.set_pace(instance__delete=2 * HOUR)
    began = vms.sim.world.clock.now()
    answer = cpi.call("delete_vm", cid)
    assert answer.type == "CloudError"
    assert cid in answer.message
    assert vms.sim.world.clock.now() - began < HOUR


def test_a_snapshot_that_fails(cpi: Cpi, storage: Storage) -> None:
    """A snapshot that fails is taken away, or named."""
    disk = storage.attached(storage.vm())
    storage.set(snapshot__fails=True)
    answer = cpi.call("snapshot_disk", disk, {})
    assert answer.type == "CloudError"
    assert all(snapshot.id in answer.message for snapshot in storage.snapshots())


def test_no_quota_for_a_disk(cpi: Cpi, storage: Storage) -> None:
    """A quota that is used up is nothing that a repeat mends."""
    cpi.sim.seed({"quotas": {"disk.count": 0}})
    answer = cpi.call("create_disk", 20480, {"availability_zone": ZONE}, None)
    assert (answer.type, answer.ok_to_retry) == ("CloudError", False)
    assert storage.disks() == []
