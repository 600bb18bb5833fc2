"""A process loads only what its call uses, and importing a module does nothing else.

Each method is started as ``bin/cpi`` starts it, and Python reports what it imports.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.rpc.dispatcher import METHODS
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE
from support.stemcells import KIB, image, properties, tarball

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names

# The search path of the release: the CPI and its packages, without a site module.
STARTING = """
import sys
sys.path[:0] = {paths}
from alicloud_cpi.__main__ import start
start()
"""

# No call loads these: HTTP libraries that the SDKs bundle or that only uploads need, and what costs
# much time and is not needed.
NEVER = (
    "aliyunsdkcore.client",
    "aliyunsdkcore.vendored.requests",
    "aliyunsdkkms",
    "asyncio",
    "cryptography",
    "multiprocessing",
    "subprocess",
    "unittest",
)
ONLY_FOR_UPLOADS = ("oss2", "requests", "urllib3")

# Calls that carry cloud_properties take seconds: they may spend 76 ms on the validator.
VALIDATING = {"create_disk", "create_network", "create_stemcell", "create_vm", "update_disk"}

# The services that a few methods need, and for which of them they are loaded in ``Story``.
SPECIAL_SERVICES = {
    "alb": set(),
    "agent_settings": {"attach_disk", "create_vm", "detach_disk"},
    "clb": set(),
    "image_imports": {"create_stemcell"},
    "images": {"create_stemcell", "create_vm", "delete_stemcell"},
    "instance_request": {"create_vm"},
    "instance_types": {"attach_disk", "calculate_vm_cloud_properties"},
    "eips": {"create_vm", "delete_vm"},
    "network_interfaces": {"create_vm", "delete_vm"},
    "nlb": set(),
    "server_groups": set(),
    "snapshots": {"delete_snapshot", "snapshot_disk"},
    "security_groups": set(),
    "vswitches": {"create_network", "delete_network"},
}
SDK = (
    "aliyunsdkcore",
    "aliyunsdkecs",
    "aliyunsdkalb",
    "aliyunsdknlb",
    "aliyunsdkslb",
    "aliyunsdksts",
    "aliyunsdkvpc",
)


def started(cpi: Cpi, method: str, *arguments: Any) -> tuple[Any, set[str]]:
    """Run one call that succeeds; return its result, and the modules that its process loads."""
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
    response = json.loads(done.stdout)
    assert response["error"] is None
    lines = done.stderr.decode().splitlines()
    modules = [line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")]
    # Those before are the interpreter's own.
    return response["result"], set(modules[modules.index("alicloud_cpi") :])


def below(modules: Iterable[str], packages: Iterable[str]) -> list[str]:
    """Return the modules that are one of these packages or in it."""
    return sorted(
        module
        for module in modules
        if any(module == package or module.startswith(f"{package}.") for package in packages)
    )


class Story:
    """A VM and its disk from create to delete, each method in a process of its own."""

    def __init__(self, cpi: Cpi) -> None:
        self._cpi = cpi
        self.loaded: dict[str, set[str]] = {}

    def call(self, method: str, *arguments: Any) -> Any:
        """Make one call, record what it loads and return its result."""
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
        wanted = {"vpc_id": self._cpi.sim.world.constants["cn-beijing.vpc"]}
        subnet = {"type": "manual", "range": "10.0.9.0/24", "cloud_properties": wanted}
        self.call("delete_network", self.call("create_network", subnet)[0])


def test_each_method_loads_only_what_it_uses(
    cpi: Cpi, sim: Simulator, vms: Vms, names: Names
) -> None:
    """An import at the top of a module that should be where it is used is found here."""
    sim.resume()
    sim.set_pace("instant", grace=0.2, instance__reboot=1)
    story = Story(cpi)
    story.play(vms, names)
    assert set(story.loaded) == set(METHODS)
    for method, modules in story.loaded.items():
        assert below(modules, (*NEVER, *ONLY_FOR_UPLOADS)) == [], method
        assert bool(below(modules, ["jsonschema"])) is (method in VALIDATING), method
        special = {
            service for service in SPECIAL_SERVICES if f"alicloud_cpi.services.{service}" in modules
        }
        expected = {service for service, users in SPECIAL_SERVICES.items() if method in users}
        assert special == expected, method


def test_info_loads_nothing_for_the_cloud(cpi: Cpi) -> None:
    """Half of all processes are info: no SDK, no logging, no dataclasses, no network module."""
    _, modules = started(cpi, "info")
    assert below(modules, (*SDK, "tenacity", "jsonschema", "oss2", "requests")) == []
    assert below(modules, ("logging", "traceback")) == []
    if sys.version_info[:2] != (3, 14):  # whose argparse loads them for its colours
        assert below(modules, ("dataclasses", "inspect")) == []
    assert below(modules, ("socket", "ssl", "http", "urllib", "email", "selectors")) == []
    ours = {name.removeprefix("alicloud_cpi.") for name in below(modules, ["alicloud_cpi"])}
    for package in ("services", "cloud_properties", "oss", "stemcell", "config", "logs"):
        assert below(ours, [package]) == []
    assert below(ours, ["aliyun"]) == ["aliyun", "aliyun.sdk"]


def test_has_vm_loads_the_sdk_and_one_service(cpi: Cpi) -> None:
    """The request classes and the signer of the SDK, and none of the HTTP libraries with it."""
    _, modules = started(cpi, "has_vm", "i-1")
    assert {"aliyunsdkcore.request", "aliyunsdkcore.auth.signers.access_key_signer"} <= modules
    assert "aliyunsdkecs.request.v20140526.DescribeInstancesRequest" in modules
    assert below(modules, SDK[2:]) == []
    assert below(modules, (*NEVER, *ONLY_FOR_UPLOADS, "jsonschema")) == []
    assert below(modules, ["alicloud_cpi.services"]) == [
        "alicloud_cpi.services",
        "alicloud_cpi.services.instance",
        "alicloud_cpi.services.instance_attributes",
        "alicloud_cpi.services.instances",
    ]
    assert below(modules, ["alicloud_cpi.cloud_properties", "alicloud_cpi.oss"]) == []


def test_an_upload_loads_oss2_without_the_sdks_bundled_http(
    cpi: Cpi, sim: Simulator, tmp_path: Path
) -> None:
    """oss2 imports its client-side encryption, which would load the bundled libraries."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    path = tarball(tmp_path, image(300 * KIB))
    _, modules = started(cpi, "create_stemcell", path, properties())
    assert {"oss2", "requests"} <= modules
    assert below(modules, NEVER[:2]) == []


# Imports without side effects

IMPORTING = """
import logging, os, pkgutil, signal, sys, threading, warnings
from importlib import import_module
import alicloud_cpi
from alicloud_cpi.aliyun.sdk import exclude_bundled_http
assert "aliyunsdkcore.vendored.requests" not in sys.modules
exclude_bundled_http()
# What other packages do when they are imported is not ours.
import dataclasses, http.client, oss2, ssl, requests, jsonschema, tenacity, yaml, zlib_ng
import aliyunsdkcore.request, aliyunsdkcore.auth.signers.access_key_signer
import aliyunsdkcore.auth.signers.sts_token_signer
import aliyunsdkcore.endpoint.endpoint_resolver_rules

def state():
    loggers = logging.Logger.manager.loggerDict
    configured = {
        name: (logger.level, logger.handlers[:], logger.filters[:], logger.propagate)
        for name, logger in {"": logging.getLogger(), **loggers}.items()
        if isinstance(logger, logging.Logger)
        and not (name.startswith("alicloud_cpi") and not (logger.level or logger.handlers))
    }
    return [
        configured,
        dict(os.environ),
        [signal.getsignal(number) for number in signal.valid_signals()],
        threading.enumerate(),
        warnings.filters[:],
        sys.path[:],
        sys.meta_path[:],
        sys.excepthook,
        sys.stdout,
        sys.stderr,
        os.getcwd(),
        os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else [],
    ]

done = []

def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.putenv", "os.remove", "os.mkdir")):
        done.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        done.append(f"open {arguments[0]}")

sys.dont_write_bytecode = True
before = state()
sys.addaudithook(watch)
for module in pkgutil.walk_packages(alicloud_cpi.__path__, "alicloud_cpi."):
    import_module(module.name)
assert done == [], done
for was, now in zip(before, state(), strict=True):
    assert was == now, (was, now)
"""


def test_importing_a_module_does_nothing_else() -> None:
    """So the order of imports does not matter, and CPython 3.15 may make them lazily.

    No file, connection, thread, handler, setting of logging or of the process.
    """
    done = _python(IMPORTING)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("method", METHODS)
def test_an_action_can_be_imported_alone(method: str) -> None:
    """Nothing has to be imported before it, and it imports no other action."""
    done = _python(
        "import sys; from alicloud_cpi.aliyun.sdk import exclude_bundled_http\n"
        f"exclude_bundled_http(); import alicloud_cpi.actions.{method} as action; action.run\n"
        "print(' '.join(sorted(sys.modules)))"
    )
    modules = done.stdout.split()
    assert below(modules, ("oss2.api", *ONLY_FOR_UPLOADS[1:], "jsonschema")) == []
    others = {name for name in modules if name.startswith("alicloud_cpi.actions.")}
    assert others - {"alicloud_cpi.actions.common"} == {f"alicloud_cpi.actions.{method}"}


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=False,
        timeout=60,
    )


# Plain Python


def test_no_private_module_is_imported() -> None:
    """Such as ``_json``, ``_signal`` and ``posix``: ``json``, ``signal`` and ``os`` serve."""
    private = {
        f"{path.relative_to(SOURCE)}: {name}"
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        for name in _imported(node)
        if name == "posix" or (name.startswith("_") and name != "__future__")
    }
    assert private == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [str(node.module)]
    return []


def test_type_checking_is_typings() -> None:
    """A module of its own with ``TYPE_CHECKING = False`` would save milliseconds."""
    assert [
        str(path.relative_to(SOURCE))
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        and "TYPE_CHECKING" in ast.unparse(node).partition("=")[0]
    ] == []
