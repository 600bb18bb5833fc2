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
# Its key was named when it was created: DescribeDisks shows a key for every encrypted disk, the
# service's own where none was named.
PERSISTENT_WITH_KEY = f"{PERSISTENT} with a KMS key"

# Disks of the host: they come and go with the instance, which they cannot leave.
_LOCAL = ("local_ssd_pro", "local_hdd_pro")

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
    provisioned_iops: int
    bursting_enabled: bool
    type: str
    instance_id: str
    attached_time: str
    device: str
    serial_number: str
    description: str
    encrypted: bool
    kms_key_id: str
    delete_with_instance: bool
    created: str
    auto_snapshot_policy_id: str
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
            provisioned_iops=fields.integer("ProvisionedIops"),
            bursting_enabled=fields.flag("BurstingEnabled"),
            type=fields.text("Type"),
            instance_id=fields.text("InstanceId")
            or next((one.text("InstanceId") for one in attachments), ""),
            attached_time=fields.text("AttachedTime"),
            device=fields.text("Device"),
            serial_number=fields.text("SerialNumber"),
            description=fields.text("Description"),
            encrypted=fields.flag("Encrypted"),
            kms_key_id=fields.text("KMSKeyId"),
            delete_with_instance=fields.flag("DeleteWithInstance"),
            created=fields.text("CreationTime"),
            auto_snapshot_policy_id=fields.text("AutoSnapshotPolicyId"),
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

    def is_attached_since(self, earlier: Disk) -> bool:
        """Whether it was attached, to whichever instance, after it was seen attached earlier."""
        return self.status == IN_USE and (
            self.instance_id != earlier.instance_id
            or "" < earlier.attached_time < self.attached_time
        )

    @property
    def is_ours(self) -> bool:
        """Whether this CPI created it."""
        return self.description in (PERSISTENT, PERSISTENT_WITH_KEY, EPHEMERAL)

    @property
    def own_kms_key_id(self) -> str:
        """The KMS key that was named when this CPI created it; empty for the service's own key."""
        return self.kms_key_id if self.description == PERSISTENT_WITH_KEY else ""

    @property
    def is_ephemeral(self) -> bool:
        """Whether this CPI created it together with a VM."""
        return self.description == EPHEMERAL

    @property
    def is_local(self) -> bool:
        """Whether it is a disk of the host."""
        return self.category in _LOCAL

    @property
    def is_persistent(self) -> bool:
        """Whether it is a data disk that outlives its VM."""
        if self.type == "system" or self.is_ephemeral or self.is_local:
            return False
        if self.description in (PERSISTENT, PERSISTENT_WITH_KEY):
            return True
        return not (self.device == _FIRST_DATA_DEVICE and self.delete_with_instance)


def find_disk(client: Client, region: str, disk_id: str) -> Disk | None:
    """Return the disk if this region has it."""
    request = DescribeDisksRequest()
    request.set_DiskIds(json_ids(disk_id))
    response = client.send(request, region, expect=("Disks", "Disk"))
    found = response.record_of("DiskId", disk_id, "Disks", "Disk")
    return Disk.from_api(found, region) if found else None
