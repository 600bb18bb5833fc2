"""Ids of the cloud's form: prefix, dash, regional part, then letters and digits, seeded.

Instances and disks have 20 characters after the dash (semantics.md "Lists"); VPCs and
vSwitches of recent years 21.
"""

from __future__ import annotations

import random
import string

ALPHABET = string.ascii_lowercase + string.digits
REGIONAL = {"cn-beijing": "2ze", "cn-hangzhou": "bp1"}
LENGTHS = {"vpc": 21, "vsw": 21}
USUAL_LENGTH = 20


class Ids:
    """Makes ids; the same seed gives the same ids in the same order."""

    def __init__(self, seed: int) -> None:
        """Start the row of ids that belongs to a seed."""
        self._random = random.Random(seed)  # noqa: S311 - ids have to be repeatable, not secret

    def text(self, length: int) -> str:
        """Make letters and digits."""
        return "".join(self._random.choices(ALPHABET, k=length))

    def new(self, prefix: str, region: str) -> str:
        """Make an id such as d-2ze and 17 characters more."""
        regional = REGIONAL.get(region, "j6c")
        length = LENGTHS.get(prefix, USUAL_LENGTH)
        return f"{prefix}-{regional}{self.text(length - len(regional))}"
