"""A lost response never doubles an effect: same ClientToken, a look first, or no second request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aliyunsdkecs.request.v20140526.CreateDiskRequest import CreateDiskRequest
from aliyunsdkecs.request.v20140526.DeleteDiskRequest import DeleteDiskRequest
from aliyunsdkecs.request.v20140526.ModifyDiskAttributeRequest import ModifyDiskAttributeRequest

from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from support.world import REGION, ZONE

if TYPE_CHECKING:
    from alicloud_cpi.aliyun.response import Fields
    from alicloud_cpi.services import Services
    from alicloud_sim import Simulator
    from support.cpi import Cpi

# How the response to a request that had its effect may get lost, and how a request may fail before.
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
# Refusals: the request had no effect. The codes in SPENDS_TOKEN make its ClientToken unusable.
REFUSED: tuple[dict[str, Any], ...] = (
    {"kind": "error", "code": "Throttling"},
    {"kind": "error", "code": "Throttling.User", "status": 503},
    {"kind": "error", "code": "Throttling", "status": 429},
    {"kind": "error", "code": "IncorrectDiskStatus", "status": 403},
    {"kind": "error", "code": "OperationConflict", "status": 409},
    {"kind": "error", "code": "SignatureNonceUsed"},
)
SPENDS_TOKEN = ("IncorrectDiskStatus", "OperationConflict")


def named(fault: dict[str, Any]) -> str:
    """Return a test's id for a fault."""
    return "-".join(str(fault[key]) for key in ("kind", "code", "status") if key in fault)


def disks(sim: Simulator) -> list[str]:
    """Return the ids of the simulated disks."""
    return list(sim.state()["records"].get("disk", []))


def delete(services: Services, disk_id: str, **options: Any) -> Fields:
    """Send DeleteDisk, which accepts no ClientToken."""
    request = DeleteDiskRequest()
    request.set_DiskId(disk_id)
    return services.client.send(request, REGION, **options)


def delete_with_look(services: Services, disk_id: str) -> Fields:
    """Send the same with a look that tells whether the disk is gone."""
    return delete(services, disk_id, already_applied=lambda: services.disks.find(disk_id) is None)


# With a ClientToken


@pytest.mark.parametrize("fault", [*AFTER, *BEFORE], ids=named)
def test_a_request_with_a_token_is_sent_again_with_the_same_token(
    cpi: Cpi, sim: Simulator, fault: dict[str, Any]
) -> None:
    """Whatever the first request's effect, there is one disk, and its id is returned."""
    sim.add_fault(**fault, action="CreateDisk", count=2)
    disk_id = cpi.ok("create_disk", 20480, {})
    assert disks(sim) == [disk_id]
    tokens = [call["params"]["ClientToken"] for call in sim.calls("CreateDisk")]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1


@pytest.mark.parametrize("fault", REFUSED, ids=named)
def test_a_refusal_spends_the_token_if_the_cloud_processed_the_request(
    cpi: Cpi, sim: Simulator, fault: dict[str, Any]
) -> None:
    """A token that was refused once stays refused for hours (real-cloud.md)."""
    sim.add_fault(**fault, action="CreateDisk", count=2)
    disk_id = cpi.ok("create_disk", 20480, {})
    assert disks(sim) == [disk_id]
    tokens = [call["params"]["ClientToken"] for call in sim.calls("CreateDisk")]
    assert len(tokens) == 3
    assert len(set(tokens)) == (3 if fault["code"] in SPENDS_TOKEN else 1)


def test_a_spent_token_is_replaced_by_the_next_of_its_series(
    services: Services, sim: Simulator
) -> None:
    """An earlier process with the same series was refused: this one must not be."""
    series = [ClientTokens("seed"), ClientTokens("seed")]
    request = CreateDiskRequest()
    request.set_ZoneId(ZONE)
    request.set_Size(20)
    request.set_DiskCategory("cloud_essd")
    sim.add_fault(kind="error", code="Forbidden.RAM", status=403, action="CreateDisk")
    with pytest.raises(ApiError, match=r"Forbidden\.RAM"):
        services.client.send(request, REGION, tokens=series[0])
    sim.add_fault(kind="error", code="IdempotentFailed", status=400, action="CreateDisk")
    services.client.send(request, REGION, tokens=series[1])
    tokens = [call["params"]["ClientToken"] for call in sim.calls("CreateDisk")]
    assert tokens[0] == tokens[1] != tokens[2]
    assert len(disks(sim)) == 1


def test_two_calls_use_two_tokens(cpi: Cpi, sim: Simulator) -> None:
    """Each requests a disk of its own."""
    assert cpi.ok("create_disk", 20480, {}) != cpi.ok("create_disk", 20480, {})
    tokens = {call["params"]["ClientToken"] for call in sim.calls("CreateDisk")}
    assert len(tokens) == 2
    assert all(len(token) <= 64 and token.isascii() for token in tokens)


# Without a ClientToken


@pytest.mark.parametrize("fault", AFTER, ids=named)
def test_a_write_whose_effect_is_there_is_not_sent_again(
    cpi: Cpi, services: Services, sim: Simulator, fault: dict[str, Any]
) -> None:
    """The look before the second request finds the disk gone: the request has succeeded."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(**fault, action="DeleteDisk")
    assert "RequestId" not in delete_with_look(services, disk_id)
    assert len(sim.calls("DeleteDisk")) == 1
    assert disks(sim) == []


@pytest.mark.parametrize("fault", BEFORE, ids=named)
def test_a_write_that_had_no_effect_is_sent_again_after_the_look(
    cpi: Cpi, services: Services, sim: Simulator, fault: dict[str, Any]
) -> None:
    """The look finds the disk still there."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(**fault, action="DeleteDisk")
    assert "RequestId" in delete_with_look(services, disk_id)
    assert len(sim.calls("DeleteDisk")) == 2
    assert disks(sim) == []


@pytest.mark.parametrize("fault", REFUSED, ids=named)
def test_a_write_that_was_refused_is_sent_again_without_a_look(
    cpi: Cpi, services: Services, sim: Simulator, fault: dict[str, Any]
) -> None:
    """The code says that nothing was done, so this holds without ``already_applied``, too."""
    disk_id = cpi.ok("create_disk", 20480, {})
    reads = len(sim.calls("DescribeDisks"))
    sim.add_fault(**fault, action="DeleteDisk", count=2)
    delete(services, disk_id)
    assert len(sim.calls("DeleteDisk")) == 3
    assert len(sim.calls("DescribeDisks")) == reads


@pytest.mark.parametrize("fault", [*AFTER, *BEFORE], ids=named)
def test_a_write_without_a_look_is_not_sent_again_after_a_lost_response(
    cpi: Cpi, services: Services, sim: Simulator, fault: dict[str, Any]
) -> None:
    """An error is better than a doubled effect."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(**fault, action="DeleteDisk")
    with pytest.raises(ApiError) as caught:
        delete(services, disk_id)
    assert caught.value.effect_unknown
    assert len(sim.calls("DeleteDisk")) == 1


def test_an_idempotent_write_is_sent_again_without_a_look(
    cpi: Cpi, services: Services, sim: Simulator
) -> None:
    """A value that is set twice is the same."""
    disk_id = cpi.ok("create_disk", 20480, {})
    reads = len(sim.calls("DescribeDisks"))
    sim.add_fault(kind="lost", action="ModifyDiskAttribute", count=2)
    request = ModifyDiskAttributeRequest()
    request.set_DiskId(disk_id)
    request.set_DiskName("a-name")
    services.client.send(request, REGION, idempotent=True)
    assert len(sim.calls("ModifyDiskAttribute")) == 3
    assert len(sim.calls("DescribeDisks")) == reads


def test_a_refusal_after_a_lost_response_may_mean_that_the_first_request_succeeded(
    cpi: Cpi, services: Services, sim: Simulator
) -> None:
    """Lists lag: the first look shows the disk, DeleteDisk is refused, and a later look decides."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.set_lag(3)
    sim.add_fault(kind="lost", action="DeleteDisk")
    assert "RequestId" not in delete_with_look(services, disk_id)
    assert len(sim.calls("DeleteDisk")) > 1


def test_a_refusal_of_a_request_without_effect_is_an_error_within_seconds(
    cpi: Cpi, services: Services, sim: Simulator
) -> None:
    """The effect does not show, so the refusal is the outcome."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(kind="lost", action="DeleteDisk", effect=False)
    sim.add_fault(kind="error", code="Forbidden.RAM", action="DeleteDisk", count=0)
    start = cpi.clock.now()
    with pytest.raises(ApiError, match=r"Forbidden\.RAM"):
        delete_with_look(services, disk_id)
    assert cpi.clock.now() - start <= 10


def test_a_code_that_means_that_the_effect_is_there_is_success(
    services: Services, sim: Simulator
) -> None:
    """Deleting what is gone succeeds, in the first attempt as after a lost response."""
    response = delete(services, "d-2ze0000000000000000g", ignore_codes=("InvalidDiskId.NotFound",))
    assert "RequestId" not in response
    assert len(sim.calls()) == 1


def test_a_look_that_fails_is_the_error(cpi: Cpi, services: Services, sim: Simulator) -> None:
    """Without the look, nothing is sent again."""
    disk_id = cpi.ok("create_disk", 20480, {})
    sim.add_fault(kind="lost", action="DeleteDisk")
    sim.add_fault(kind="error", code="Forbidden.RAM", action="DescribeDisks", count=0)
    with pytest.raises(ApiError, match=r"Forbidden\.RAM"):
        delete_with_look(services, disk_id)
    assert len(sim.calls("DeleteDisk")) == 1
