"""Environments are built and destroyed: terraform is a stand-in, the simulator is the cloud."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from alicloud_sim.seed import ACCESS_KEY_SECRET
from pipeline.seeded import REGION, keys, metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim import Simulator
    from pipeline.folder import Folder
    from support.cpi import Cpi
    from support.world import Names

TERRAFORM = """
case "$*" in
  *" output -raw vpc_id") [ -n "$VPC" ] && echo "$VPC" ;;
  *" output -json") cat "$OUTPUTS" ;;
esac
"""
ENVIRONMENT = {
    "ENVIRONMENT_NAME": "bosh-alicloud-test",
    "REGION": REGION,
    "INSTANCE_TYPE": "ecs.g6.large",
    "PUBLIC_KEY": "ssh-ed25519 AAAA test",
    "TRUSTED_CIDR": "203.0.113.7/32",
    "STATE_BUCKET": "state",
    "STATE_REGION": REGION,
    "STATE_LOCK_ENDPOINT": "https://locks.example.com",
    "STATE_LOCK_TABLE": "locks",
}


def test_build_environment_makes_metadata(folder: Folder, names: Names, sim: Simulator) -> None:
    """Of all outputs; the state's place is given by its name, and a role instead of keys."""
    wanted = metadata(names, sim)
    outputs = {name: {"value": value, "type": "string"} for name, value in wanted.items()}
    folder.tool("terraform", TERRAFORM)
    file = folder.put("outputs.json", json.dumps(outputs))
    done = folder.run("build-environment", **ENVIRONMENT, ECS_ROLE_NAME="worker", OUTPUTS=str(file))
    assert done.returncode == 0, done.stderr
    assert json.loads((folder.path / "metadata" / "metadata.json").read_text()) == wanted
    init, *checks, apply, output = folder.calls("terraform")
    assert "-backend-config=key=bosh-alicloud-test.tfstate" in init
    assert "-backend-config=ecs_role_name=worker" in init
    assert [call.split()[1] for call in checks] == ["fmt", "validate"]
    assert "-var=ecs_role_name=worker" in apply
    assert output.endswith("output -json")


def test_metadata_that_is_not_complete_is_refused(
    folder: Folder, names: Names, sim: Simulator
) -> None:
    """By name, and no file is left that a later task could take."""
    outputs = {name: {"value": value} for name, value in metadata(names, sim).items()}
    del outputs["test_eip"]
    outputs["slb"] = {"value": "lb-1"}
    folder.tool("terraform", TERRAFORM)
    file = folder.put("outputs.json", json.dumps(outputs))
    done = folder.run("build-environment", **ENVIRONMENT, OUTPUTS=str(file))
    assert done.returncode != 0
    assert "missing: test_eip" in done.stderr
    assert "not known: slb" in done.stderr
    assert not list((folder.path / "metadata").iterdir())


def test_destroy_environment_empties_the_vpc_first(
    folder: Folder, cpi: Cpi, names: Names, sim: Simulator, make_vm: Callable[..., str]
) -> None:
    """A VM that a test left, and its disk; the VM's interface goes with it."""
    left = make_vm(ephemeral_disk={"size": 30_720})
    sim.resume()
    folder.tool("terraform", TERRAFORM)
    vpc = metadata(names, sim)["vpc_id"]
    done = folder.run("destroy-environment", **ENVIRONMENT, **keys(sim), VPC=vpc)
    assert done.returncode == 0, done.stderr
    assert f"DeleteInstance {left}\n" in done.stdout
    assert cpi.process("has_vm", left).result is False
    rows = sim.calls()
    deleted = {call["action"] for call in rows if call["action"].startswith("Delete")}
    assert deleted >= {"DeleteInstance", "DeleteDisk"}
    assert " destroy " in folder.calls("terraform")[-1]
    assert ACCESS_KEY_SECRET not in done.stdout + done.stderr


def test_destroy_environment_destroys_even_when_the_vpc_cannot_be_emptied(
    folder: Folder, sim: Simulator
) -> None:
    """And tells that something is wrong."""
    folder.tool("terraform", TERRAFORM)
    wrong = {**keys(sim), "ALIBABA_CLOUD_ACCESS_KEY_ID": "none"}
    done = folder.run("destroy-environment", **ENVIRONMENT, **wrong, VPC="vpc-1")
    assert done.returncode != 0
    assert "InvalidAccessKeyId" in done.stderr
    assert " destroy " in folder.calls("terraform")[-1]


def test_destroy_environment_destroys_what_was_half_built(folder: Folder) -> None:
    """Without a VPC there is nothing to empty."""
    folder.tool("terraform", TERRAFORM)
    done = folder.run("destroy-environment", **ENVIRONMENT, VPC="")
    assert done.returncode == 0, done.stderr
    assert " destroy " in folder.calls("terraform")[-1]


def test_an_instance_without_a_role_is_told_of(folder: Folder, sim: Simulator) -> None:
    """Not as a refusal of whatever was asked first."""
    sim.seed({"settings": {"metadata.roles": []}})
    folder.tool("terraform", TERRAFORM)
    role = {"ECS_ENDPOINT": sim.plain_url, "METADATA_ENDPOINT": sim.plain_url}
    done = folder.run("destroy-environment", **ENVIRONMENT, **role, VPC="vpc-1")
    assert done.returncode != 0
    assert "metadata service: HTTP Error 404" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_role_of_the_instance_serves(folder: Folder, names: Names, sim: Simulator) -> None:
    """No key is given: they come from the metadata service."""
    folder.tool("terraform", TERRAFORM)
    role = {"ECS_ENDPOINT": sim.plain_url, "METADATA_ENDPOINT": sim.plain_url}
    vpc = metadata(names, sim)["vpc_id"]
    done = folder.run("destroy-environment", **ENVIRONMENT, **role, VPC=vpc)
    assert done.returncode == 0, done.stderr
    signers = {str(call["key"]) for call in sim.calls() if call["service"] == "ecs"}
    assert signers
    assert all(key.startswith("STS.") for key in signers)
