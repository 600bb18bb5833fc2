"""Run one check on the VM of an errand: its name, the region, and the expected values."""

import sys

from checks import CHECKS
from cloud import Cloud, metadata


def main(name: str, region: str, *expected: str) -> int:
    """Run the check, and print what is wrong."""
    complaints = CHECKS[name](Cloud(region), metadata("instance-id"), *expected)
    sys.stdout.write("".join(f"{complaint}\n" for complaint in complaints) or f"{name}: good\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
