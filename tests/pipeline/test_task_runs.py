"""The task scripts run here, as far as that takes no account: what they lack they name."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.seed import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from pipeline.concourse import ROOT, SOURCE, tasks
from pipeline.seeded import REGION, metadata
from support import stemcells

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from pipeline.folder import Folder
    from support.world import Names

VERSION = "1.2.3-rc.4"


# What is missing


@pytest.mark.parametrize("name", tasks())
def test_a_task_names_all_that_it_lacks_at_once(folder: Folder, name: str) -> None:
    """Variables, inputs and tools, before it does anything."""
    (folder.path / SOURCE).unlink()
    before = sorted(folder.path.rglob("*"))
    done = folder.run(name)
    assert done.returncode == 2
    lines = {line.strip() for line in done.stderr.splitlines()}
    task = tasks()[name]
    assert {f"variable {required}" for required in task.required()} <= lines
    inputs = {line.split()[1].split("/")[0] for line in lines if line.startswith("input ")}
    assert set(task.inputs) - {SOURCE} <= inputs
    assert sorted(folder.path.rglob("*")) == before


def test_a_task_names_the_tools_that_it_lacks(folder: Folder) -> None:
    """A machine with a shell and nothing else."""
    done = subprocess.run(
        [tasks()["build-candidate"].script],
        cwd=folder.path,
        env={"PATH": _only("bash", "dirname", folder=folder.path.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    for tool in ("bosh", "git", "python3", "ruby", "cc", "make", "sha256sum"):
        assert f"tool {tool}\n" in done.stderr


def _only(*names: str, folder: Path) -> str:
    few = folder / "few"
    few.mkdir()
    for name in names:
        (few / name).symlink_to(shutil.which(name) or "")
    return str(few)


# Unit tests, and the candidate


def test_unit_test_runs_the_tests(folder: Folder) -> None:
    """TEST_ARGS chooses; its exit status is the tests'."""
    options = f"-q -p no:cacheprovider --basetemp={folder.path}/tests"
    done = folder.run("unit-test", TEST_ARGS=f"tests/unit/test_disk_sizing.py {options}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    missing = folder.run("unit-test", TEST_ARGS=f"tests/no-such-file.py {options}")
    assert missing.returncode != 0


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("bosh") and (ROOT / "blobs" / "cpython").exists()),
    reason="makes and compiles a release: needs the bosh CLI and blobs/ (scripts/fetch-blobs)",
)
def test_build_candidate(folder: Folder) -> None:
    """A source release, a compiled one, the bill of materials, and their SHA-256."""
    (folder.path / "blobs").symlink_to(ROOT / "blobs")
    folder.put("version-semver/number", VERSION)
    done = folder.run("build-candidate", COMPILED_FOR="ubuntu-noble/1", PATH=os.environ["PATH"])
    assert done.returncode == 0, done.stdout + done.stderr
    made = folder.path / "bosh-cpi-dev-artifacts"
    name = f"bosh-alicloud-cpi-{VERSION}"
    compiled = f"compiled-{name}-ubuntu-noble-1-{os.uname().machine}.tgz"
    assert {path.name for path in made.iterdir()} == {
        *(f"{name}.tgz", compiled, f"{name}.cdx.json", "SHA256SUMS")
    }
    subprocess.run(
        ["/usr/bin/env", "sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=made, check=True
    )
    with tarfile.open(folder.path / "candidate-bundle" / f"{name}.tar") as bundle:
        assert len(bundle.getnames()) == 5


# Integration


def test_integration_plays_against_the_simulator(
    folder: Folder, names: Names, sim: Simulator
) -> None:
    """With both stemcells, the full one uploaded once; metadata alone tells the environment."""
    sim.resume()
    folder.put("metadata/metadata.json", json.dumps(metadata(names, sim)))
    light = {"cloud_properties": {**stemcells.properties(), "image_id": {REGION: names.image}}}
    folder.put("light-stemcell/light.tgz", packed(light, b""))
    full = {"cloud_properties": stemcells.properties()}
    folder.put("stemcell/full.tgz", packed(full, stemcells.image(1 << 20)))
    services = ("ecs", "vpc", "slb", "nlb", "sts", "location")  # OSS's is in the metadata
    endpoints = {f"LIVE_{name.upper()}_ENDPOINT": sim.url for name in services}
    stories = "(light_stemcell)or(upload)"
    done = folder.run(
        "run-integration",
        LIVE_INSTANCE_TYPE="ecs.g6.large",
        LIVE_ACCESS_KEY_ID=ACCESS_KEY_ID,
        LIVE_ACCESS_KEY_SECRET=ACCESS_KEY_SECRET,
        LIVE_CA_CERT=str(folder.put("ca.pem", sim.ca_pem)),
        TEST_ARGS=f"-k {stories} -p no:cacheprovider --basetemp={folder.path}/tests",
        **endpoints,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for kind in ("light-stemcell", "stemcell"):
        result = (folder.path / "test-results" / f"{kind}.xml").read_text()
        assert 'failures="0" skipped="0" tests="1"' in result
    assert len(sim.calls("ImportImage")) == 1
    assert ACCESS_KEY_SECRET not in done.stdout + done.stderr


def packed(manifest: dict[str, Any], image: bytes) -> bytes:
    """Make a stemcell's tarball, whose image is one as well."""
    inner = gzip.compress(stemcells.archive([("root.img", image)]))
    members = [("stemcell.MF", json.dumps(manifest).encode()), ("image", inner)]
    return gzip.compress(stemcells.archive(members))
