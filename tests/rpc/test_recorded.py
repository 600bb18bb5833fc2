"""Requests as real callers word them are understood, whatever becomes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.cpi import Cpi

Request = dict[str, Any]

RECORDED: list[Request] = json.loads(
    (Path(__file__).parents[1] / "data" / "bosh-cli-requests.json").read_bytes()
)

# Answers that would mean that the request was not understood.
NOT_UNDERSTOOD = ("CpiError", "NotImplemented", "NotSupported")


def by_the_director(request: Request) -> Request:
    """Word a recorded request as the Director would (contract section 1)."""
    method = request["method"]
    context = {**request["context"], "request_id": "cpi-000042"}
    if method not in ("create_vm", "delete_vm", "attach_disk", "detach_disk"):
        del context["vm"]
    worded = {**request, "context": context, "api_version": 3}
    if method == "info":
        del worded["api_version"]
    if method == "create_stemcell":
        worded["arguments"] = [*request["arguments"], {"tags": {"deployment": "d"}}]
    if method == "create_vm":
        agent_id, stemcell_cid, properties, networks, disk_cids, env = request["arguments"]
        networks = {name: {**given, "prefix": "24"} for name, given in networks.items()}
        bosh = {
            **env["bosh"],
            "group": "d-ig",
            "groups": ["d", "ig", "d-ig"],
            "mbus": {"cert": {"ca": "ca", "certificate": "cert", "private_key": "key"}},
            "blobstores": [{"provider": "dav", "options": {"user": "u", "password": "p"}}],
        }
        env = {"bosh": bosh}
        worded["arguments"] = [agent_id, stemcell_cid, properties, networks, disk_cids, env]
    return worded


def with_a_cpi_config(request: Request) -> Request:
    """Add a cpi-config entry's properties, flat in the context, as multi-CPI does."""
    entry = {"region": "cn-hangzhou", "availability_zone": "cn-hangzhou-h", "encrypted": False}
    return {**request, "context": {**request["context"], **entry}}


@pytest.mark.parametrize("request_", RECORDED, ids=lambda request: request["method"])
@pytest.mark.parametrize("caller", [dict, by_the_director, with_a_cpi_config])
def test_a_recorded_request_is_understood(cpi: Cpi, request_: Request, caller: Any) -> None:
    """As create-env sent it, as the Director words it, and with a cpi-config entry's properties."""
    answer = cpi.send(json.dumps(caller(request_)).encode())
    assert answer.type not in NOT_UNDERSTOOD, answer.message


def test_there_is_a_recorded_request_for_every_step_of_create_env() -> None:
    """The file keeps what the callers' life cycle consists of."""
    assert {request["method"] for request in RECORDED} == {
        "info",
        "create_stemcell",
        "create_vm",
        "set_vm_metadata",
        "create_disk",
        "attach_disk",
        "set_disk_metadata",
        "has_vm",
        "delete_vm",
        "detach_disk",
        "delete_disk",
        "delete_stemcell",
    }


def test_create_env_asks_for_info_with_version_1_and_reads_the_formats(cpi: Cpi) -> None:
    """It needs api_version >= 2 in the answer, and stemcell_formats to be there."""
    asked = next(request for request in RECORDED if request["method"] == "info")
    assert asked["api_version"] == 1
    result = cpi.send(json.dumps(asked).encode()).result
    assert result["api_version"] >= 2
    assert "general-tar" in result["stemcell_formats"]
