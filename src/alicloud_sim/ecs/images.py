"""Images: own ones, public ones and those that another account shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from alicloud_sim.records import Record


@dataclass
class Image(Record):
    """A custom or shared image; sizes in GiB."""

    kind: ClassVar[str] = "image"
    prefix: ClassVar[str] = "m"

    name: str = ""
    description: str = ""
    size_gib: int = 5
    os_type: str = "linux"
    os_name: str = ""
    platform: str = "Ubuntu"
    architecture: str = "x86_64"
    boot_mode: str = "BIOS"
    nvme_supported: bool = False
    imds_version: str = "v1"
    is_public: bool = False
    shared_with: list[str] = field(default_factory=list)
    snapshot_ids: list[str] = field(default_factory=list)
    encrypted: bool = False
    kms_key_id: str = ""
    progress: str = "100%"

    def readable_by(self, account: str) -> bool:
        """Whether it is the account's own, shared with it or public."""
        return self.account == account or self.is_public or account in self.shared_with
