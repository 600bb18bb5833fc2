"""What the agent of a new VM finds in its user data: complete, and never changed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names

ENV: dict[str, Any] = {
    "bosh": {
        "tags": {"a": "b"},
        "group": "director-cf-web",
        "groups": ["director", "cf", "web"],
        "mbus": {"cert": {"ca": "CA", "certificate": "CERT", "private_key": "KEY"}},
        "password": "$6$hash",
        "blobstores": [{"provider": "dav", "options": {"tls": {"cert": {"ca": "CA"}}}}],
        "agent": {"settings": {"tmpfs": True, "job_dir": {"tmpfs": True}}},
        "parallel": 7,
        "swap_size": 0,
        "authorized_keys": ["ssh-rsa A"],
        "persistent_disk_mount_options": ["noatime"],
        "ipv6": {"enable": True},
    },
    "persistent_disk_fs": "xfs",
}


def test_full_settings(vms: Vms, names: Names) -> None:
    """The settings hold all that the agent reads; env is passed on whole."""
    networks = names.networks()
    networks["private"].update(nic_group="0", new_field={"x": 1})
    cid = vms.make(networks=networks, env=ENV, ephemeral_disk={"size": 20480})
    serial = vms.data_disk(cid).serial_number
    expected = dict(networks["private"])
    del expected["cloud_properties"]
    assert vms.settings(cid) == {
        "agent_id": "agent-1",
        "vm": {"name": cid},
        "mbus": "nats://127.0.0.1:4222",
        "ntp": ["0.pool.ntp.org"],
        "blobstore": {
            "provider": "dav",
            "options": {
                "endpoint": "http://127.0.0.1:25250",
                "user": "agent",
                "password": "agent",
            },
        },
        "networks": {"private": expected},
        "disks": {
            "system": "/dev/vda",
            "ephemeral": f"/dev/disk/by-id/virtio-{serial}",
            "persistent": {},
        },
        "env": ENV,
    }


@pytest.mark.parametrize("env", [None, {}])
def test_no_env(vms: Vms, env: dict[str, Any] | None) -> None:
    """Without env the agent finds an empty one."""
    assert vms.settings(vms.make(env=env))["env"] == {}


def test_text_in_other_scripts(vms: Vms) -> None:
    """Text that is no ASCII arrives as it was sent."""
    env = {"bosh": {"tags": {"владелец": "北京"}}}
    assert vms.settings(vms.make(env=env))["env"] == env


def test_settings_are_there_before_the_first_boot(vms: Vms, sim: Simulator) -> None:
    """The agent reads its settings when it boots: they are written before the VM starts."""
    vms.make()
    actions = [call["action"] for call in sim.calls()]
    assert actions.index("ModifyInstanceAttribute") < actions.index("StartInstance")


def test_largest_settings(vms: Vms) -> None:
    """Settings of nearly 32 KB, such as certificates make, fit."""
    env = {"bosh": {"certs": "x" * 31000}}
    assert vms.settings(vms.make(env=env))["env"] == env


def test_settings_that_do_not_fit(vms: Vms, sim: Simulator) -> None:
    """Settings longer than user data may be are refused before anything is made."""
    answer = vms.create(env={"bosh": {"certs": "x" * 33000}})
    assert answer.type == "VMCreationFailed"
    assert "user data holds at most 32768" in answer.message
    assert not answer.ok_to_retry
    assert sim.calls("CreateInstance") == []


def test_no_metadata_token_is_asked_for(vms: Vms) -> None:
    """Stock stemcells read user data without a token: a VM that demands one never comes up."""
    assert vms.vm(vms.make()).http_tokens == "optional"


def test_old_stemcells(vms: Vms, cpi: Cpi) -> None:
    """A VM of an old stemcell is made in the same way: its disks are added when attached."""
    cpi.api_version, cpi.stemcell_api_version = 1, None
    assert vms.settings(vms.make())["disks"]["persistent"] == {}
