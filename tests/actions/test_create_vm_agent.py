"""What the agent parses: its settings can be read, or no VM is made.

The agent's records are typed (bosh-agent, settings/settings.go): a value of another type makes all
settings unreadable, and the Director waits for an agent that never reports.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names

YES, NO = True, False

# The fields of the agent's records, by what Go parses them into.
BOOLEANS = (
    "bosh.keep_root_password",
    "bosh.remove_dev_tools",
    "bosh.remove_static_libraries",
    "bosh.agent.settings.tmpfs",
    "bosh.job_dir.tmpfs",
    "bosh.ipv6.enable",
)
INTEGERS = ("bosh.swap_size", "bosh.parallel")
TEXTS = (
    "bosh.password",
    "bosh.mbus.cert.ca",
    "bosh.mbus.cert.certificate",
    "bosh.mbus.cert.private_key",
    "bosh.job_dir.tmpfs_size",
    "bosh.run_dir.tmpfs_size",
    "persistent_disk_fs",
    "persistent_disk_partitioner",
)
LISTS = (
    "bosh.authorized_keys",
    "bosh.ntp",
    "bosh.mbus.urls",
    "persistent_disk_mount_options",
)
OBJECTS = (
    "bosh",
    "bosh.agent",
    "bosh.agent.settings",
    "bosh.mbus",
    "bosh.mbus.cert",
    "bosh.job_dir",
    "bosh.run_dir",
    "bosh.ipv6",
    "bosh.tags",
)
# What each kind of field cannot be.
IMPOSSIBLE: dict[tuple[str, ...], list[Any]] = {
    BOOLEANS: ["yes", 1, []],
    INTEGERS: ["many", 1.5, True, [], 2**64],
    TEXTS: [1234, True, [], {}],
    LISTS: ["one", 1, {}, [1], [["a"]]],
    OBJECTS: ["text", 1, []],
    ("bosh.swap_size",): [-1, "-1"],
    ("bosh.blobstores",): [{"provider": "dav"}, ["dav"], [{"provider": 1}], [{"options": "none"}]],
    ("bosh.group",): [["a"]],
}
IMPOSSIBLE_IN_NETWORKS: dict[tuple[str, ...], list[Any]] = {
    ("netmask", "gateway", "mac", "alias"): [1, True, [], {}],
    ("dns", "default"): ["8.8.8.8", 1, {}, [1]],
    ("use_dhcp", "resolved", "preconfigured"): ["no", 0],
    ("prefix",): [24.5, ["24"]],
    ("routes",): [{"destination": "10.0.0.0"}, [{"gateway": 1}]],
}

ROUTES = [{"destination": "10.1.0.0", "gateway": "10.0.1.1", "netmask": "255.255.0.0"}]


def each(impossible: dict[tuple[str, ...], list[Any]]) -> list[tuple[str, Any]]:
    """List every field with every value that it cannot have."""
    return [
        (field, value)
        for fields, values in impossible.items()
        for field in fields
        for value in values
    ]


def nested(path: str, value: Any) -> dict[str, Any]:
    """Return an object with a value at a path."""
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(("field", "value"), each(IMPOSSIBLE))
def test_env_of_the_wrong_type(vms: Vms, sim: Simulator, field: str, value: Any) -> None:
    """The field is named before any request, with what it has to be, and its value is not."""
    answer = vms.create(env=nested(field, value))
    refused(answer, "VMCreationFailed", f"env.{field}", " must be ")
    assert not answer.ok_to_retry
    assert sim.calls() == []


@pytest.mark.parametrize("network", ["private", "public"])
@pytest.mark.parametrize(("field", "value"), each(IMPOSSIBLE_IN_NETWORKS))
def test_network_of_the_wrong_type(
    vms: Vms, sim: Simulator, names: Names, network: str, field: str, value: Any
) -> None:
    """Likewise for every network, also a vip, which the agent parses as well."""
    networks = {**names.networks(), "public": {"type": "vip", "ip": "47.1.1.1"}}
    networks[network][field] = value
    refused(vms.create(networks=networks), "VMCreationFailed", f"networks.{network}.{field}")
    assert sim.calls() == []


@pytest.mark.parametrize(
    ("field", "given", "written"),
    [
        *((field, "true", YES) for field in BOOLEANS),
        ("bosh.remove_dev_tools", "False", NO),
        ("bosh.remove_dev_tools", "", None),
        ("bosh.swap_size", "0", 0),
        ("bosh.swap_size", "1_024", 1024),
        ("bosh.swap_size", 1024.0, 1024),
        ("bosh.swap_size", 2**64 - 1, 2**64 - 1),
        ("bosh.swap_size", "", None),
        ("bosh.parallel", "5", 5),
        ("bosh.parallel", -1, -1),
        ("bosh.authorized_keys", "", None),
        ("bosh.password", "", ""),
        ("bosh.group", 7, 7),
        ("bosh.group", "7", "7"),
        ("bosh.tags", {"number": 7, "list": [1]}, {"number": 7, "list": [1]}),
    ],
)
def test_a_value_whose_meaning_is_certain(vms: Vms, field: str, given: Any, written: Any) -> None:
    """Booleans and numbers may be text, as in cloud_properties; the agent gets its own type."""
    found = vms.settings(vms.make(env=nested(field, given)))["env"]
    assert json.dumps(found) == json.dumps(nested(field, written))


@pytest.mark.parametrize(
    ("field", "given", "written"),
    [
        ("prefix", 24, "24"),
        ("prefix", "24", "24"),
        ("use_dhcp", "true", YES),
        ("use_dhcp", NO, NO),
        ("dns", "", None),
        ("gateway", None, None),
        ("routes", ROUTES, ROUTES),
    ],
)
def test_a_networks_value_whose_meaning_is_certain(
    vms: Vms, names: Names, field: str, given: Any, written: Any
) -> None:
    """Likewise in networks; what create_vm answers is what it was given."""
    networks = names.networks()
    networks["private"][field] = given
    answer = vms.create(networks=networks)
    assert answer.error is None
    cid, returned = answer.result
    assert vms.settings(cid)["networks"]["private"][field] == written
    assert returned == networks


@pytest.mark.parametrize("field", [*BOOLEANS, *INTEGERS, *TEXTS, *LISTS, *OBJECTS])
def test_null_counts_as_not_given(vms: Vms, field: str) -> None:
    """The agent leaves such a field at its default, and so it arrives."""
    env = nested(field, None)
    assert vms.settings(vms.make(env=env))["env"] == env


def test_what_the_agent_does_not_read(vms: Vms, names: Names) -> None:
    """Unknown fields arrive as they are, whatever they hold."""
    env = {"bosh": {"new": ["a", {"b": 1.5}], "groups": ["x"]}, "mine": 1, "other": "true"}
    networks = names.networks()
    networks["private"]["nic_group"] = 0
    cid = vms.make(env=env, networks=networks)
    assert vms.settings(cid)["env"] == env
    assert vms.settings(cid)["networks"]["private"]["nic_group"] == 0


@pytest.mark.parametrize(
    ("blobstore", "named"),
    [
        ({"provider": 1}, "agent.blobstore.provider"),
        ({"provider": ["dav"]}, "agent.blobstore.provider"),
        ({"provider": "dav", "options": "none"}, "options"),
    ],
)
def test_the_jobs_blobstore(cpi: Cpi, vms: Vms, blobstore: dict[str, Any], named: str) -> None:
    """What the job gives to every agent is checked, too."""
    document = json.loads(cpi.path.read_text())
    document["cloud"]["properties"]["agent"]["blobstore"] = blobstore
    cpi.path.write_text(json.dumps(document))
    answer = vms.create()
    assert answer.type in ("CpiError", "VMCreationFailed")
    assert named in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize("tags", [["a"], "a", 1])
def test_tags_of_a_stemcell(cpi: Cpi, sim: Simulator, names: Names, tags: Any) -> None:
    """create_stemcell's env has tags only: those of another type are refused, too."""
    cpi.api_version = 3
    light = {"image_id": {"cn-beijing": names.image}}
    refused(cpi.call("create_stemcell", "", light, {"tags": tags}), "CloudError", "env.tags")
    assert sim.calls() == []


def test_the_shape_of_the_settings(vms: Vms, names: Names) -> None:
    """Each field is what the agent's Settings record has, and there is no other."""
    networks = {**names.networks(), "public": {"type": "vip", "ip": "47.1.1.1"}}
    vms.sim.seed({"eip": [{"ip_address": "47.1.1.1"}]})
    cid = vms.make(networks=networks, env={"bosh": {}}, ephemeral_disk={"size": 20480})
    settings = vms.settings(cid)
    assert {key: type(value) for key, value in settings.items()} == {
        "agent_id": str,
        "vm": dict,
        "mbus": str,
        "ntp": list,
        "blobstore": dict,
        "networks": dict,
        "disks": dict,
        "env": dict,
    }
    assert list(settings["vm"]) == ["name"]
    assert sorted(settings["blobstore"]) == ["options", "provider"]
    assert sorted(settings["disks"]) == ["ephemeral", "persistent", "system"]
    assert settings["disks"]["ephemeral"].startswith("/dev/disk/by-id/virtio-")
    assert "cloud_properties" not in settings["networks"]["private"]
