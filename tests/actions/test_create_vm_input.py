"""What is wrong in a create_vm request is named, and nothing is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"instance_type": None}, "cloud_properties.instance_type is required"),
        ({"instance_type": ""}, "cloud_properties.instance_type is required"),
        ({"instance_name": "1"}, "cloud_properties.instance_name must be"),
        ({"security_group_ids": "sg-1"}, "cloud_properties.security_group_ids must be"),
        ({"system_disk": {"size": "big"}}, "cloud_properties.system_disk.size must be"),
        ({"ephemeral_disk": {"category": "x"}}, "cloud_properties.ephemeral_disk.category must"),
        ({"tags": "x"}, "cloud_properties.tags must be"),
        ({"password": "short"}, "cloud_properties.password must be"),
        ({"charge_type": "PrePaid"}, "cloud_properties.charge_period is required"),
        (
            {"charge_type": "PrePaid", "charge_period": 1, "spot_strategy": "SpotAsPriceGo"},
            "cloud_properties.spot_strategy needs charge_type PostPaid",
        ),
        ({"spot_price_limit": 1}, "cloud_properties.spot_price_limit needs spot_strategy"),
        ({"region": "cn-hangzhou"}, "cloud_properties.stemcell_id is required"),
    ],
)
def test_bad_property(vms: Vms, sim: Simulator, properties: dict[str, Any], named: str) -> None:
    """The message names the property; nothing was asked of the cloud, a repeat is no use."""
    answer = vms.create(**properties)
    assert answer.type == "VMCreationFailed"
    assert answer.message.startswith(named)
    assert not answer.ok_to_retry
    assert sim.calls() == []


def test_no_zone(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """Without a zone anywhere there is no place for a VM."""
    cpi.configure(availability_zone=None)
    answer = vms.create(availability_zone=None)
    assert "cloud_properties.availability_zone is required" in answer.message
    assert sim.calls() == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"type": "bridged"}, "networks.private.type must be manual, dynamic or vip"),
        ({"ip": None}, "networks.private.ip must be an IP address"),
        ({"ip": "10.0.1"}, "networks.private.ip must be an IP address"),
        (
            {"ip": "fd00::1", "prefix": "128"},
            "networks private need an IPv4 network with the same nic_group",
        ),
        ({"cloud_properties": {}}, "networks.private.cloud_properties.vswitch_id is required"),
        ({"cloud_properties": None}, "networks.private.cloud_properties.vswitch_id is required"),
        (
            {"cloud_properties": {"vswitch_id": "vsw-1"}},
            "networks.private.cloud_properties.security_group_ids is required",
        ),
    ],
)
def test_bad_network(
    vms: Vms, sim: Simulator, names: Names, changes: dict[str, Any], named: str
) -> None:
    """The message names the network and what is wrong with it."""
    networks = names.networks()
    networks["private"].update(changes)
    answer = vms.create(networks=networks)
    assert answer.type == "VMCreationFailed"
    assert answer.message.startswith(named)
    assert not answer.ok_to_retry
    assert sim.calls() == []


def test_no_network(vms: Vms, sim: Simulator) -> None:
    """A VM needs a private network."""
    answer = vms.create(networks={})
    assert answer.message.startswith("networks must have a manual or dynamic network")
    assert sim.calls() == []


@pytest.mark.parametrize(
    ("position", "value", "named"),
    [
        (0, "", "agent_id"),
        (0, None, "agent_id"),
        (1, "  ", "stemcell_cid"),
        (2, None, "cloud_properties"),
        (2, [], "cloud_properties"),
        (3, None, "networks"),
        (4, "d-1", "disk_cids"),
        (5, [], "env"),
    ],
)
def test_bad_argument(cpi: Cpi, vms: Vms, position: int, value: object, named: str) -> None:
    """An argument of the wrong type is a CpiError that names it."""
    arguments = vms.arguments()
    arguments[position] = value
    answer = cpi.call("create_vm", *arguments)
    assert answer.type == "CpiError"
    assert named in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize("count", [0, 3, 7])
def test_wrong_number_of_arguments(cpi: Cpi, vms: Vms, count: int) -> None:
    """Too few or too many arguments are a CpiError that says how many there should be."""
    answer = cpi.call("create_vm", *[*vms.arguments(), None][:count])
    assert answer.type == "CpiError"
    assert "create_vm takes 4 to 6 arguments" in answer.message


@pytest.mark.parametrize("mark", ["", " light"])
def test_missing_stemcell(vms: Vms, sim: Simulator, mark: str) -> None:
    """A stemcell that is not there is named, before anything is made."""
    answer = vms.create(stemcell=f"m-gone{mark}")
    assert answer.type == "VMCreationFailed"
    assert answer.message == "Stemcell 'm-gone' not found in region cn-beijing"
    assert not answer.ok_to_retry
    assert sim.calls("CreateInstance") == []


def test_unknown_properties(vms: Vms) -> None:
    """Keys that nobody knows are named in one warning; the VM is made."""
    answer = vms.create(
        spot_guess=1, system_disk={"size": 40960, "sise": 1}, ephemeral_disk={"kind": "x"}
    )
    assert answer.error is None
    told = [line for line in answer.stderr.splitlines() if "unknown properties" in line]
    assert len(told) == 1
    assert "WARNING" in told[0]
    assert "ephemeral_disk.kind, spot_guess, system_disk.sise" in told[0]


def test_unknown_network_properties(vms: Vms, names: Names) -> None:
    """A network's unknown key is named; what Go manifests write and nobody uses is not."""
    answer = vms.create(networks=names.networks(internet_charge_type="PayByTraffic", sg="x"))
    told = [line for line in answer.stderr.splitlines() if "unknown properties" in line]
    assert len(told) == 1
    assert "networks.private.cloud_properties: unknown properties are ignored: sg" in told[0]


@pytest.mark.parametrize("empty", [None, ""])
def test_empty_values_are_absent(vms: Vms, empty: str | None) -> None:
    """A key without a value, as YAML leaves it behind, is as good as none."""
    names = (
        "instance_name key_pair_name password ram_role_name region stemcell_id charge_type"
        " charge_period auto_renew spot_strategy spot_price_limit"
    )
    disks = {"system_disk": {"size": empty, "category": empty, "encrypted": empty}}
    context = dict.fromkeys(("access_key_id", "region"), None)
    cid = vms.make(**dict.fromkeys(names.split(), empty), **disks, context=context)
    assert vms.vm(cid).charge_type == "PostPaid"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"instance_type": "ecs.none.large"}, "InvalidInstanceType.ValueNotSupported"),
        ({"availability_zone": "cn-beijing-g"}, "InvalidParameter.Mismatch"),
        ({"key_pair_name": "none"}, "InvalidKeyPairName.NotFound"),
        ({"ram_role_name": "none"}, "InvalidRamRole.NotFound"),
        ({"password": "weakweakweak"}, "InvalidPassword.Malformed"),
        ({"security_group_ids": ["sg-none"]}, "InvalidSecurityGroupId.NotFound"),
    ],
)
def test_what_only_the_cloud_knows(vms: Vms, properties: dict[str, Any], code: str) -> None:
    """A refusal of the cloud says what was asked, the code, the RequestId and the region."""
    answer = vms.create(**properties)
    assert answer.type == "VMCreationFailed"
    assert answer.message.startswith("CreateInstance of ")
    assert f"failed: {code}: " in answer.message
    assert "RequestId " in answer.message
    assert "region cn-beijing)" in answer.message
    assert not answer.ok_to_retry
    assert vms.left() == {}
