"""One environment's metadata: terraform's outputs as a flat JSON file, and files made from it.

    metadata.py flatten <outputs.json >metadata.json   of `terraform output -json`
    metadata.py live metadata.json                     export LIVE_... lines for tests/live
    metadata.py director metadata.json                 variables of bosh-deployment, as JSON
    metadata.py bats metadata.json                     variables of ci/assets/bats/bats.yml, as JSON

The addresses of the Director and of the tests' VMs are taken from the ranges in it.
"""

from __future__ import annotations

import ipaddress
import json
import shlex
import sys
from pathlib import Path

NAMES = (
    "region",
    "availability_zone",
    "second_availability_zone",
    "vpc_id",
    "vswitch_id",
    "vswitch_cidr",
    "vswitch_gateway",
    "vswitch_reserved",
    "vswitch_static",
    "second_vswitch_id",
    "second_vswitch_cidr",
    "second_vswitch_gateway",
    "security_group_id",
    "second_security_group_id",
    "director_eip",
    "test_eip",
    "slb_id",
    "slb_server_group_id",
    "nlb_server_group_id",
    "oss_bucket",
    "oss_endpoint",
    "instance_ram_role",
    "director_ram_role",
    "key_pair_name",
)


def flatten(outputs: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the metadata from the output of `terraform output -json`.

    :raises SystemExit: an output is missing, unknown or not text
    """
    return checked({name: output["value"] for name, output in outputs.items()})


def checked(metadata: dict[str, str]) -> dict[str, str]:
    """Return the metadata.

    :raises SystemExit: a name is missing or unknown, or a value is not text or is empty
    """
    complaints = [f"missing: {name}" for name in NAMES if name not in metadata]
    complaints += [f"not known: {name}" for name in sorted(set(metadata) - set(NAMES))]
    complaints += [
        f"{name} must be text and not empty"
        for name, value in metadata.items()
        if not (isinstance(value, str) and value)
    ]
    if complaints:
        sys.exit("\n".join(["The metadata is not complete:", *complaints]))
    return metadata


def live(metadata: dict[str, str]) -> str:
    """Return the metadata as export lines for a shell."""
    return "".join(
        f"export LIVE_{name.upper()}={shlex.quote(value)}\n" for name, value in metadata.items()
    )


def director(metadata: dict[str, str]) -> dict[str, str]:
    """Return the variables of bosh-deployment's files and of ci/assets/ops."""
    return {
        "director_name": "bosh",
        "internal_cidr": metadata["vswitch_cidr"],
        "internal_gw": metadata["vswitch_gateway"],
        "internal_ip": _first(metadata["vswitch_reserved"]),
        "external_ip": metadata["director_eip"],
        "region": metadata["region"],
        "zone": metadata["availability_zone"],
        "vswitch_id": metadata["vswitch_id"],
        "security_group_id": metadata["security_group_id"],
        "key_pair_name": metadata["key_pair_name"],
        "director_ram_role": metadata["director_ram_role"],
    }


def bats(metadata: dict[str, str]) -> dict[str, str]:
    """Return the variables of ci/assets/bats/bats.yml; VMs get the last two static addresses."""
    last = ipaddress.ip_address(metadata["vswitch_static"].partition("-")[2])
    return {
        **{name: metadata[name] for name in NAMES if name.startswith("vswitch_")},
        "zone": metadata["availability_zone"],
        "security_group_id": metadata["security_group_id"],
        "key_pair_name": metadata["key_pair_name"],
        "vip": metadata["test_eip"],
        "static_ip": str(last - 1),
        "second_static_ip": str(last),
    }


def _first(addresses: str) -> str:
    return str(ipaddress.ip_address(addresses.partition("-")[0]))


def main(command: str, path: str = "/dev/stdin") -> int:
    """Run a command on a file, and write its result to stdout."""
    content = json.loads(Path(path).read_text("utf-8"))
    if command == "flatten":
        made: object = flatten(content)
    elif command == "live":
        sys.stdout.write(live(checked(content)))
        return 0
    else:
        made = {"director": director, "bats": bats}[command](checked(content))
    sys.stdout.write(json.dumps(made, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
