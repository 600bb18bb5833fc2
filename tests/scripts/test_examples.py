"""Every request in examples/ works as it is shipped, in the order of a VM's life."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

from docs.documents import ROOT

if TYPE_CHECKING:
    from docs.sandbox import Sandbox

# The requests in an order in which each finds what it needs.
ORDER = (
    *("info", "calculate_vm_cloud_properties", "create_stemcell"),
    *("create_vm", "has_vm", "set_vm_metadata"),
    *("create_disk", "has_disk", "attach_disk", "set_disk_metadata", "get_disks"),
    *("snapshot_disk", "reboot_vm", "detach_disk", "delete_snapshot", "resize_disk", "update_disk"),
    *("delete_disk", "delete_vm", "delete_stemcell", "create_network", "delete_network"),
)

KINDS = ("image", "instance", "disk", "snapshot", "eni", "vswitch")

# What a later request takes of an earlier one's result.
CIDS = {
    "create_vm": "vm_cid",
    "create_disk": "disk_cid",
    "snapshot_disk": "snapshot_cid",
    "create_network": "network_cid",
}


def records(port: int) -> dict[str, list[str]]:
    """Return the ids of what the calls make in the simulated cloud."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sim/state") as response:
        found = json.load(response)["records"]
    return {kind: sorted(found.get(kind, ())) for kind in KINDS}


def test_no_example_is_left_out() -> None:
    """A new one needs its place in the order."""
    assert sorted(ORDER) == sorted(path.stem for path in (ROOT / "examples").glob("*.json"))


def test_all_examples_work_in_order(sandbox: Sandbox) -> None:
    """With scripts/call, and the cloud is afterwards as it was before."""
    sandbox.run("./scripts/simulate --pace fast")
    before = records(sandbox.port)
    values: dict[str, Any] = {}
    for method in ORDER:
        path = f"examples/{method}.json"
        text = (ROOT / path).read_text()
        taken = [f"{name}={cid}" for name, cid in values.items() if f'"<{name}>"' in text]
        done = sandbox.start("call", path, *taken)
        assert done.returncode == 0, done.stderr
        response = json.loads(done.stdout)
        assert response["error"] is None, f"{method}: {response['error']}"
        if method in CIDS:
            result = response["result"]
            values[CIDS[method]] = result[0] if isinstance(result, list) else result
    assert records(sandbox.port) == before
