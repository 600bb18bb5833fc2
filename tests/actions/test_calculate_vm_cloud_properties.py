"""calculate_vm_cloud_properties: the smallest type on sale that has what vm_resources ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.world import OTHER_ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

WANTED = {"cpu": 2, "ram": 4096, "ephemeral_disk_size": 30720}


@pytest.mark.parametrize(
    ("cpu", "ram", "expected"),
    [
        (1, 512, "ecs.t5-lc2m1.nano"),
        (1, 1025, "ecs.t5-lc1m2.small"),
        (2, 4096, "ecs.c6.large"),
        (2, 4097, "ecs.g6.large"),
        (3, 4096, "ecs.c6.xlarge"),
        (4, 16385, "ecs.r6.xlarge"),
        (16, 1024, "ecs.c6.4xlarge"),
    ],
)
def test_the_smallest_that_fits(cpi: Cpi, cpu: int, ram: int, expected: str) -> None:
    """Fewest vCPUs, then least memory, then the newest generation; ``ram`` is in MiB."""
    found = cpi.ok("calculate_vm_cloud_properties", {**WANTED, "cpu": cpu, "ram": ram})
    assert found == {"instance_type": expected, "ephemeral_disk": {"size": 30720}}


def test_the_answer_makes_a_vm(cpi: Cpi, vms: Vms) -> None:
    """The Director hands the answer to create_vm as it is."""
    properties = cpi.ok("calculate_vm_cloud_properties", WANTED)
    cid = vms.make(**properties)
    assert vms.vm(cid).instance_type == properties["instance_type"]
    assert vms.data_disk(cid).size_gib == 30


def test_types_with_newer_disks_only(cpi: Cpi, vms: Vms) -> None:
    """Where only the newest families are large enough, both disks are ESSD."""
    properties = cpi.ok("calculate_vm_cloud_properties", {**WANTED, "cpu": 32})
    assert properties == {
        "instance_type": "ecs.g7.8xlarge",
        "ephemeral_disk": {"size": 30720, "category": "cloud_essd"},
        "system_disk": {"category": "cloud_essd"},
    }
    cid = vms.make(**properties)
    assert [disk.category for disk in vms.disks(cid)] == ["cloud_essd", "cloud_essd"]


def test_sold_out(cpi: Cpi, sim: Simulator) -> None:
    """A type that is sold out is none; the next larger one is taken."""
    zone = cpi.properties["availability_zone"]
    sim.seed({"stock": [{"zone": zone, "type": "ecs.c6.large", "left": 0}]})
    found = cpi.ok("calculate_vm_cloud_properties", WANTED)
    assert found["instance_type"] != "ecs.c6.large"


@pytest.mark.parametrize("where", ["configuration", "context"])
def test_the_zone_decides(cpi: Cpi, where: str) -> None:
    """What is on sale in the zone of the configuration, or of the cpi-config entry, counts."""
    wanted, context = {**WANTED, "cpu": 1, "ram": 2048}, {}
    if where == "context":
        context = {"availability_zone": OTHER_ZONE}
    else:
        cpi.configure(availability_zone=OTHER_ZONE)
    found = cpi.ok("calculate_vm_cloud_properties", wanted, context=context)
    assert found["instance_type"] == "ecs.t5-lc1m2.small"


def test_no_zone(cpi: Cpi) -> None:
    """Without a zone anything on sale in the region will do."""
    cpi.configure(availability_zone=None)
    assert cpi.ok("calculate_vm_cloud_properties", WANTED)["instance_type"] == "ecs.c6.large"


@pytest.mark.parametrize("too_much", [{"cpu": 1000}, {"ram": 10**9}])
def test_nothing_is_large_enough(cpi: Cpi, too_much: dict[str, int]) -> None:
    """The error says what was asked for and where; null would break the Director."""
    answer = cpi.call("calculate_vm_cloud_properties", {**WANTED, **too_much})
    assert answer.type == "CloudError"
    assert "No instance type on sale in zone cn-beijing-h" in answer.message
    assert str(next(iter(too_much.values()))) in answer.message


@pytest.mark.parametrize("key", ["cpu", "ram", "ephemeral_disk_size"])
@pytest.mark.parametrize("value", [None, 0, -1, 1.5, "2", True, 10**400])
def test_bad_number(cpi: Cpi, sim: Simulator, key: str, value: Any) -> None:
    """A number that is none is named, and the cloud is asked for nothing."""
    answer = cpi.call("calculate_vm_cloud_properties", {**WANTED, key: value})
    assert f"vm_resources.{key} must be a positive integer" in answer.message
    assert sim.calls() == []
