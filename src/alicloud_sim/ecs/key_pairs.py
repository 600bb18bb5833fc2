"""Key pairs that instances can be made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alicloud_sim.records import Record


@dataclass
class KeyPair(Record):
    """An SSH key pair; callers know it by its name. The private key is told once, not kept."""

    kind: ClassVar[str] = "key_pair"
    prefix: ClassVar[str] = "ssh"

    name: str = ""
    public_key: str = ""
    fingerprint: str = ""
    resource_group_id: str = ""
