"""What users of other CPIs reported about input: a request each, and what has to come out.

The whole kind of each fault is tested where it belongs: tests/actions/test_create_vm_agent.py for
what the agent reads, tests/rpc for the request, tests/unit for the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.director import Director
    from support.vms import Vms
    from support.world import Names


def test_sizes_as_yaml_strings(director: Director, vms: Vms) -> None:
    """A text with underscores is a size: the ephemeral disk has its category's minimum (Go CPI issue 44)."""
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
    answer = cpi.call(method, "m-2zeabsent0000000000a")
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


def test_security_group_id_beside_security_group_ids(
    director: Director, vms: Vms, names: Names
) -> None:
    """The VM is in both: otherwise its firewall rules would change without a word."""
    one, _, three = names.groups
    networks = names.networks(security_group_ids=[one], security_group_id=three)
    cid = director.vm(networks=networks)
    assert sorted(vms.vm(cid).security_group_ids) == sorted([one, three])
