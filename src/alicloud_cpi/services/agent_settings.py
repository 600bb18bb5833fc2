"""The agent's settings in a VM's user data, and the device paths in them.

With a stemcell of API version 2 the settings are complete when the VM is created and never change.
An older agent learns of persistent disks from them when it boots (contract section 3).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from aliyunsdkecs.request.v20140526.DescribeUserDataRequest import DescribeUserDataRequest
from aliyunsdkecs.request.v20140526.ModifyInstanceAttributeRequest import (
    ModifyInstanceAttributeRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.config import AgentConfig
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.instance import Instance

SYSTEM_DISK = "/dev/vda"

_VIRTIO = "/dev/disk/by-id/virtio-{}"
_NVME = "/dev/disk/by-id/nvme-Alibaba_Cloud_Elastic_Block_Storage_{}"

# Bytes before Base64 (semantics.md section 4, "User data").
MAX_USER_DATA = 32 * 1024


def device_path(disk_id: str, serial_number: str, *, nvme: bool) -> str:
    """Return the stable link to a disk inside a VM (semantics.md section 5, "Devices").

    Disks created before June 2020 have no serial number; the id without ``d-`` is used.
    """
    return (_NVME if nvme else _VIRTIO).format(serial_number or disk_id.removeprefix("d-"))


def build_settings(
    *,
    agent_id: str,
    vm_cid: str,
    networks: Mapping[str, Any],
    ephemeral_path: str,
    env: Mapping[str, Any] | None,
    agent: AgentConfig,
    links: Mapping[str, Mapping[str, Any]] | None = None,
    raw_paths: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the settings of a new VM.

    Networks keep every field of the request but cloud_properties, and env is passed whole: the
    agent knows what it reads of them.

    :param links: further fields by network, such as the MAC address of its interface
    :param ephemeral_path: empty for a VM without an ephemeral disk
    :param raw_paths: local disks, which the agent partitions and leaves to the jobs
    """
    disks: dict[str, Any] = {"system": SYSTEM_DISK, "persistent": {}}
    if ephemeral_path:
        disks["ephemeral"] = ephemeral_path
    if raw_paths:
        disks["raw_ephemeral"] = [{"path": path} for path in raw_paths]
    return {
        "agent_id": agent_id,
        "vm": {"name": vm_cid},
        "mbus": agent.mbus,
        "ntp": agent.ntp,
        "blobstore": agent.blobstore,
        "networks": {
            name: {
                **{key: value for key, value in network.items() if key != "cloud_properties"},
                **(links or {}).get(name, {}),
            }
            for name, network in networks.items()
        },
        "disks": disks,
        "env": dict(env or {}),
    }


def with_disk(settings: Mapping[str, Any], disk_cid: str, path: str) -> dict[str, Any]:
    """Return the settings with a persistent disk added."""
    return _with_persistent(settings, {**_persistent(settings), disk_cid: path})


def without_disk(settings: Mapping[str, Any], disk_cid: str) -> dict[str, Any]:
    """Return the settings without a persistent disk."""
    rest = {cid: path for cid, path in _persistent(settings).items() if cid != disk_cid}
    return _with_persistent(settings, rest)


def encode_settings(settings: Mapping[str, Any]) -> bytes:
    """Return settings as bytes.

    :raises CloudError: they are longer than user data may be
    """
    raw = json.dumps(settings).encode()
    if len(raw) > MAX_USER_DATA:
        raise CloudError(
            f"The agent settings take {len(raw)} bytes, user data holds at most {MAX_USER_DATA}: "
            "shorten env (certificates, blobstores, tags)"
        )
    return raw


class AgentSettings:
    """The settings in the user data of instances."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, vm: Instance) -> dict[str, Any]:
        """Return the settings of a VM.

        :raises CloudError: there are none, or they cannot be read: nothing may be written then
        """
        request = DescribeUserDataRequest()
        request.set_InstanceId(vm.id)
        user_data = self._client.send(request, vm.region).text("UserData")
        try:
            settings = json.loads(base64.b64decode(user_data))
        except (ValueError, RecursionError):
            settings = None
        if not _are_settings(settings):
            raise CloudError(f"VM '{vm.id}' has no agent settings in its user data")
        return settings

    def write(self, vm: Instance, settings: Mapping[str, Any]) -> None:
        """Replace the settings of a stopped VM; its agent reads them when it boots."""
        request = ModifyInstanceAttributeRequest()
        request.set_InstanceId(vm.id)
        request.set_UserData(base64.b64encode(encode_settings(settings)).decode())
        self._client.send(request, vm.region, idempotent=True)


def _are_settings(document: object) -> TypeGuard[dict[str, Any]]:
    """Whether a document can be settings: it names the agent, and disks can be added to it."""
    if not isinstance(document, dict) or not document.get("agent_id"):
        return False
    disks = document.get("disks") or {}
    return isinstance(disks, dict) and isinstance(disks.get("persistent") or {}, dict)


def _persistent(settings: Mapping[str, Any]) -> dict[str, Any]:
    return dict((settings.get("disks") or {}).get("persistent") or {})


def _with_persistent(settings: Mapping[str, Any], disks: dict[str, Any]) -> dict[str, Any]:
    return {**settings, "disks": {**(settings.get("disks") or {}), "persistent": disks}}
