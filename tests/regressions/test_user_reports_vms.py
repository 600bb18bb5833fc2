"""Cases that users reported, about VMs: each is a request and what must come out."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.instances.record import Instance
from support.connections import Connections
from support.cpi import Started
from support.gate import Gate, Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

TYPES_SINCE_G7 = ["ecs.g7.large", "ecs.c9i.large", "ecs.g8i.large", "ecs.e-c1m1.large"]
REFUSED_CATEGORIES = ["cloud_efficiency", "cloud_ssd"]


def categories(vms: Vms, cid: str) -> set[str]:
    """Return the categories of a VM's disks."""
    return {disk.category for disk in vms.disks(cid)}


# No category named, type of a current family (Go CPI pull requests 202 and 208)


@pytest.mark.parametrize("instance_type", TYPES_SINCE_G7)
def test_vm_without_a_category_gets_one_that_its_type_takes(
    vms: Vms, sim: Simulator, instance_type: str
) -> None:
    """System and ephemeral disk; the categories are looked up once, after a refusal."""
    cid = vms.make(instance_type=instance_type, ephemeral_disk={"size": 10240})
    assert len(categories(vms, cid)) == 1
    assert not categories(vms, cid) & set(REFUSED_CATEGORIES)
    assert len(sim.calls("CreateInstance")) == 2
    assert len(sim.calls("DescribeAvailableResource")) == 1


def test_the_usual_case_asks_for_no_categories(vms: Vms, sim: Simulator) -> None:
    """An older type takes the default, and a category that is named is sent at once."""
    vms.make(ephemeral_disk={"size": 10240})
    vms.make(
        agent="agent-2",
        networks=vms.names.networks(ip="10.0.1.11"),
        instance_type="ecs.g7.large",
        system_disk={"category": "cloud_essd"},
    )
    assert len(sim.calls("CreateInstance")) == 2
    assert sim.calls("DescribeAvailableResource") == []


@pytest.mark.parametrize("disk", ["system_disk", "ephemeral_disk"])
@pytest.mark.parametrize("category", REFUSED_CATEGORIES)
def test_category_that_the_type_refuses(vms: Vms, disk: str, category: str) -> None:
    """The error names the property, the type and the categories that it takes; nothing is left."""
    answer = vms.create(
        instance_type="ecs.g7.large", **{disk: {"size": 40960, "category": category}}
    )
    assert answer.type == "VMCreationFailed"
    assert f"cloud_properties.{disk}.category must be one that" in answer.message
    for part in ("ecs.g7.large", "cloud_essd", category):
        assert part in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize("nth", [1, 2])
def test_fallback_after_a_lost_call(vms: Vms, sim: Simulator, nth: int) -> None:
    """The same call finds the VM of one that was cut off, also one with a fallback's categories."""
    sim.add_fault(kind="lost", action="DescribeInstances", effect=False, count=0)
    sim.add_fault(kind="lost", action="DeleteInstance", effect=False, count=0)
    wanted: dict[str, Any] = {"instance_type": "ecs.g7.large", "ephemeral_disk": {"size": 20480}}
    for _ in range(nth):
        assert vms.create(**wanted).type == "VMCreationFailed"
    (made,) = vms.ids(Instance)
    sim.clear_faults()
    assert vms.make(**wanted) == made
    assert vms.ids(Instance) == [made]


# Address still held by its dying predecessor (Go CPI issues 44 and 105)


@pytest.mark.parametrize(
    "code",
    ["InvalidPrivateIpAddress.Duplicated", "InvalidIPAddress.AlreadyUsed"],
)
def test_address_of_a_dying_predecessor(vms: Vms, sim: Simulator, code: str) -> None:
    """Each refusal spends its token: the VM comes as soon as the address is free."""
    sim.add_fault(kind="error", action="CreateInstance", code=code, status=400, count=6)
    cid = vms.make()
    assert vms.ids(Instance) == [cid]
    tokens = [call["params"]["ClientToken"] for call in sim.calls("CreateInstance")]
    assert len(set(tokens)) == len(tokens) == 7


def test_recreate_with_the_same_address(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """The address is released minutes after delete_vm; create_vm waits for it."""
    sim.set_pace(address__release=200)
    old = vms.make()
    cpi.ok("delete_vm", old)
    cid = vms.make(agent="agent-2")
    assert vms.vm(cid).private_ip == "10.0.1.10"


def test_the_same_call_after_a_failed_one(vms: Vms, sim: Simulator) -> None:
    """A repeat steps over the tokens that the failed call spent, without a pause."""
    sim.add_fault(
        kind="error", action="CreateInstance", code="OperationDenied.NoStock", status=403, count=1
    )
    assert vms.create().type == "VMCreationFailed"
    began = sim.world.clock.now()
    cid = vms.make()
    codes = [call.get("code") for call in sim.calls("CreateInstance")]
    assert codes == ["OperationDenied.NoStock", "IdempotentFailed", None]
    assert sim.world.clock.now() - began < 10
    assert vms.ids(Instance) == [cid]


def test_a_token_that_is_still_processed(vms: Vms, sim: Simulator) -> None:
    """After a lost answer and two LastTokenProcessing: the same token again, exactly one VM."""
    sim.add_fault(kind="lost", action="CreateInstance")
    sim.add_fault(
        kind="error",
        action="CreateInstance",
        code="OperationFailed.LastTokenProcessing",
        status=403,
        count=2,
    )
    cid = vms.make()
    assert vms.ids(Instance) == [cid]
    tokens = {call["params"]["ClientToken"] for call in sim.calls("CreateInstance")}
    assert len(tokens) == 1


def test_a_disk_after_refusals(cpi: Cpi, sim: Simulator, vms: Vms) -> None:
    """create_disk likewise: a busy refusal spends the token, and the next one makes one disk."""
    code = "OperationConflict"
    sim.add_fault(kind="error", action="CreateDisk", code=code, status=409, count=3)
    cid = cpi.ok("create_disk", 20480, {}, None)
    assert vms.ids(Disk) == [cid]


# Reboot that no read shows


def test_a_reboot_between_two_reads(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """One RebootInstance, and an answer within seconds."""
    cid = vms.make()
    sim.set_pace("instant", grace=0)
    began = sim.world.clock.now()
    cpi.ok("reboot_vm", cid)
    assert len(sim.calls("RebootInstance")) == 1
    assert sim.world.clock.now() - began < 20


# Two identical create_vm of which one is stopped


@pytest.fixture
def gate(sim: Simulator) -> Iterator[Gate]:
    """Give a gate that is open again afterwards."""
    gate = Gate.at(sim)
    yield gate
    gate.open()


@pytest.mark.parametrize(
    ("service", "action"),
    [("ecs", "DescribeInstances"), ("ecs", "StartInstance"), ("slb", "AddBackendServers")],
)
def test_a_stopped_twin_leaves_the_other_ones_vm(
    vms: Vms, sim: Simulator, gate: Gate, service: str, action: str
) -> None:
    """A call that is stopped does not delete the VM that an identical call has returned."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    wanted: dict[str, Any] = {"slbs": [Connections(sim).balancer]} if service == "slb" else {}
    text = vms.cpi.request("create_vm", vms.arguments(**wanted))
    gate.close(service, action, 1, Moment.BEFORE)
    slow = Started(["--config", str(vms.cpi.path)], text)
    assert gate.reached.wait(30)
    fast = Started(["--config", str(vms.cpi.path)], text).answer()
    assert fast.error is None
    slow.send(signal.SIGTERM)
    time.sleep(0.5)
    gate.open()
    answer = slow.answer()
    (vm,) = sim.world.all(Instance)
    assert (vm.id, vm.status) == (fast.result[0], "Running")
    if answer.error:
        assert f"VM '{vm.id}' (another identical create_vm returned it, too)" in answer.message
