"""The agent's settings: complete when the VM is made, and what an older agent is told of disks."""

from __future__ import annotations

from typing import Any

import pytest

from alicloud_cpi.config import AgentConfig
from alicloud_cpi.services.agent_settings import (
    build_settings,
    device_path,
    with_disk,
    without_disk,
)

AGENT = AgentConfig(
    mbus="nats://director:4222",
    ntp=["0.pool.ntp.org", "1.pool.ntp.org"],
    blobstore={"provider": "dav", "options": {"endpoint": "http://director:25250"}},
)
NETWORK = {
    "type": "manual",
    "ip": "10.0.1.10",
    "netmask": "255.255.255.0",
    "prefix": "24",
    "gateway": "10.0.1.253",
    "dns": ["10.0.0.2"],
    "default": ["dns", "gateway"],
    "nic_group": "0",
    "mac": "00:16:3e:00:00:01",
}


def made(**changes: Any) -> dict[str, Any]:
    """Make the settings of a VM."""
    arguments: dict[str, Any] = {
        "agent_id": "agent-1",
        "vm_cid": "i-1",
        "networks": {"private": {**NETWORK, "cloud_properties": {"vswitch_id": "vsw-1"}}},
        "ephemeral_path": "/dev/disk/by-id/virtio-1",
        "env": {"bosh": {"tags": {"a": "b"}}},
        "agent": AGENT,
        **changes,
    }
    return build_settings(**arguments)


def test_everything_the_agent_reads_is_there() -> None:
    """The settings hold agent id, VM name, message bus, clock, blobstore, networks, disks, env."""
    assert made() == {
        "agent_id": "agent-1",
        "vm": {"name": "i-1"},
        "mbus": "nats://director:4222",
        "ntp": ["0.pool.ntp.org", "1.pool.ntp.org"],
        "blobstore": {"provider": "dav", "options": {"endpoint": "http://director:25250"}},
        "networks": {"private": NETWORK},
        "disks": {
            "system": "/dev/vda",
            "ephemeral": "/dev/disk/by-id/virtio-1",
            "persistent": {},
        },
        "env": {"bosh": {"tags": {"a": "b"}}},
    }


def test_no_ephemeral_disk_is_a_layout() -> None:
    """A VM without an ephemeral disk has none in its settings: the agent partitions the root."""
    assert made(ephemeral_path="")["disks"] == {"system": "/dev/vda", "persistent": {}}


@pytest.mark.parametrize("env", [None, {}])
def test_empty_env(env: dict[str, Any] | None) -> None:
    """A missing env is an empty one."""
    assert made(env=env)["env"] == {}


def test_env_is_passed_on_whole() -> None:
    """What the agent reads of env is for the agent to know: nothing is left out of it."""
    env = {
        "bosh": {
            "mbus": {"cert": {"ca": "C", "private_key": "K", "certificate": "X"}},
            "agent": {"settings": {"tmpfs": True, "job_dir": {"tmpfs_size": "1m"}}},
            "parallel": 5,
            "swap_size": 0,
            "ipv6": {"enable": True},
            "authorized_keys": ["ssh-rsa A"],
            "persistent_disk_mount_options": ["noatime"],
            "groups": ["a", "b"],
        },
        "anything": None,
    }
    assert made(env=env)["env"] == env


def test_every_network_without_its_cloud_properties() -> None:
    """Each network keeps all fields of the request, also ones we do not know."""
    networks = {
        "private": {**NETWORK, "cloud_properties": {"vswitch_id": "vsw-1"}},
        "public": {"type": "vip", "ip": "47.1.1.1", "new_field": [1], "cloud_properties": {}},
    }
    assert made(networks=networks)["networks"] == {
        "private": NETWORK,
        "public": {"type": "vip", "ip": "47.1.1.1", "new_field": [1]},
    }


def test_the_request_is_not_changed() -> None:
    """Making settings leaves the request's networks as they are: they are the call's result."""
    networks = {"private": {**NETWORK, "cloud_properties": {"vswitch_id": "vsw-1"}}}
    made(networks=networks)
    assert networks["private"]["cloud_properties"] == {"vswitch_id": "vsw-1"}


def test_with_disk() -> None:
    """A persistent disk is added beside the others; the rest of the settings stays."""
    before = made()
    one = with_disk(before, "d-1", "/dev/1")
    two = with_disk(one, "d-2", "/dev/2")
    assert two["disks"]["persistent"] == {"d-1": "/dev/1", "d-2": "/dev/2"}
    assert {**two, "disks": None} == {**before, "disks": None}
    assert before["disks"]["persistent"] == {}


def test_with_disk_twice() -> None:
    """A disk that is there already is not there twice; its path is the newest."""
    twice = with_disk(with_disk(made(), "d-1", "/dev/1"), "d-1", "/dev/2")
    assert twice["disks"]["persistent"] == {"d-1": "/dev/2"}


def test_without_disk() -> None:
    """A persistent disk is taken out; one that is not there is no error."""
    both = with_disk(with_disk(made(), "d-1", "/dev/1"), "d-2", "/dev/2")
    assert without_disk(both, "d-1")["disks"]["persistent"] == {"d-2": "/dev/2"}
    assert without_disk(both, "d-3") == both


@pytest.mark.parametrize("disks", [{}, {"disks": None}, {"disks": {"persistent": None}}])
def test_settings_of_another_cpi(disks: dict[str, Any]) -> None:
    """Settings that another CPI wrote may lack the map of persistent disks."""
    changed = with_disk({"agent_id": "a", **disks}, "d-1", "/dev/1")
    assert changed["disks"]["persistent"] == {"d-1": "/dev/1"}
    assert changed["agent_id"] == "a"


@pytest.mark.parametrize(
    ("serial", "nvme", "path"),
    [
        ("abc", False, "/dev/disk/by-id/virtio-abc"),
        ("abc", True, "/dev/disk/by-id/nvme-Alibaba_Cloud_Elastic_Block_Storage_abc"),
        ("", False, "/dev/disk/by-id/virtio-2zexyz"),
        ("", True, "/dev/disk/by-id/nvme-Alibaba_Cloud_Elastic_Block_Storage_2zexyz"),
    ],
)
def test_device_path(serial: str, path: str, *, nvme: bool) -> None:
    """A disk is found by its serial number, an old one without by its id, on virtio or NVMe."""
    assert device_path("d-2zexyz", serial, nvme=nvme) == path
