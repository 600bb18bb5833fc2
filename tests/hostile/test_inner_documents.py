"""JSON documents inside of answers: a VM's user data, and the credentials of an instance's role.

Whatever they are, the error says what is wrong with them, and nothing has been changed.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from support.hostile import VALUES, judged
from support.raw_server import RawServer

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

DEEP = "[" * 12000
NO_JSON = [
    DEEP,
    DEEP + "]" * 12000,
    "",
    "#cloud-config",
    "\ufffd",
    '{"agent_id": "agent-1"',
    "null",
]
DISKS = [
    *([1], "disks", 7, True),
    *({"persistent": found} for found in ([1], [["a", "b"]], "disks", 7, True)),
]
SETTINGS = [*NO_JSON, *(json.dumps({"agent_id": "agent-1", "disks": disks}) for disks in DISKS)]

KEYS = {
    "Code": "Success",
    "AccessKeyId": "STS.key",
    "AccessKeySecret": "secret-of-the-role",
    "SecurityToken": "token-of-the-role",
    "Expiration": "2099-01-01T00:00:00Z",
}
SESSIONS = [
    *NO_JSON,
    "[]",
    '"Success"',
    *(json.dumps({**KEYS, name: 7}) for name in KEYS),
    *(json.dumps({**KEYS, name: None}) for name in KEYS),
    *(json.dumps({**KEYS, name: "two\r\nlines"}) for name in KEYS),
    json.dumps({**KEYS, "Expiration": "2099-01-01"}),
    json.dumps({**KEYS, "Expiration": "99999-01-01T00:00:00Z"}),
    json.dumps(KEYS)[:-1] + f', "More": {DEEP}' + "]" * 12000 + "}",
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda text: text[:48])
@pytest.mark.parametrize("method", ["attach_disk", "detach_disk"])
def test_settings(cpi: Cpi, storage: Storage, sim: Simulator, method: str, settings: str) -> None:
    """The agent of an old stemcell reads its disks from there."""
    cpi.stemcell_api_version = 1
    vm = storage.vm(user_data=base64.b64encode(settings.encode()).decode())
    disk = storage.attached(vm) if method == "detach_disk" else storage.disk()
    answer = judged(cpi.call(method, vm, disk))
    assert answer.message == f"VM '{vm}' has no agent settings in its user data"
    assert [call["action"] for call in sim.calls() if "Describe" not in call["action"]] == []


@given(disks=VALUES)
def test_any_disks_in_settings(cpi: Cpi, storage: Storage, disks: Any) -> None:
    """The disk is written where it can be read, else nothing is."""
    cpi.stemcell_api_version = 1
    vm, disk = storage.vm({"agent_id": "agent-1", "disks": disks}), storage.disk()
    answer = judged(cpi.call("attach_disk", vm, disk))
    if answer.error:
        assert storage.found(disk).status == "Available"
    else:
        assert storage.settings(vm)["disks"]["persistent"][disk] == answer.result


@pytest.mark.parametrize("document", SESSIONS, ids=lambda text: text[:48])
def test_credentials_of_a_role(cpi: Cpi, sim: Simulator, document: str) -> None:
    """Nothing is signed with what is not all of a key."""
    body = document.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with RawServer(head + body) as metadata:
        cpi.configure(
            access_key_id=None,
            access_key_secret=None,
            security_token=None,
            credential_source="ecs_ram_role",
            ram_role_name="bosh-cpi",
            metadata_endpoint=f"http://127.0.0.1:{metadata.port}",
        )
        answer = judged(cpi.call("has_disk", "d-2zedisk"))
    assert answer.type == "CloudError"
    assert "metadata service" in answer.message
    assert "secret-of-the-role" not in answer.message + answer.stderr
    assert sim.calls() == []
