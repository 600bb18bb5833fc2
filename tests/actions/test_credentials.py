"""Where keys come from: the instance's RAM role, an assumed role, and how they stay alive."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from support.world import ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.world import Names

NO_STATIC_KEYS = {"access_key_id": None, "access_key_secret": None, "security_token": None}


@pytest.fixture
def on_instance(cpi: Cpi, sim: Simulator) -> Cpi:
    """Give a CPI that runs on an instance with one RAM role."""
    cpi.configure(
        **NO_STATIC_KEYS, credential_source="ecs_ram_role", metadata_endpoint=sim.plain_url
    )
    return cpi


def settings(sim: Simulator, **found: Any) -> None:
    """Change settings of the simulated world; two underscores stand for a dot."""
    sim.seed({"settings": {name.replace("__", "."): value for name, value in found.items()}})


def signers(sim: Simulator) -> set[str]:
    """Return the ids of the keys that calls of ECS were signed with."""
    return {str(call["key"]) for call in sim.calls() if call["service"] == "ecs"}


@pytest.mark.parametrize("mode", ["normal", "hardened", "legacy"])
def test_the_instance_role_signs_requests(on_instance: Cpi, sim: Simulator, mode: str) -> None:
    """Keys come by the token protocol, or by the old mode where there is no token endpoint."""
    settings(sim, metadata__mode=mode)
    assert on_instance.ok("has_disk", "d-none") is False
    (key,) = signers(sim)
    assert key.startswith("STS.")


def test_the_role_can_be_named(on_instance: Cpi, sim: Simulator) -> None:
    """ram_role_name chooses among several roles of the instance."""
    settings(sim, metadata__roles=["bosh-instance", "bosh-cpi"])
    on_instance.configure(ram_role_name="bosh-instance")
    assert on_instance.ok("has_disk", "d-none") is False


@pytest.mark.parametrize(
    ("changes", "role", "named"),
    [
        ({"metadata__roles": []}, None, "No RAM role"),
        ({"metadata__roles": ["one", "two"]}, None, "one, two"),
        ({}, "another-role", "another-role"),
        ({"metadata__mode": "disabled"}, None, "metadata service"),
        ({"metadata__credential_code": "Failed"}, None, "bosh-instance"),
    ],
)
def test_a_missing_role_is_told_clearly(
    on_instance: Cpi, sim: Simulator, changes: dict[str, Any], role: str | None, named: str
) -> None:
    """No role, several roles, another role, no service: the error says which and what to do."""
    settings(sim, **changes)
    on_instance.configure(ram_role_name=role)
    answer = on_instance.call("has_disk", "d-none")
    assert answer.type == "CloudError"
    assert named in answer.message
    assert signers(sim) == set()


def test_elsewhere_than_on_an_instance_the_error_says_so(on_instance: Cpi) -> None:
    """An unreachable metadata service ends the call soon and names the credential source."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    on_instance.configure(metadata_endpoint=f"http://127.0.0.1:{port}")
    answer = on_instance.call("has_disk", "d-none")
    assert answer.type == "CloudError"
    assert "ecs_ram_role" in answer.message


def test_keys_are_fetched_anew_during_a_long_wait(
    on_instance: Cpi, sim: Simulator, names: Names
) -> None:
    """Keys that live shorter than a call are replaced before they die."""
    settings(sim, metadata__credential_seconds=60)
    sim.set_pace(disk__create=250)
    on_instance.ok("create_disk", 20480, {"availability_zone": ZONE})
    assert len(signers(sim)) > 2
    assert all(call["status"] == 200 for call in sim.calls("DescribeDisks"))
    assert names.image


def test_dead_keys_are_replaced_at_once(on_instance: Cpi, sim: Simulator) -> None:
    """An answer that calls the keys expired leads to new ones, not to a failure."""
    sim.add_fault(
        action="DescribeDisks", kind="error", code="InvalidSecurityToken.Expired", count=1
    )
    assert on_instance.ok("has_disk", "d-none") is False
    assert len(sim.calls("DescribeDisks")) == 2


def test_static_keys_that_are_dead_stay_dead(cpi: Cpi, sim: Simulator) -> None:
    """A static security token that has expired is an error: there are no other keys."""
    sim.add_key("STS.short", "short-lived-secret-1", token="short-lived-token-1", expires_in=1)
    sim.advance(2)
    cpi.configure(
        access_key_id="STS.short",
        access_key_secret="short-lived-secret-1",
        security_token="short-lived-token-1",
    )
    answer = cpi.call("has_disk", "d-none")
    assert answer.type == "CloudError"
    assert "InvalidSecurityToken.Expired" in answer.message
    assert len(sim.calls("DescribeDisks")) == 1


@pytest.mark.parametrize("source", ["static", "ecs_ram_role"])
def test_a_role_is_assumed_on_top_of_either_source(cpi: Cpi, sim: Simulator, source: str) -> None:
    """role_arn: the keys of the source ask STS, the role's keys sign everything else."""
    if source == "ecs_ram_role":
        cpi.configure(**NO_STATIC_KEYS, credential_source=source, metadata_endpoint=sim.plain_url)
    cpi.configure(role_arn=sim.world.constants["assumable_role_arn"])
    assert cpi.ok("has_disk", "d-none") is False
    (asked,) = sim.calls("AssumeRole")
    (signer,) = signers(sim)
    assert signer not in ("", asked["key"])


def test_a_role_that_cannot_be_assumed_is_named(cpi: Cpi, sim: Simulator) -> None:
    """An unknown role ends the call before any other service is asked."""
    cpi.configure(role_arn="acs:ram::1100000000000001:role/unknown")
    answer = cpi.call("has_disk", "d-none")
    assert answer.type == "CloudError"
    assert "AssumeRole" in answer.message
    assert signers(sim) == set()


def test_the_context_brings_another_source(on_instance: Cpi, sim: Simulator) -> None:
    """Multi-CPI: an entry with keys of its own uses them instead of the job's role."""
    sim.add_key("LTAIother", "other-static-secret-1")
    context = {"access_key_id": "LTAIother", "access_key_secret": "other-static-secret-1"}
    assert on_instance.ok("has_disk", "d-none", context=context) is False
    assert signers(sim) == {"LTAIother"}
