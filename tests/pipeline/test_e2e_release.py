"""The end-to-end release: its errands ask the simulator, its manifests fit CPI and metadata."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.cloud_properties import schema
from pipeline.concourse import CI, ROOT, load
from pipeline.seeded import REGION, keys, metadata
from support import stemcells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.world import Names

RELEASE = CI / "assets" / "e2e-test-release"
TASK = (CI / "tasks" / "run-end-to-end.sh").read_text("utf-8")
MANIFEST = load(RELEASE / "manifest.yml")
CLOUD_CONFIG = load(RELEASE / "cloud-config.yml")


class Errand:
    """The release's checks, on the VM that they are about."""

    def __init__(self, sim: Simulator, folder: Path) -> None:
        self._sim = sim
        self._folder = folder / "e2e_checks"
        shutil.copytree(RELEASE / "src" / "e2e_checks", self._folder)
        shutil.copy(CI / "lib" / "cloud.py", self._folder)

    def run(self, vm: str, name: str, *expected: str) -> tuple[int, str]:
        """Run a check as the job's bin/run does; returns its exit status and what it says."""
        self._sim.seed({"settings": {"metadata.instance_id": vm}})
        url = self._sim.plain_url
        endpoints = {f"{service}_ENDPOINT": url for service in ("ECS", "SLB", "NLB", "METADATA")}
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", self._folder, name, REGION, *expected],
            env={**keys(self._sim), **endpoints, "STORE": str(self._folder.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def errand(sim: Simulator, tmp_path: Path) -> Errand:
    """Give the errands."""
    return Errand(sim, tmp_path)


# What the errands find


def test_load_balancer(
    errand: Errand, sim: Simulator, names: Names, make_vm: Callable[..., str]
) -> None:
    """Good for a VM that joined all three, and each one that it is not in is named."""
    known = metadata(names, sim)
    places = [known[name] for name in ("slb_id", "slb_server_group_id", "nlb_server_group_id")]
    joined = make_vm(
        slbs=[places[0]],
        slb_server_group=places[1:2],
        nlb_server_groups=[{"server_group_id": places[2], "port": 80}],
    )
    assert errand.run(joined, "load-balancer", *places) == (0, "load-balancer: good\n")
    alone = make_vm()
    status, text = errand.run(alone, "load-balancer", *places)
    assert status == 1
    assert text == "".join(f"{alone} is no server of {place}\n" for place in places)


def test_spot(errand: Errand, make_vm: Callable[..., str]) -> None:
    """A spot instance is told from another."""
    assert errand.run(make_vm(spot_strategy="SpotAsPriceGo"), "spot")[0] == 0
    ordinary = make_vm()
    assert errand.run(ordinary, "spot") == (1, f"{ordinary} is no spot instance\n")


def test_encryption(errand: Errand, cpi: Cpi, names: Names, make_vm: Callable[..., str]) -> None:
    """Every disk counts: the ephemeral one, and the system disk, which is as its stemcell is."""
    disk = {"size": 20_480, "category": "cloud_essd"}
    plain = make_vm(ephemeral_disk=disk)
    status, text = errand.run(plain, "encryption")
    assert status == 1
    assert text.count("is not encrypted") == 2
    cpi.configure(encrypted=True)
    light = {**stemcells.properties(), "image_id": {REGION: names.image}}
    names.image = cpi.ok("create_stemcell", "/nowhere", light)
    assert errand.run(make_vm(ephemeral_disk=disk), "encryption") == (0, "encryption: good\n")


def test_disk_migration(errand: Errand, cpi: Cpi, make_vm: Callable[..., str]) -> None:
    """The first run writes its mark, the second finds it, with the disk changed in between."""
    vm = make_vm()
    disk = cpi.ok("create_disk", 20_480, {"category": "cloud_efficiency"}, vm)
    cpi.ok("attach_disk", vm, disk)
    assert errand.run(vm, "disk-migration", "cloud_efficiency", "20", "false")[0] == 0
    status, text = errand.run(vm, "disk-migration", "cloud_essd", "40", "true")
    assert (status, text) == (1, f"{vm} has no data disk of 40 GiB, cloud_essd\n")
    cpi.ok("detach_disk", vm, disk)
    changed = cpi.ok("update_disk", disk, 40_960, {"category": "cloud_essd"})
    cpi.ok("attach_disk", vm, changed or disk)
    assert errand.run(vm, "disk-migration", "cloud_essd", "40", "true")[0] == 0


def test_data_that_is_lost_is_told(
    errand: Errand, cpi: Cpi, make_vm: Callable[..., str], tmp_path: Path
) -> None:
    """That is the check that matters."""
    vm = make_vm()
    cpi.ok("attach_disk", vm, cpi.ok("create_disk", 20_480, {}, vm))
    status, text = errand.run(vm, "disk-migration", "cloud_efficiency", "20", "true")
    assert (status, text) == (1, f"{tmp_path}/e2e-mark is lost\n")


# What the manifests say


def asked(path: Path) -> set[str]:
    """Return the variables of a file."""
    return set(re.findall(r"\(\((\w+)\)\)", path.read_text("utf-8")))


def test_every_variable_is_given(names: Names, sim: Simulator) -> None:
    """By the metadata or by the task, and the task gives none that is not asked for."""
    given = set(re.findall(r"--var \"?(\w+)=", TASK))
    files = asked(RELEASE / "manifest.yml") | asked(RELEASE / "cloud-config.yml")
    assert files - set(metadata(names, sim)) == given


def test_jobs_fit_their_declarations() -> None:
    """Every job of the manifest has a spec with these very properties, and an errand's script."""
    jobs = {job["name"]: job for group in MANIFEST["instance_groups"] for job in group["jobs"]}
    assert set(jobs) == {path.name for path in (RELEASE / "jobs").iterdir()}
    for name, job in jobs.items():
        spec = load(RELEASE / "jobs" / name / "spec")
        assert spec["name"] == name
        assert set(job["properties"]) == set(spec["properties"])
        template = (RELEASE / "jobs" / name / "templates" / "run.erb").read_text()
        assert set(re.findall(r'p\("(\w+)"\)', template)) == set(spec["properties"])
        assert f"e2e_checks {name} " in template
        assert (RELEASE / "jobs" / name / "monit").read_text() == ""


def test_the_task_runs_every_errand() -> None:
    """And the one about the disk again, after the disk has changed."""
    runs = [line.split()[1:] for line in TASK.splitlines() if line.startswith("run ")]
    assert sorted(runs[0]) == sorted(path.name for path in (RELEASE / "jobs").iterdir())
    assert runs[1] == ["disk-migration"]


def test_cloud_properties_are_known_to_the_cpi() -> None:
    """All of them, and they are of the right kind: an unknown one would only be logged."""
    entries = [
        *(("vm", "vm_types", entry) for entry in CLOUD_CONFIG["vm_types"]),
        *(("vm", "vm_extensions", entry) for entry in CLOUD_CONFIG["vm_extensions"]),
        *(("disk", "disk_types", entry) for entry in CLOUD_CONFIG["disk_types"]),
        *(("network", "networks", entry["subnets"][0]) for entry in CLOUD_CONFIG["networks"]),
    ]
    for kind, where, entry in entries:
        check(kind, entry["cloud_properties"], where)


def check(kind: str, properties: dict[str, Any], where: str) -> None:
    """Validate cloud_properties, variables standing for themselves."""
    folder = ROOT / "src" / "alicloud_cpi" / "cloud_properties" / "schemas"
    known = json.loads((folder / f"{kind}.json").read_text())["properties"]
    assert set(properties) <= set(known), where
    # A VM extension goes over a VM type, which has the instance type.
    merged = {"instance_type": "ecs.g7.large", **properties} if kind == "vm" else properties
    schema.validate(kind, merged, where)


def test_manifest_and_cloud_config_agree() -> None:
    """The manifest's types, extensions and networks are in the cloud-config."""
    lists = [kind for kind, entries in CLOUD_CONFIG.items() if isinstance(entries, list)]
    named = {kind: {entry["name"] for entry in CLOUD_CONFIG[kind]} for kind in lists}
    for group in MANIFEST["instance_groups"]:
        assert group["vm_type"] in named["vm_types"]
        assert set(group.get("vm_extensions", [])) <= named["vm_extensions"]
        assert {network["name"] for network in group["networks"]} <= named["networks"]
    sizes = {entry["name"]: entry for entry in CLOUD_CONFIG["disk_types"]}
    for name, category, gib in re.findall(r"^deploy (\w+) (\w+) (\d+) ", TASK, re.MULTILINE):
        assert sizes[name]["cloud_properties"]["category"] == category
        assert sizes[name]["disk_size"] == int(gib) * 1024
