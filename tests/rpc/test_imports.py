"""What a process loads, it pays for at every call: methods load only what they use.

Each method is started as ``bin/cpi`` starts it, and Python itself tells what it imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.rpc.methods import METHODS
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names

# As the package's app directory: the CPI and what it needs, and no site module that finds them.
STARTING = """
import sys
sys.path[:0] = {paths}
from alicloud_cpi.__main__ import start
start()
"""

# All that info needs of the standard library, of which `os` brings the most.
ENOUGH_FOR_INFO = {
    "__future__",
    "_collections_abc",
    "_json",
    "_stat",
    "gc",
    "genericpath",
    "os",
    "posixpath",
    "resource",
    "stat",
    "time",
}

# What no method loads that ends well, with what it costs in ms where that is much: email comes
# with http.client and urllib.request, which the SDKs load.
FOR_NO_METHOD = (
    "aliyunsdkcore",  # 115
    "aliyunsdkecs",
    "asyncio",
    "attr",
    "cryptography",
    "dataclasses",  # 17
    "email",  # 12
    "encodings.idna",
    "http",
    "inspect",
    "jsonschema",  # 76
    "logging",  # 14
    "multiprocessing",
    "oss2",  # 224
    "requests",  # 95
    "rpds",
    "subprocess",
    "tempfile",
    "tenacity",  # 33
    "threading",
    "traceback",
    "unittest",
    "urllib.request",
    "urllib3",
    "xml",
)


def started(cpi: Cpi, method: str, *arguments: Any) -> tuple[Any, set[str]]:
    """Run one call that ends well; return its result, and the modules that its process loads."""
    paths = [str(SOURCE), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    command = [sys.executable, "-I", "-S", "-X", "importtime", "-c", STARTING.format(paths=paths)]
    done = subprocess.run(
        [*command, "--config", str(cpi.path)],
        input=cpi.request(method, arguments),
        capture_output=True,
        env=DIRECTORS_ENVIRONMENT,
        check=True,
        timeout=60,
    )
    answer = json.loads(done.stdout)
    assert answer["error"] is None
    lines = done.stderr.decode().splitlines()
    modules = [line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")]
    # What comes before is the interpreter's own; what follows was asked for.
    return answer["result"], set(modules[modules.index("alicloud_cpi") :])


def below(modules: Iterable[str], packages: Iterable[str]) -> list[str]:
    """Return the modules that are one of these packages or in it."""
    return sorted(
        module
        for module in modules
        if any(module == package or module.startswith(f"{package}.") for package in packages)
    )


class Story:
    """A VM and its disk from nothing to nothing, each method a process that tells its modules."""

    def __init__(self, cpi: Cpi) -> None:
        self._cpi = cpi
        self.loaded: dict[str, set[str]] = {}

    def call(self, method: str, *arguments: Any) -> Any:
        """Make one call, note what it loads and return its result."""
        result, modules = started(self._cpi, method, *arguments)
        self.loaded[method] = self.loaded.get(method, set()) | modules
        return result

    def play(self, vms: Vms, names: Names) -> None:
        """Call every method at least once."""
        self.call("info")
        self.call(
            "calculate_vm_cloud_properties", {"cpu": 2, "ram": 4096, "ephemeral_disk_size": 1}
        )
        stemcell = self.call("create_stemcell", "", {"image_id": {"cn-beijing": names.image}})
        vm, _ = self.call("create_vm", *vms.arguments())
        self.call("has_vm", vm)
        self.call("set_vm_metadata", vm, {"name": "db/0"})
        disk = self.call("create_disk", 20480, {"category": "cloud_essd"}, vm)
        self.call("has_disk", disk)
        self.call("attach_disk", vm, disk)
        self.call("get_disks", vm)
        self.call("set_disk_metadata", disk, {"index": 0})
        self.call("delete_snapshot", self.call("snapshot_disk", disk, {"deployment": "cf"}))
        self.call("reboot_vm", vm)
        self.call("detach_disk", vm, disk)
        self.call("resize_disk", disk, 40960)
        self.call("update_disk", disk, 61440, {"category": "cloud_essd"})
        self.call("delete_vm", vm)
        self.call("delete_disk", disk)
        self.call("delete_stemcell", stemcell)


def test_methods_that_end_well_load_nothing_heavy(
    cpi: Cpi, sim: Simulator, vms: Vms, names: Names
) -> None:
    """Whoever imports one of these at the top of a module finds it here, by the method it slows."""
    sim.resume()
    sim.set_pace("instant", grace=0.2, instance__reboot=1)
    story = Story(cpi)
    story.play(vms, names)
    assert set(story.loaded) == set(METHODS)
    heavy = {method: below(found, FOR_NO_METHOD) for method, found in story.loaded.items()}
    assert {method: found for method, found in heavy.items() if found} == {}


def test_info_loads_next_to_nothing(cpi: Cpi) -> None:
    """Half of all processes are info: not even json or typing, nor what is ours for the cloud."""
    _, modules = started(cpi, "info")
    ours = set(below(modules, ["alicloud_cpi"]))
    assert modules - ours <= ENOUGH_FOR_INFO
    assert (
        below(ours, [f"alicloud_cpi.{name}" for name in ("cloud", "config", "props", "agent")])
        == []
    )


def test_has_vm_loads_one_service(cpi: Cpi) -> None:
    """No other resource's, no load balancers, no properties."""
    _, modules = started(cpi, "has_vm", "i-1")
    folder = "alicloud_cpi.cloud."
    services = {name.removeprefix(folder) for name in modules if name.startswith(folder)}
    assert {name for name in services if "." not in name} == {
        *("instances", "keys", "lookup", "wait", "wire")
    }
    assert below(modules, ["alicloud_cpi.props", "json", "typing", "urllib"]) == []


def test_a_request_that_failed_once_may_load_tenacity(cpi: Cpi, sim: Simulator) -> None:
    """The guard above would notice: repeating is what tenacity is for."""
    sim.add_fault(kind="error", code="Throttling", action="DescribeDisks")
    sim.resume()
    assert below(started(cpi, "has_disk", "d-1")[1], ["tenacity"])


@pytest.mark.parametrize("method", METHODS)
def test_an_action_can_be_imported_alone(method: str) -> None:
    """Nothing has to be imported before it, and it pulls in nothing heavy."""
    code = (
        f"import sys, alicloud_cpi.actions.{method} as action; action.run; "
        "print(' '.join(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    modules = done.stdout.decode().split()
    assert below(modules, FOR_NO_METHOD) == []
    others = {name for name in modules if name.startswith("alicloud_cpi.actions.")}
    assert others == {f"alicloud_cpi.actions.{method}"}
