"""What Directors and BATs are deployed with: made of metadata, and known to the CPI."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pipeline.concourse import CI, ROOT, load
from pipeline.seeded import metadata
from pipeline.test_e2e_release import asked, check
from release.rendering import RUBY, needs_ruby

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.world import Names

BATS = CI / "assets" / "bats"
OPS = CI / "assets" / "ops"
BATS_DISKS = [{"name": "a", "disk_size": 5120}, {"name": "b", "disk_size": 4096}]

# As BATs' own EvaluationContext does it: what the specification says, with dots.
RENDER = """
require 'erb'; require 'json'; require 'ostruct'
spec = JSON.parse($stdin.read, object_class: OpenStruct)
class Context; def initialize(p); @p = p; end; def properties; @p; end; def b; binding; end; end
print ERB.new(File.read(ARGV[0])).result(Context.new(spec.properties).b)
"""


def told(command: str, tmp_path: Path, content: dict[str, str]) -> Any:
    """Run a command of ci/lib/metadata.py."""
    file = tmp_path / "metadata.json"
    file.write_text(json.dumps(content))
    tool = [sys.executable, str(CI / "lib" / "metadata.py"), command, str(file)]
    done = subprocess.run(tool, capture_output=True, text=True, check=True)
    return done.stdout if command == "live" else json.loads(done.stdout)


@pytest.fixture
def known(names: Names, sim: Simulator) -> dict[str, str]:
    """Give metadata."""
    return metadata(names, sim)


def test_the_directors_variables(tmp_path: Path, known: dict[str, str]) -> None:
    """bosh-deployment's names; the Director's address is the first that no deployment gets."""
    found = told("director", tmp_path, known)
    assert found["internal_ip"] == "10.0.1.4"
    assert found["external_ip"] == known["director_eip"]
    assert asked(OPS / "director.yml") - set(found) == {"director_instance_type"}


def test_no_key_is_in_a_directors_manifest() -> None:
    """Both its CPI and create-env's take a role's keys, by properties that the job has."""
    rules = load(OPS / "director.yml")
    properties = [rule["value"] for rule in rules if "alicloud" in rule["path"]]
    assert len(properties) == 2
    declared = set(load(ROOT / "jobs" / "alicloud_cpi" / "spec")["properties"])
    for value in properties:
        assert value["credential_source"] == "ecs_ram_role"
        assert {f"alicloud.{name}" for name in value} <= declared
        assert not {"access_key_id", "access_key_secret"} & set(value)


def test_the_directors_default_disks_are_as_large_as_bats_ask(cpi: Cpi, storage: Storage) -> None:
    """BATs' `persistent_disk: 2048` that becomes 4096 is two sizes, also in the cloud."""
    *_, ours = (rule["value"] for rule in load(OPS / "director.yml") if "alicloud" in rule["path"])
    defaults = {name: value for name, value in ours.items() if name.startswith("default_disk_")}
    cpi.configure(**defaults)
    vm = storage.vm()
    disks = [cpi.process("create_disk", size, {}, vm).result for size in (1024, 2048, 4096)]
    assert [storage.found(disk).size_gib for disk in disks] == [1, 2, 4]


def test_bats_variables(tmp_path: Path, known: dict[str, str]) -> None:
    """All that bats.yml asks for and the task does not give; both addresses are static ones."""
    found = told("bats", tmp_path, known)
    task = (CI / "tasks" / "run-bats.sh").read_text()
    given = set(re.findall(r"--var(?:-file)? \"?(\w+)=", task))
    assert asked(BATS / "bats.yml") - set(found) == given
    assert (found["static_ip"], found["second_static_ip"]) == ("10.0.1.59", "10.0.1.60")


def test_live_variables_survive_a_shell(tmp_path: Path, known: dict[str, str]) -> None:
    """Whatever is in a value."""
    odd = {**known, "key_pair_name": 'it\'s $(a) `b` "c"'}
    script = f'{told("live", tmp_path, odd)}printf %s "$LIVE_KEY_PAIR_NAME|$LIVE_VPC_ID"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"{odd['key_pair_name']}|{odd['vpc_id']}"


@needs_ruby
@pytest.mark.parametrize("disks", [None, BATS_DISKS])
@pytest.mark.parametrize("flavor", ["ecs.g7.large", "ecs.g7.xlarge"])
def test_bats_cloud_config(
    tmp_path: Path,
    known: dict[str, str],
    storage: Storage,
    disks: list[dict[str, Any]] | None,
    flavor: str,
) -> None:
    """Our template of it: only properties that the CPI knows, with and without disk types.

    BATs look for disks of the very size that their types have.
    """
    text = (BATS / "bats.yml").read_text()
    values = {**told("bats", tmp_path, known), "stemcell_name": "s", "ssh_public_key": "k"}
    values |= {"ssh_private_key": "k", "instance_type": flavor}
    values |= {"root_disk_instance_type": "ecs.g7.xlarge"}
    spec = yaml.safe_load(re.sub(r"\(\((\w+)\)\)", lambda name: values[name[1]], text))
    spec["properties"] |= {"disk_types": disks} if disks else {}
    done = subprocess.run(
        [RUBY, "-e", RENDER, BATS / "cloud_config.yml.erb"],
        input=json.dumps(spec),
        capture_output=True,
        text=True,
        check=True,
    )
    made = yaml.safe_load(done.stdout)
    [vm_type] = made["vm_types"]
    check("vm", vm_type["cloud_properties"], "vm_types")
    assert ("ephemeral_disk" in vm_type["cloud_properties"]) == (flavor == "ecs.g7.large")
    for disk in made.get("disk_types") or []:
        check("disk", disk["cloud_properties"], "disk_types")
        made_disk = storage.found(storage.make(disk["disk_size"], disk["cloud_properties"]))
        assert made_disk.size_gib * 1024 == disk["disk_size"]
    assert bool(made.get("disk_types")) == bool(disks)
    manual = next(network for network in made["networks"] if network["type"] == "manual")
    check("network", manual["subnets"][0]["cloud_properties"], "networks")
    assert manual["subnets"][0]["static"] == [known["vswitch_static"]]
