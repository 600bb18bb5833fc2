"""A lost answer never doubles an effect: same token, or a look first, or no repeat at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.cloud.wire.retry import harmless_twice
from support.world import REGION

if TYPE_CHECKING:
    from alicloud_cpi.cloud import Cloud
    from alicloud_sim import Simulator
    from support.cpi import Cpi

# How the answer to a request that was carried out may get lost, and how one may fail before.
AFTER: tuple[dict[str, Any], ...] = (
    {"kind": "lost"},
    {"kind": "truncated"},
    {"kind": "empty"},
    {"kind": "reset", "effect": True},
    {"kind": "html", "effect": True},
    {"kind": "error", "code": "InternalError", "status": 500, "effect": True},
    {"kind": "error", "code": "ServiceUnavailable", "status": 503, "effect": True},
)
BEFORE: tuple[dict[str, Any], ...] = tuple({**fault, "effect": False} for fault in AFTER)
REFUSED: tuple[dict[str, Any], ...] = (
    {"kind": "error", "code": "Throttling"},
    {"kind": "error", "code": "Throttling.User", "status": 503},
    {"kind": "error", "code": "Throttling", "status": 429},
    {"kind": "error", "code": "IncorrectDiskStatus", "status": 403},
    {"kind": "error", "code": "OperationConflict", "status": 409},
    {"kind": "error", "code": "SignatureNonceUsed"},
)


def named(fault: dict[str, Any]) -> str:
    """Return a test's id for a fault."""
    return "-".join(str(fault[key]) for key in ("kind", "code", "status") if key in fault)


def disks(sim: Simulator) -> list[str]:
    """Return the ids of the world's disks."""
    return list(sim.state()["records"].get("disk", []))


def delete(cloud: Cloud, disk_id: str, **options: Any) -> dict[str, Any]:
    """Send the plainest write that takes no token."""
    return cloud.ecs.call("DeleteDisk", REGION, DiskId=disk_id, **options)


def delete_unless_gone(cloud: Cloud, disk_id: str) -> dict[str, Any]:
    """Send the same, with a look that tells whether the disk is gone."""
    return delete(cloud, disk_id, unless=lambda: cloud.disks.find(disk_id) is None)


@pytest.mark.parametrize("fault", [*AFTER, *BEFORE, *REFUSED], ids=named)
def test_a_request_with_a_token_is_repeated_with_the_same_token(
    cpi: Cpi, sim: Simulator, fault: dict[str, Any]
) -> None:
    """Whatever became of the first attempt, there is one disk, and its id is the answer."""
    sim.add_fault(**fault, action="CreateDisk", count=2)
    disk_id = cpi.ok("create_disk", 20480, {})
    assert disks(sim) == [disk_id]
    tokens = [call["params"]["ClientToken"] for call in sim.calls("CreateDisk")]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1


def test_two_calls_use_two_tokens(cpi: Cpi, sim: Simulator) -> None:
    """Each asks for a disk of its own."""
    assert cpi.ok("create_disk", 20480, {}) != cpi.ok("create_disk", 20480, {})
    tokens = {call["params"]["ClientToken"] for call in sim.calls("CreateDisk")}
    assert len(tokens) == 2
    assert all(len(token) <= 64 and token.isascii() for token in tokens)


@pytest.mark.parametrize("fault", AFTER, ids=named)
def test_a_write_without_a_token_looks_before_it_is_repeated(
    cpi: Cpi, cloud: Cloud, sim: Simulator, fault: dict[str, Any]
) -> None:
    """The effect was there: it is not asked for again, and the request has succeeded."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(**fault, action="DeleteDisk")
    assert delete_unless_gone(cloud, disk_id) == {}
    assert len(sim.calls("DeleteDisk")) == 1
    assert disks(sim) == []


@pytest.mark.parametrize("fault", BEFORE, ids=named)
def test_a_write_that_had_no_effect_is_repeated_after_the_look(
    cpi: Cpi, cloud: Cloud, sim: Simulator, fault: dict[str, Any]
) -> None:
    """The look found the disk still there."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(**fault, action="DeleteDisk")
    assert delete_unless_gone(cloud, disk_id)["RequestId"]
    assert len(sim.calls("DeleteDisk")) == 2
    assert disks(sim) == []


@pytest.mark.parametrize("fault", REFUSED, ids=named)
def test_a_write_that_was_refused_is_repeated_without_a_look(
    cpi: Cpi, cloud: Cloud, sim: Simulator, fault: dict[str, Any]
) -> None:
    """The cloud says that it did nothing: also for a write that cannot look at all."""
    disk_id = cpi.ok("create_disk", 20480, {})
    reads = len(sim.calls("DescribeDisks"))
    sim.add_fault(**fault, action="DeleteDisk", count=2)
    delete(cloud, disk_id)
    assert len(sim.calls("DeleteDisk")) == 3
    assert len(sim.calls("DescribeDisks")) == reads


@pytest.mark.parametrize("fault", [*AFTER, *BEFORE], ids=named)
def test_a_write_that_cannot_look_is_not_repeated_after_a_lost_answer(
    cpi: Cpi, cloud: Cloud, sim: Simulator, fault: dict[str, Any]
) -> None:
    """Better an error than the same thing twice."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(**fault, action="DeleteDisk")
    with pytest.raises(ApiError) as caught:
        delete(cloud, disk_id)
    assert caught.value.effect_unknown
    assert len(sim.calls("DeleteDisk")) == 1


def test_a_write_that_only_sets_a_value_is_repeated_without_a_look(
    cpi: Cpi, cloud: Cloud, sim: Simulator
) -> None:
    """Set twice, it is the same."""
    disk_id = cpi.ok("create_disk", 20480, {})
    reads = len(sim.calls("DescribeDisks"))
    sim.add_fault(kind="lost", action="ModifyDiskAttribute", count=2)
    parameters = {"DiskId": disk_id, "DiskName": "a-name", "unless": harmless_twice}
    cloud.ecs.call("ModifyDiskAttribute", REGION, **parameters)
    assert len(sim.calls("ModifyDiskAttribute")) == 3
    assert len(sim.calls("DescribeDisks")) == reads


def test_a_refusal_after_a_lost_answer_may_be_the_echo_of_a_success(
    cpi: Cpi, cloud: Cloud, sim: Simulator
) -> None:
    """Reads lag: the look still sees the disk, the repeat does not, and a later look tells."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.set_lag(3)
    sim.add_fault(kind="lost", action="DeleteDisk")
    assert delete_unless_gone(cloud, disk_id) == {}
    assert len(sim.calls("DeleteDisk")) > 1


def test_a_refusal_that_is_no_echo_is_told_within_seconds(
    cpi: Cpi, cloud: Cloud, sim: Simulator
) -> None:
    """Where the effect does not show, the refusal was meant."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(kind="lost", action="DeleteDisk", effect=False)
    sim.add_fault(kind="error", code="Forbidden.RAM", action="DeleteDisk", count=0)
    start = cpi.clock.now()
    with pytest.raises(ApiError, match=r"Forbidden\.RAM"):
        delete_unless_gone(cloud, disk_id)
    assert cpi.clock.now() - start <= 10


def test_a_code_that_says_the_effect_is_there_is_success(cloud: Cloud, sim: Simulator) -> None:
    """Deleting what is gone has succeeded, at the first attempt as after a lost answer."""
    assert delete(cloud, "d-2ze0000000000000000g", done=("InvalidDiskId.NotFound",)) == {}
    assert len(sim.calls()) == 1


def test_a_look_that_fails_is_the_error(cpi: Cpi, cloud: Cloud, sim: Simulator) -> None:
    """Nothing is repeated blindly because the look was refused."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(kind="lost", action="DeleteDisk")
    sim.add_fault(kind="error", code="Forbidden.RAM", action="DescribeDisks", count=0)
    with pytest.raises(ApiError, match=r"Forbidden\.RAM"):
        delete_unless_gone(cloud, disk_id)
    assert len(sim.calls("DeleteDisk")) == 1
