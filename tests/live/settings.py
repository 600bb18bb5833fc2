"""What a run is told: the LIVE_* variables, which the terraform outputs and the pipeline fill.

A run that lacks a variable it cannot do without does not begin, and names all that are missing.
Without an optional one the stories that need it are not chosen, and the run's header says so.
"""

from __future__ import annotations

import contextlib
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from live.stemcells import NoStemcellError, Stemcell

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "LIVE_"
REDACTED = "<redacted>"

REQUIRED = (
    "region",
    "availability_zone",
    "vswitch_id",
    "security_group_id",
    "instance_type",
)

# What is left out for want of an optional variable.
OPTIONAL = {
    "full_stemcell": "the upload of a stemcell",
    "key_pair_name": "a VM with a key pair",
    "instance_ram_role": "a VM with a RAM role",
    "nlb_server_group_id": "registration with a network load balancer",
    "nvme_instance_type": "a VM whose disks are NVMe ones",
    "second_availability_zone": "a VM and a disk in a second zone",
    "second_security_group_id": "a VM with several security groups",
    "second_vswitch_id": "a VM and a disk in a second zone",
    "slb_id": "registration with a classic load balancer",
    "slb_server_group_id": "registration with a VServer group",
    "spot_instance_type": "a spot VM",
    "test_eip": "an elastic IP address",
    "vswitch_cidr": "a VM with a given private address",
    "vswitch_gateway": "a VM with a given private address",
    "vswitch_static": "a VM with a given private address",
}

SERVICES = ("ecs", "vpc", "slb", "nlb", "oss", "sts", "location", "metadata")
KEYS = ("access_key_id", "access_key_secret", "security_token")
ROLE = "ecs_ram_role"

# It begins the names of images.
RUN_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")

# No other word of a run looks like this: shorter secrets could be part of any text.
_SHORTEST_SECRET = 6


def spelled(name: str) -> str:
    """Spell the variable of a name."""
    if name == "full_stemcell":
        return "LIVE_STEMCELL (a full stemcell)"
    return f"{PREFIX}{name.upper()}"


class Live:
    """The variables of a run, by their names in lower case without LIVE_; an empty one is none.

    Shows no value but the region: pytest writes what a failing assertion is made of.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and value
        }
        self.stemcell: Stemcell | None = None
        with contextlib.suppress(NoStemcellError):
            self.stemcell = Stemcell(Path(self.get("stemcell")))
        if self.stemcell and not self.stemcell.is_light:
            self._values["full_stemcell"] = self["stemcell"]

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __repr__(self) -> str:
        return f"Live({self.get('region')})"

    def get(self, name: str) -> str:
        """Return a variable, or nothing."""
        return self._values.get(name, "")

    @property
    def run_id(self) -> str:
        """The tag on everything that this run makes."""
        return self._values.setdefault("run_id", f"live-{uuid.uuid4().hex[:10]}")

    def troubles(self) -> list[str]:
        """Say all that keeps the run from beginning: what is missing, and what cannot be used."""
        missing = self._missing()
        found = [f"missing: {', '.join(missing)}"] if missing else []
        found += [
            f"{spelled(name)} names no file: {self[name]}"
            for name in ("ca_cert", "cpi")
            if name in self and not Path(self[name]).is_file()
        ]
        if "stemcell" in self and self.stemcell is None:
            found.append(f"LIVE_STEMCELL is no stemcell: {self['stemcell']}")
        if not RUN_ID.fullmatch(self.run_id):
            found.append("LIVE_RUN_ID must begin with a letter and have a-z, 0-9 and - only")
        return found

    def _missing(self) -> list[str]:
        names = [spelled(name) for name in REQUIRED if name not in self]
        if self.get("credential_source") != ROLE:
            names += [spelled(name) for name in KEYS[:2] if name not in self]
        if "image_id" not in self and "stemcell" not in self:
            names.append("LIVE_STEMCELL or LIVE_IMAGE_ID")
        return names

    def left_out(self) -> dict[str, str]:
        """Tell which optional variables are not set, and what is not tested without each."""
        return {spelled(name): why for name, why in OPTIONAL.items() if name not in self}

    def redact(self, text: str) -> str:
        """Return the text with every secret of the run replaced."""
        for name in KEYS:
            if len(self.get(name)) >= _SHORTEST_SECRET:
                text = text.replace(self[name], REDACTED)
        return text

    @property
    def alicloud(self) -> dict[str, str]:
        """The alicloud properties of a CPI for this account."""
        given = {name: self.get(name) for name in (*KEYS, "credential_source", "ram_role_name")}
        endpoints = {f"{name}_endpoint": self.get(f"{name}_endpoint") for name in SERVICES}
        properties = {
            "region": self["region"],
            "availability_zone": self["availability_zone"],
            "ca_cert": Path(self["ca_cert"]).read_text("ascii") if "ca_cert" in self else "",
            **given,
            **endpoints,
        }
        return {name: value for name, value in properties.items() if value}
