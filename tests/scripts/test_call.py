"""scripts/call: values are checked by name, and the simulator is found or missed at once."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from docs.sandbox import Sandbox

HAS_VM = "examples/has_vm.json"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((HAS_VM,), f"{HAS_VM} needs vm_cid=VALUE"),
        ((HAS_VM, "vm_id=i-1"), f"{HAS_VM} has no <vm_id>; it takes vm_cid=VALUE"),
        ((HAS_VM, "i-1"), "'i-1' is not NAME=VALUE"),
        (("examples/info.json", "vm_cid=i-1"), "has no <vm_cid>; it takes none"),
        (
            ("examples/attach_disk.json",),
            "examples/attach_disk.json needs vm_cid=VALUE disk_cid=VALUE",
        ),
        (("examples/no_such.json",), "examples/no_such.json cannot be read: No such file"),
        (("examples",), "examples cannot be read: Is a directory"),
        (("README.md",), "README.md is not JSON: Expecting value: line 1 column 1"),
    ],
)
def test_a_wrong_request_or_value_is_named(
    sandbox: Sandbox, words: tuple[str, ...], message: str
) -> None:
    """In one line with status 2; no call is made."""
    done = sandbox.start("call", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_simulator_it_says_how_to_start_one(sandbox: Sandbox) -> None:
    """There is no configuration yet."""
    done = sandbox.start("call", "examples/info.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "sim/cpi.json: start scripts/simulate in another terminal" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_configuration_that_is_not_there_is_named(sandbox: Sandbox) -> None:
    """CPI_JSON is used or refused, never passed over."""
    done = sandbox.start("call", "examples/info.json", CPI_JSON="my/cpi.json")
    assert done.returncode == 2
    assert done.stderr == ("scripts/call: CPI_JSON names my/cpi.json, and there is no such file\n")


def test_a_simulator_that_has_ended_is_missed_at_once(sandbox: Sandbox) -> None:
    """Its configuration stays; the CPI would try to reach it for two minutes."""
    sandbox.run("./scripts/simulate")
    sandbox.stop_simulator()
    start = time.monotonic()
    done = sandbox.start("call", HAS_VM, "vm_cid=i-1")
    assert time.monotonic() - start < 5
    assert (done.returncode, done.stdout) == (1, "")
    assert f"no simulator runs: nothing listens on 127.0.0.1:{sandbox.port}" in done.stderr


def test_it_finds_the_simulator_from_any_folder(sandbox: Sandbox, tmp_path: Path) -> None:
    """And says on stderr which configuration it uses; stdout has the response alone."""
    sandbox.run("./scripts/simulate")
    (tmp_path / "elsewhere").mkdir()
    request = (tmp_path / HAS_VM).read_text()
    done = sandbox.start("call", "-", "vm_cid=i-1", folder="elsewhere", stdin=request)
    assert done.stderr.splitlines()[0] == f"scripts/call: using {tmp_path}/sim/cpi.json"
    assert json.loads(done.stdout) == {"result": False, "error": None, "log": ""}


def test_a_configuration_can_be_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """CPI_JSON goes before sim/cpi.json, also with a path from where one is."""
    sandbox.run("./scripts/simulate --dir other")
    request = json.dumps({"method": "info", "arguments": [], "context": {}})
    done = sandbox.start("call", folder="other", stdin=request, CPI_JSON="cpi.json")
    assert done.stderr.splitlines()[0] == f"scripts/call: using {tmp_path}/other/cpi.json"
    assert json.loads(done.stdout)["error"] is None


@pytest.mark.parametrize("value", ['a"b', "a|b&c;d", "$HOME`id`$(id)", "é漢", "<m>"])
def test_a_value_may_be_any_text(sandbox: Sandbox, tmp_path: Path, value: str) -> None:
    """It arrives in the request as it is: the CPI names the method that it does not have."""
    (tmp_path / "cpi.json").write_text("{}")
    request = '{"method": "<m>", "arguments": [], "context": {}}'
    done = sandbox.start("call", "-", f"m={value}", stdin=request, CPI_JSON="cpi.json")
    assert f"'{value}'" in json.loads(done.stdout)["error"]["message"]
