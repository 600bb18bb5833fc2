"""A simulated account with what terraform makes, and runs of the live stories in it.

Not part of the stories: they know an account by its LIVE_* variables only.
"""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from alicloud_sim.seed import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from support.stemcells import KIB, PROPERTIES, archive, image, tarball

if TYPE_CHECKING:
    from alicloud_sim import Simulator

ROOT = Path(__file__).parents[2]
REGION = "cn-hangzhou"
ZONE, SECOND_ZONE = f"{REGION}-h", f"{REGION}-i"
SERVICES = ("ECS", "VPC", "SLB", "NLB", "OSS", "STS", "LOCATION")

# Longer than a run takes on the busiest machine.
SECONDS = 300

# What terraform's outputs are in the simulated account: constants of its seed.
OUTPUTS = {
    "vpc_id": "vpc",
    "vswitch_id": f"vswitch.{ZONE}",
    "second_vswitch_id": f"vswitch.{SECOND_ZONE}",
    "security_group_id": "security_group.default",
    "second_security_group_id": "security_group.extra",
    "test_eip": "eip.1.address",
    "director_eip": "eip.2.address",
    "slb_id": "load_balancer",
    "slb_server_group_id": "vserver_group",
    "nlb_server_group_id": "nlb_server_group.1",
    "key_pair_name": "key_pair",
    "image_id": "light_stemcell",
}
GIVEN = {
    "region": REGION,
    "availability_zone": ZONE,
    "second_availability_zone": SECOND_ZONE,
    "vswitch_cidr": "10.0.1.0/24",
    "vswitch_gateway": "10.0.1.253",
    "vswitch_static": "10.0.1.100-10.0.1.120",
    "instance_ram_role": "bosh-instance",
    "instance_type": "ecs.g6.large",
    "nvme_instance_type": "ecs.g8i.large",
    "spot_instance_type": "ecs.c7.large",
}

# What no run can do without, besides a stemcell and keys.
ESSENTIAL = ("region", "availability_zone", "vswitch_id", "security_group_id", "instance_type")

# Plugins of pytest that a run can do without: starting is most of what a short one costs.
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")

# What the cloud keeps of what was.
HISTORY = ("task", "nlb_job", "metadata_token")


class Run(NamedTuple):
    """What came of a run."""

    status: int
    output: str

    @property
    def counts(self) -> dict[str, int]:
        """What its last line counts: passed, failed, error, deselected."""
        last = self.output.strip().splitlines()[-1].partition(" in ")[0]
        return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last)}


class Account:
    """A simulated account, and the variables that name what is in it."""

    def __init__(self, sim: Simulator, folder: Path) -> None:
        self._folder = folder
        authority = folder / "ca.pem"
        authority.write_text(sim.ca_pem, "ascii")
        constants = sim.world.constants
        made = {name: constants[f"{REGION}.{output}"] for name, output in OUTPUTS.items()}
        self.outputs = {f"LIVE_{name.upper()}": text for name, text in {**made, **GIVEN}.items()}
        self.place = {
            **{f"LIVE_{service}_ENDPOINT": sim.url for service in SERVICES},
            "LIVE_CA_CERT": str(authority),
        }
        self.keys = {
            "LIVE_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "LIVE_ACCESS_KEY_SECRET": ACCESS_KEY_SECRET,
        }

    @property
    def everything(self) -> dict[str, str]:
        """All variables but that of a full stemcell."""
        return {**self.outputs, **self.place, **self.keys}

    @property
    def essential(self) -> dict[str, str]:
        """The variables that no run can do without."""
        names = [f"LIVE_{name.upper()}" for name in (*ESSENTIAL, "image_id")]
        return {**{name: self.outputs[name] for name in names}, **self.place, **self.keys}

    def start(self, variables: dict[str, str], *options: str) -> subprocess.Popen[bytes]:
        """Start the suite as its README says."""
        folders = [option for option in options if option.partition("/")[0] == "tests"]
        rest = [option for option in options if option not in folders]
        command = [sys.executable, "-m", "pytest", *(folders or ["tests/live"]), *WITHOUT]
        return subprocess.Popen(
            [*command, f"--basetemp={self._folder / 'pytest'}", *rest],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, variables: dict[str, str], *options: str) -> Run:
        """Start the suite and wait for its end."""
        with self.start(variables, *options) as process:
            return ended(process)

    def script(self, *lines: str) -> str:
        """Write an executable that stands where an installed release's bin/cpi stands."""
        path = self._folder / "cpi"
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o755)
        return str(path)

    def stemcell(self, properties: dict[str, Any], packed: bytes) -> str:
        """Write a stemcell's tarball as the stemcell builder does."""
        manifest = {"name": "bosh-alicloud", "api_version": 3, "cloud_properties": properties}
        members = [("./stemcell.MF", yaml.safe_dump(manifest).encode()), ("./image", packed)]
        path = self._folder / "bosh-stemcell.tgz"
        path.write_bytes(gzip.compress(archive(members)))
        return str(path)

    def full_stemcell(self) -> str:
        """Write a small full stemcell."""
        packed = Path(tarball(self._folder, image(300 * KIB, -4096 * KIB)))
        return self.stemcell(PROPERTIES, packed.read_bytes())


def ended(process: subprocess.Popen[bytes]) -> Run:
    """Wait for the end of a run; no output of it may hold the secret."""
    try:
        output = process.communicate(timeout=SECONDS)[0].decode()
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert ACCESS_KEY_SECRET not in output
    return Run(process.returncode, output)


def resources(sim: Simulator) -> dict[str, Any]:
    """List all that there is in the world but the tasks and jobs that there have been."""
    records = sim.state()["records"]
    return {kind: sorted(rows) for kind, rows in records.items() if rows and kind not in HISTORY}
