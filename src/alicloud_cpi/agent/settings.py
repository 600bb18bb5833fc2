"""The agent's settings, as they lie in a VM's user data.

With stemcell api_version 2 they are complete when the VM is made and never change. An older
agent learns of persistent disks from them at boot (contract section 3).
"""

from __future__ import annotations

from alicloud_cpi.agent.device import SYSTEM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from alicloud_cpi.config import Agent


def settings(
    *,
    agent_id: str,
    vm_cid: str,
    networks: Mapping[str, Any],
    ephemeral_path: str,
    env: Mapping[str, Any] | None,
    agent: Agent,
) -> dict[str, Any]:
    """Return a new VM's settings; ``ephemeral_path`` is empty for a VM without such a disk.

    Networks carry every field of the request but cloud_properties, and env is passed on whole:
    what the agent reads of them is for the agent to know.
    """
    disks: dict[str, Any] = {"system": SYSTEM, "persistent": {}}
    if ephemeral_path:
        disks["ephemeral"] = ephemeral_path
    return {
        "agent_id": agent_id,
        "vm": {"name": vm_cid},
        "mbus": agent.mbus,
        "ntp": agent.ntp,
        "blobstore": agent.blobstore,
        "networks": {
            name: {key: value for key, value in network.items() if key != "cloud_properties"}
            for name, network in networks.items()
        },
        "disks": disks,
        "env": dict(env or {}),
    }


def with_disk(current: Mapping[str, Any], disk_cid: str, path: str) -> dict[str, Any]:
    """Return the settings with a persistent disk in them."""
    return _with_persistent(current, {**_persistent(current), disk_cid: path})


def without_disk(current: Mapping[str, Any], disk_cid: str) -> dict[str, Any]:
    """Return the settings without a persistent disk."""
    rest = {cid: path for cid, path in _persistent(current).items() if cid != disk_cid}
    return _with_persistent(current, rest)


def _persistent(current: Mapping[str, Any]) -> dict[str, Any]:
    return dict((current.get("disks") or {}).get("persistent") or {})


def _with_persistent(current: Mapping[str, Any], disks: dict[str, Any]) -> dict[str, Any]:
    return {**current, "disks": {**(current.get("disks") or {}), "persistent": disks}}
