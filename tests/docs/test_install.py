"""The walk of docs/install.md: variables, ops file and first deployment fit each other."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from docs.directing import Director
from docs.documents import ROOT, blocks_of, headings, pages

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names

PAGE = "docs/install.md"
OPS = ROOT / "config" / "ops" / "create-env.yml"
VARIABLE = re.compile(r"\(\(([\w-]+)\)\)")
STEPS = [text for level, text in headings(PAGE) if level == 2 and re.match(r"\d\.", text)]

# What bosh-deployment's files of step 5 take from vars.yml; the rest they generate.
BOSH_DEPLOYMENT = {
    *("director_name", "internal_cidr", "internal_gw", "internal_ip", "internal_dns"),
    *("external_ip", "region", "zone", "vswitch_id", "security_group_id", "key_pair_name"),
    *("access_key_id", "access_key_secret"),
}


def text_of(first_line: str) -> str:
    """Return the block that begins with a line."""
    (block,) = (one for one in blocks_of(PAGE) if one.title == first_line)
    return block.text


def variables() -> dict[str, Any]:
    """Return vars.yml."""
    found: dict[str, Any] = yaml.safe_load(text_of("director_name: bosh"))
    return found


def operations(names: Names) -> dict[str, Any]:
    """Return the ops file's values by their paths, with the seed's ids."""
    known = {**variables(), "key_pair_name": names.key_pair}
    filled = VARIABLE.sub(lambda name: str(known[name[1]]), OPS.read_text("utf-8"))
    return {one["path"]: one["value"] for one in yaml.safe_load(filled)}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_says_what_one_sees(step: str) -> None:
    """And what to do when not."""
    text = pages()[PAGE].split(f"\n## {step}\n")[1].split("\n## ")[0]
    assert "**You see**" in text
    assert "Instead you see | Do" in text or "If the" in text or "names what" in text


def test_the_steps_are_in_their_order() -> None:
    """From the release to the first deployment."""
    assert [int(step.partition(".")[0]) for step in STEPS] == list(range(1, len(STEPS) + 1))
    assert len(STEPS) == 7


def test_every_variable_has_a_value() -> None:
    """Of bosh-deployment's files, of the ops file and of the cloud-config; and none has no use."""
    used = {*VARIABLE.findall(OPS.read_text("utf-8")), *VARIABLE.findall(text_of("azs:"))}
    assert used | BOSH_DEPLOYMENT == set(variables())


def test_every_command_uses_the_same_files() -> None:
    """What is interpolated, created and deleted is one manifest."""
    found = [block.text for block in blocks_of(PAGE) if "bosh-deployment/bosh.yml" in block.text]
    files = [re.findall(r"--ops-file (\S+)", text) for text in found]
    assert len(files) == 3
    assert files[0] == files[1] == files[2]
    assert files[0][-1] == str(OPS.relative_to(ROOT))


def test_the_directors_vm_and_disk_can_be_created(cpi: Cpi, vms: Vms, names: Names) -> None:
    """The cloud properties of the ops file, without a warning."""
    found = operations(names)
    arguments = vms.arguments()
    arguments[2] = found["/resource_pools/name=vms/cloud_properties"]
    made = cpi.call("create_vm", *arguments)
    assert made.error is None
    assert "WARNING" not in made.stderr
    pool = found["/disk_pools/name=disks/cloud_properties"]
    disk = cpi.call("create_disk", 65_536, pool, made.result[0])
    assert disk.error is None
    assert "WARNING" not in disk.stderr


def test_validate_finds_nothing_in_the_cloud_config(tmp_path: Path) -> None:
    """With the variables of the walk."""
    for name, first in (("cloud-config.yml", "azs:"), ("vars.yml", "director_name: bosh")):
        (tmp_path / name).write_text(text_of(first))
    words = ["validate", "cloud-config.yml", "--vars-file", "vars.yml"]
    done = subprocess.run(
        [sys.executable, "-m", "alicloud_cpi", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "0 errors, 0 other findings\n"), done.stderr


def test_the_first_deployment(cpi: Cpi, names: Names, sim: Simulator) -> None:
    """It runs in the zone and the network of vars.yml, with the disks that the text names."""
    sim.resume()
    sim.set_pace("instant", grace=0.05)
    cpi.api_version = 3
    known = {
        **{name: str(value) for name, value in variables().items()},
        "vswitch_id": names.vswitch,
        "security_group_id": names.groups[0],
    }
    director = Director(cpi, known)
    director.update(text_of("azs:"))
    ((first,),) = director.deploy(text_of("name: first")).values()
    assert first.vm.status == "Running"
    assert first.vm.zone_id == known["zone"]
    assert first.ephemeral is not None
    assert first.persistent is not None
    assert (first.ephemeral.size_gib, first.persistent.size_gib) == (20, 20)
