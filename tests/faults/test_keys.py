"""Keys that have to be fetched while the metadata service or STS is in trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.world import REGION, ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.storage import Storage

LIFETIME_SECONDS = 240
# As many requests as it takes to get the first keys.
TO_THE_FIRST_KEYS = 3


@pytest.fixture
def on_instance(cpi: Cpi, sim: Simulator) -> Cpi:
    """Give a CPI that runs on an instance whose role's keys live for minutes."""
    cpi.configure(
        access_key_id=None,
        access_key_secret=None,
        credential_source="ecs_ram_role",
        metadata_endpoint=sim.plain_url,
    )
    sim.seed({"settings": {"metadata.credential_seconds": LIFETIME_SECONDS}})
    return cpi


def create_disk(cpi: Cpi) -> Answer:
    """Make a disk."""
    return cpi.call("create_disk", 20480, {"availability_zone": ZONE}, None)


def test_no_new_keys_while_the_old_ones_live(
    on_instance: Cpi, sim: Simulator, storage: Storage
) -> None:
    """Keys are renewed early: until the old ones die, failing to do so ends no call."""
    sim.set_pace(disk__create=LIFETIME_SECONDS - 40)
    sim.add_fault(service="metadata", kind="reset", nth=TO_THE_FIRST_KEYS + 1, count=0)
    answer = create_disk(on_instance)
    assert answer.error is None, answer.error
    assert [disk.id for disk in storage.disks()] == [answer.result]
    assert "the credentials in use expire in" in answer.stderr


def test_no_new_keys_when_the_old_ones_die(
    on_instance: Cpi, sim: Simulator, storage: Storage
) -> None:
    """When the old keys have died as well, the error says why, and names what remains."""
    sim.set_pace(disk__create=LIFETIME_SECONDS + 40)
    sim.add_fault(service="metadata", kind="reset", nth=TO_THE_FIRST_KEYS + 1, count=0)
    answer = create_disk(on_instance)
    (disk,) = storage.disks()
    assert answer.type == "CloudError"
    assert "metadata service" in answer.message
    assert f"LEFT BEHIND, delete by hand: disk '{disk.id}'" in answer.message


def test_new_keys_as_soon_as_they_can_be_had(on_instance: Cpi, sim: Simulator) -> None:
    """Trouble of the metadata service that passes in time is not noticed at all."""
    sim.set_pace(disk__create=LIFETIME_SECONDS + 40)
    sim.add_fault(service="metadata", kind="reset", nth=TO_THE_FIRST_KEYS + 1, count=8)
    answer = create_disk(on_instance)
    assert answer.error is None, answer.error
    assert all(call["status"] == 200 for call in sim.calls("DescribeDisks"))


@pytest.mark.parametrize("action", ["GetToken", "ListRoles", "GetRoleCredentials"])
@pytest.mark.parametrize(
    "fault", [{"kind": "empty"}, {"kind": "status", "status": 429}], ids=["empty", "too many"]
)
def test_passing_trouble(
    on_instance: Cpi, sim: Simulator, action: str, fault: dict[str, Any]
) -> None:
    """An empty answer, or one that asks for patience, is asked for again."""
    sim.add_fault(service="metadata", action=action, **fault)
    assert create_disk(on_instance).error is None
    assert sim.gateway.faults.list()[0]["hit"] == 1


@pytest.mark.parametrize("action", ["GetToken", "ListRoles", "GetRoleCredentials"])
def test_a_page_instead_of_an_answer(on_instance: Cpi, sim: Simulator, action: str) -> None:
    """What is no token, no role and no keys ends the call with an error that says so."""
    sim.add_fault(service="metadata", action=action, kind="html", status=200, count=0)
    answer = create_disk(on_instance)
    assert answer.type == "CloudError"
    assert "metadata service" in answer.message or "RAM role" in answer.message


@pytest.mark.parametrize("text", ["t\u00f6ken", "tok en", "to\nken", "to\x00ken"])
@pytest.mark.parametrize("name", ["access_key_id", "access_key_secret", "security_token"])
def test_keys_that_no_header_takes(cpi: Cpi, sim: Simulator, name: str, text: str) -> None:
    """They are refused by name before anything is asked, and not by an odd failure later."""
    cpi.configure(**{name: text})
    answer = cpi.call("create_stemcell", "", {"image_id": {REGION: "m-1"}})
    assert answer.type == "CpiError"
    assert answer.message == (f"alicloud.{name} must be printable ASCII characters without spaces")
    assert sim.calls() == []
