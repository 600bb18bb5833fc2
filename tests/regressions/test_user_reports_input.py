"""What users of other CPIs reported about input: a request each, and what has to come out.

The whole kind of each fault is tested where it belongs: tests/actions/test_create_vm_agent.py for
what the agent reads, tests/rpc for the request, tests/unit for the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.director import Director
    from support.vms import Vms
    from support.world import Names


def test_sizes_as_yaml_strings(director: Director, vms: Vms) -> None:
    """Text with underscores is a size: here less than the minimum (Go CPI issue 44)."""
    cid = director.vm(ephemeral_disk={"size": "10_240"})
    assert vms.data_disk(cid).size_gib == 20


def test_an_empty_security_token(director: Director, cpi: Cpi, sim: Simulator) -> None:
    """Templates render "" for a property that is not set: no token is sent (Go CPI issue 51)."""
    cpi.configure(security_token="")
    assert director.ok("has_vm", "i-2zeabsent0000000000a") is False
    assert [call["params"].get("SecurityToken") for call in sim.calls()] == [None]


@pytest.mark.parametrize("method", ["delete_stemcell", "has_vm"])
def test_api_version_0(cpi: Cpi, method: str) -> None:
    """Go callers send 0 for "not given": it is version 1 (the Go CPI's integration suite)."""
    cpi.api_version = 0
    kind = "m" if method == "delete_stemcell" else "i"
    answer = cpi.call(method, f"{kind}-2zeabsent0000000000a")
    assert answer.error is None
    assert answer.result is (None if method == "delete_stemcell" else False)


def test_api_version_0_creates_as_version_1(cpi: Cpi, vms: Vms) -> None:
    """create_vm answers with the cid alone, and a disk comes to the agent through user data."""
    cpi.api_version, cpi.stemcell_api_version = 0, 0
    answer = vms.create()
    assert isinstance(answer.result, str), answer.error
    disk = vms.disk()
    cpi.ok("attach_disk", answer.result, disk)
    assert list(vms.settings(answer.result)["disks"]["persistent"]) == [disk]


@pytest.mark.parametrize("properties", [{}, {"name": "bosh", "version": "1"}])
def test_an_empty_image_path(cpi: Cpi, sim: Simulator, properties: dict[str, Any]) -> None:
    """A stemcell without an image needs a path: the error says that it is empty."""
    answer = cpi.call("create_stemcell", "", properties)
    refused(answer, "CloudError", "image_path is empty", "oss_bucket")
    assert sim.calls() == []


def test_security_group_id_beside_security_group_ids(
    director: Director, vms: Vms, names: Names
) -> None:
    """The VM is in both: otherwise its firewall rules would change without a word."""
    one, _, three = names.groups
    networks = names.networks(security_group_ids=[one], security_group_id=three)
    cid = director.vm(networks=networks)
    assert sorted(vms.vm(cid).security_group_ids) == sorted([one, three])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("swap_size", -1),
        ("authorized_keys", "ssh-rsa x"),
        ("password", 1234),
        ("ntp", "0.pool"),
        ("mbus", {"urls": "nats://x"}),
        ("blobstores", {"provider": "dav"}),
        ("tags", ["a"]),
    ],
)
def test_env_that_the_agent_cannot_parse(
    director: Director, vms: Vms, sim: Simulator, field: str, value: Any
) -> None:
    """It is refused by name, instead of a VM whose agent never reports (google-cpi issue 143)."""
    answer = director.create(env={"bosh": {field: value}})
    refused(answer, "VMCreationFailed", f"env.bosh.{field}", "must be")
    assert sim.calls("CreateInstance") == []
    assert vms.left() == {}


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [("remove_dev_tools", "true", True), ("swap_size", "0", 0), ("group", 7, 7), ("new", [], [])],
)
def test_env_that_the_agent_can_parse(
    director: Director, vms: Vms, field: str, value: Any, written: Any
) -> None:
    """Booleans and numbers as text become what they mean; what is unknown passes."""
    cid = director.vm(env={"bosh": {field: value, "other": None}})
    assert vms.settings(cid)["env"]["bosh"] == {field: written, "other": None}


@pytest.mark.parametrize(
    ("field", "value"),
    [("dns", "8.8.8.8"), ("default", "gateway"), ("netmask", 24), ("gateway", 1)],
)
def test_a_network_that_the_agent_cannot_parse(
    director: Director, sim: Simulator, names: Names, field: str, value: Any
) -> None:
    """Likewise for networks."""
    networks = names.networks()
    networks["private"][field] = value
    refused(director.create(networks=networks), "VMCreationFailed", f"networks.private.{field}")
    assert sim.calls("CreateInstance") == []


@pytest.mark.parametrize(
    ("field", "value", "written"), [("prefix", 24, "24"), ("use_dhcp", "true", True)]
)
def test_a_network_that_the_agent_can_parse(
    director: Director, vms: Vms, names: Names, field: str, value: Any, written: Any
) -> None:
    """And what their values mean."""
    networks = names.networks()
    networks["private"][field] = value
    cid = director.vm(networks=networks)
    assert vms.settings(cid)["networks"]["private"][field] == written
