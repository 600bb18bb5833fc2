"""The object in OSS that an image is imported from: what is refused, and what it holds.

Settings of the world: "ram.roles" lists the RAM roles that ECS may take on besides the
records of ram_role, by default AliyunECSImageImportDefaultRole alone; "oss.closed" closes
OSS for the account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alicloud_sim import settings
from alicloud_sim.ecs.ram_roles import RamRole
from alicloud_sim.oss.records import FROZEN_CLASSES, Bucket, OssObject, blob_of

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

IMPORT_ROLE = "AliyunECSImageImportDefaultRole"
FORMATS = ("RAW", "VHD", "QCOW2")
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
LONGEST_KEY = 1023
PACKED = (".gz", ".tgz", ".tar", ".zip", ".xz", ".bz2", ".iso", ".ova", ".vmdk")
GIB = 2**30
QCOW2_MAGIC, QCOW2_SIZE = b"QFI\xfb", slice(24, 32)
VHD_MAGIC, VHD_FOOTER, VHD_SIZE = b"conectix", 512, slice(48, 56)
QCOW2_HEAD = 72


@dataclass(frozen=True)
class Source:
    """What an import reads: the true format and the size in bytes of the disk inside."""

    bucket: str
    key: str
    format: str
    disk_bytes: int

    @property
    def size_gib(self) -> int:
        """The size of the disk in GiB, rounded up."""
        return -(-self.disk_bytes // GIB)


def check_role(ctx: Ctx, role: str) -> None:
    """Refuse an import when ECS may not read the account's buckets.

    :raises ApiError: NoSetRoletoECSServiceAcount
    """
    if settings.on(ctx.world, "oss.closed", default=False):
        raise ctx.error("InvalidAccountStatus.OSSDisabled", message="OSS is not opened.")
    known = [one.name for one in ctx.records(RamRole)]
    known += ctx.world.settings.get("ram.roles", [IMPORT_ROLE])
    if (role or IMPORT_ROLE) not in known:
        raise ctx.error(
            "NoSetRoletoECSServiceAcount",
            message="ECS service account doesn't have the OSS role assigned.",
        )


def find(ctx: Ctx, bucket_name: str, key: str) -> Source:
    """Find the object to import and look into it.

    A bucket of another account and an archived object are refused too, and so are packed
    files by their suffix (which suffixes is not in the reference).

    :raises ApiError: no such bucket or object, or one that cannot be imported
    """
    if not bucket_name or not key:
        missing = "OSSObject" if bucket_name else "OSSBucket"
        raise ctx.error("MissingParameter", message=f"DiskDeviceMapping.N.{missing} is missing.")
    if not BUCKET_NAME.fullmatch(bucket_name):
        raise ctx.error("InvalidOSSBucket.Malformed", message=f"The bucket {bucket_name}.")
    if len(key.encode()) > LONGEST_KEY or key.startswith("/"):
        raise ctx.error("InvalidOSSObject.Malformed", message=f"The object {key}.")
    if key.lower().endswith(PACKED):
        raise ctx.error("UnsupportedSuffix.OSSObject", message=f"The object {key}.")
    _check_bucket(ctx, bucket_name)
    stored = ctx.world.get(OssObject, f"{bucket_name}/{key}")
    if stored is None:
        raise ctx.error("InvalidOSSObject.NotFound", message=f"No object {key}.")
    if stored.storage_class in FROZEN_CLASSES:
        raise ctx.error("InvalidOSSObject.NeedRestore", message=f"It is {stored.storage_class}.")
    if not stored.size:
        raise ctx.error("InvalidOSSObject.Size", message="The object is empty.")
    return _look(ctx, stored)


def _check_bucket(ctx: Ctx, bucket_name: str) -> None:
    bucket = ctx.world.get(Bucket, bucket_name)
    if bucket is None:
        raise ctx.error("InvalidOSSBucket.NotFound", message=f"No bucket {bucket_name}.")
    if bucket.account != ctx.account:
        raise ctx.error("InvalidOSS.NotAuthorized", message=f"The bucket {bucket_name}.")
    if bucket.region != ctx.region:
        raise ctx.error("InvalidOSSBucket.NotMatched", message=f"The bucket is in {bucket.region}.")


def _look(ctx: Ctx, stored: OssObject) -> Source:
    """Tell format and disk size from the header (QCOW2) or the footer (VHD), else it is RAW."""
    blob = blob_of(ctx.world, stored)
    head = blob.read(0, QCOW2_HEAD)
    footer = blob.read(max(0, stored.size - VHD_FOOTER), VHD_FOOTER)
    kind, size = "RAW", stored.size
    if head.startswith(QCOW2_MAGIC):
        kind, size = "QCOW2", int.from_bytes(head[QCOW2_SIZE], "big")
    elif footer.startswith(VHD_MAGIC):
        kind, size = "VHD", int.from_bytes(footer[VHD_SIZE], "big")
    return Source(stored.bucket, stored.key, kind, max(size, 1))
