"""One environment's metadata: terraform's outputs as one flat JSON file, and what tasks make of it.

    metadata.py flatten <outputs.json >metadata.json   of `terraform output -json`
    metadata.py live metadata.json                     export LIVE_... lines for tests/live
    metadata.py director metadata.json                 variables of bosh-deployment, as JSON
    metadata.py bats metadata.json                     variables of ci/assets/bats/bats.yml, as JSON

Where the Director and the tests' VMs have their addresses follows from the ranges in it.
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
    """Make metadata of what `terraform output -json` prints.

    :raises SystemExit: an output is missing, is not known or is no text
    """
    return checked({name: output["value"] for name, output in outputs.items()})


def checked(metadata: dict[str, str]) -> dict[str, str]:
    """Return the metadata.

    :raises SystemExit: a name is missing or not known, or a value is no text or empty
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
    """Word the metadata as a shell's export lines."""
    return "".join(
        f"export LIVE_{name.upper()}={shlex.quote(value)}\n" for name, value in metadata.items()
    )


def director(metadata: dict[str, str]) -> dict[str, str]:
    """Return the variables that bosh-deployment's files and ci/assets/ops ask for."""
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
    """Write to stdout what a command makes of a file."""
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
