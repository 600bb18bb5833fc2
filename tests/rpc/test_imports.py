"""What a process loads, it pays for at every call: methods load only what they use."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi.rpc.methods import METHODS
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alicloud_sim import Simulator
    from support.cpi import Cpi

# Answers the request on stdin, then tells on stderr which modules that loaded.
TELLING = """
import sys
before = set(sys.modules)
from alicloud_cpi.__main__ import main
status = main(sys.argv[1:])
sys.stderr.write("\\nLOADED " + " ".join(sorted(set(sys.modules) - before)))
sys.exit(status)
"""

HEAVY = ("oss2", "jsonschema", "tenacity", "requests", "urllib3", "cryptography", "asyncio")
NEVER_FOR_INFO = (*HEAVY, "aliyunsdkcore", "logging", "ssl", "http", "socket", "email", "tempfile")


def loaded(cpi: Cpi, method: str, *arguments: str) -> set[str]:
    """Return the modules that a process loads for one call that ends well."""
    done = subprocess.run(
        [sys.executable, "-c", TELLING, "--config", str(cpi.path)],
        input=cpi.request(method, arguments),
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout)["error"] is None
    return set(done.stderr.decode().rpartition("LOADED ")[2].split())


def below(modules: Iterable[str], packages: Iterable[str]) -> list[str]:
    """Return the modules that are one of these packages or in it."""
    return sorted(
        module
        for module in modules
        if any(module == package or module.startswith(f"{package}.") for package in packages)
    )


def test_info_loads_no_sdk_no_network_and_no_logging(cpi: Cpi) -> None:
    """Half of all processes are info: each of these costs more than the answer itself."""
    modules = loaded(cpi, "info")
    assert below(modules, NEVER_FOR_INFO) == []
    assert below(modules, ["alicloud_cpi.cloud", "alicloud_cpi.props", "alicloud_cpi.agent"]) == []


def test_has_vm_loads_one_service_and_one_request_class(cpi: Cpi) -> None:
    """No oss2, no load balancers, no validator, no tenacity: nothing failed and nothing waits."""
    modules = loaded(cpi, "has_vm", "i-1")
    assert below(modules, HEAVY) == []
    assert below(modules, ["aliyunsdkslb", "aliyunsdknlb", "aliyunsdkvpc", "aliyunsdksts"]) == []
    assert below(modules, ["alicloud_cpi.props", "alicloud_cpi.agent"]) == []
    requests = [name for name in modules if name.endswith("Request")]
    assert requests == ["aliyunsdkecs.request.v20140526.DescribeInstancesRequest"]
    services = below(modules, ["alicloud_cpi.cloud.disks", "alicloud_cpi.cloud.images"])
    assert services == []


def test_has_vm_loads_nothing_of_the_sdks_client(cpi: Cpi) -> None:
    """Its client and its bundled copy of requests are not used, so they are not loaded."""
    modules = loaded(cpi, "has_vm", "i-1")
    client = ("aliyunsdkcore.client", "aliyunsdkcore.http.http_response")
    assert below(modules, client) == []
    bundled = below(modules, ["aliyunsdkcore.vendored.requests"])
    assert bundled == [
        "aliyunsdkcore.vendored.requests",
        "aliyunsdkcore.vendored.requests.structures",
    ]


def test_a_request_that_failed_once_may_load_tenacity(cpi: Cpi, sim: Simulator) -> None:
    """The guard above would notice: repeating is what tenacity is for."""
    sim.add_fault(kind="error", code="Throttling", action="DescribeDisks")
    sim.resume()
    assert below(loaded(cpi, "has_disk", "d-1"), ["tenacity"])


@pytest.mark.parametrize("method", METHODS)
def test_an_action_can_be_imported_alone(method: str) -> None:
    """Nothing has to be imported before it, and it pulls in neither SDK nor network."""
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
    assert below(modules, [*HEAVY, "aliyunsdkcore", "aliyunsdkecs"]) == []
    others = {name for name in modules if name.startswith("alicloud_cpi.actions.")}
    assert others == {f"alicloud_cpi.actions.{method}"}
