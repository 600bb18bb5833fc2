"""One ECS cloud disk, as DescribeDisks returns it."""

from __future__ import annotations

from dataclasses import dataclass

from aliyunsdkecs.request.v20140526.DescribeDisksRequest import DescribeDisksRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.pagination import json_ids
from alicloud_cpi.aliyun.response import Fields

AVAILABLE, IN_USE, DETACHING, MODIFYING = "Available", "In_use", "Detaching", "Modifying"

# Written into the description of the disks that this CPI creates, so that a VM's ephemeral disk is
# never taken for a persistent one, whatever flags somebody sets on it.
PERSISTENT = "BOSH persistent disk"
EPHEMERAL = "BOSH ephemeral disk"

# The first data disk created together with an instance: other CPIs write no description.
_FIRST_DATA_DEVICE = "/dev/xvdb"


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk; ``instance_id`` is empty unless it is attached."""

    id: str
    region: str
    zone: str
    status: str
    size_gib: int
    name: str
    category: str
    performance_level: str
    type: str
    instance_id: str
    device: str
    serial_number: str
    description: str
    encrypted: bool
    kms_key_id: str
    delete_with_instance: bool
    created: str
    tags: dict[str, str]

    @classmethod
    def from_api(cls, fields: Fields, region: str) -> Disk:
        """Read a record of DescribeDisks."""
        attachments = fields.records("Attachments", "Attachment")
        return cls(
            id=fields.resource_id("DiskId"),
            region=fields.text("RegionId") or region,
            zone=fields.text("ZoneId"),
            status=fields.required_text("Status"),
            size_gib=fields.required_integer("Size"),
            name=fields.text("DiskName"),
            category=fields.text("Category"),
            performance_level=fields.text("PerformanceLevel"),
            type=fields.text("Type"),
            instance_id=fields.text("InstanceId")
            or next((one.text("InstanceId") for one in attachments), ""),
            device=fields.text("Device"),
            serial_number=fields.text("SerialNumber"),
            description=fields.text("Description"),
            encrypted=fields.flag("Encrypted"),
            kms_key_id=fields.text("KMSKeyId"),
            delete_with_instance=fields.flag("DeleteWithInstance"),
            created=fields.text("CreationTime"),
            tags=fields.tags(),
        )

    @property
    def is_available(self) -> bool:
        """Whether it can be attached, resized or deleted now."""
        return self.status == AVAILABLE

    @property
    def is_changing(self) -> bool:
        """Whether an operation is under way, such as Attaching, Detaching or Modifying."""
        return self.status not in (AVAILABLE, IN_USE)

    @property
    def is_ours(self) -> bool:
        """Whether this CPI created it."""
        return self.description in (PERSISTENT, EPHEMERAL)

    @property
    def is_ephemeral(self) -> bool:
        """Whether this CPI created it together with a VM."""
        return self.description == EPHEMERAL

    @property
    def is_persistent(self) -> bool:
        """Whether it is a data disk that outlives its VM."""
        if self.type == "system" or self.is_ephemeral:
            return False
        if self.description == PERSISTENT:
            return True
        return not (self.device == _FIRST_DATA_DEVICE and self.delete_with_instance)


def find_disk(client: Client, region: str, disk_id: str) -> Disk | None:
    """Return the disk if this region has it."""
    request = DescribeDisksRequest()
    request.set_DiskIds(json_ids(disk_id))
    response = client.send(request, region, expect=("Disks", "Disk"))
    found = response.record_of("DiskId", disk_id, "Disks", "Disk")
    return Disk.from_api(found, region) if found else None
