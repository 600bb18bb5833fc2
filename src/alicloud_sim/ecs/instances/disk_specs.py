"""The disks that an instance is made with: SystemDisk and DataDisk.N (semantics.md section 4).

RunInstances has Encrypted as text and SystemDisk.Size as text; CreateInstance has booleans
and numbers, and no encryption for the system disk: it follows the image there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from alicloud_sim import names
from alicloud_sim.ecs import disk_rules, kms_keys
from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.snapshots import Snapshot

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.ecs.images import Image
    from alicloud_sim.ecs.instance_types import InstanceType
    from alicloud_sim.params import Params
    from alicloud_sim.world import Zone

DEFAULT_CATEGORY = "cloud_efficiency"
SMALLEST_SYSTEM = 20
DEFAULT_SYSTEM = 40
LARGEST_SYSTEM = {"cloud": 500}
LARGEST_SYSTEM_ELSE = 2048
FROM_ONE = (("cloud_essd", "PL0"), ("cloud_auto", ""))


@dataclass(frozen=True)
class DiskSpec:
    """A disk to be made, checked."""

    type: str
    category: str
    performance_level: str
    size_gib: int
    name: str
    description: str
    encrypted: bool
    kms_key_id: str
    delete_with_instance: bool
    snapshot_id: str = ""
    provisioned_iops: int | None = None
    bursting: bool = False


def read(ctx: Ctx, p: Params, kind: InstanceType, image: Image, zone: Zone) -> list[DiskSpec]:
    """Check all disks of a new instance, the system disk first.

    :raises ApiError: what the type, the zone, the image or the quota does not allow
    """
    items = p.items("DataDisk")
    if 1 + len(image.data_sizes_gib) + len(items) > kind.most_disks:
        raise ctx.error(
            "InstanceDiskNumLimitExceed",
            message=f"The type {kind.id} takes {kind.most_disks} disks.",
        )
    specs = [_system(ctx, p.fields("SystemDisk"), kind, image, zone)]
    specs += [_of_image(specs[0], size) for size in image.data_sizes_gib]
    return specs + [_data(ctx, item, kind, zone) for item in items]


def local(kind: InstanceType) -> list[DiskSpec]:
    """Return the disks of the host that each instance of a type has."""
    one = DiskSpec(
        "data",
        kind.local_category,
        "",
        kind.local_disk_gib,
        name="",
        description="",
        encrypted=False,
        kms_key_id="",
        delete_with_instance=True,
    )
    return [one] * kind.local_disks


def _of_image(system: DiskSpec, size_gib: int) -> DiskSpec:
    """Make a data disk that the image brings along; of the system disk's category.

    The category is not in the reference.
    """
    return replace(system, type="data", size_gib=size_gib, name="", description="")


def check_quota(ctx: Ctx, amount: int) -> None:
    """Refuse more disks than the quota "disk.count" allows.

    :raises ApiError: QuotaExceed.PostPaidDisk
    """
    most = ctx.world.quotas.get("disk.count")
    if most is not None and len(ctx.records(Disk)) + amount > most:
        raise ctx.error("QuotaExceed.PostPaidDisk", message=f"The quota is {most} disks.")


def _check_texts(ctx: Ctx, item: Params) -> None:
    names.check_name(ctx, item.text("DiskName"), "InvalidDiskName.Malformed")
    names.check_description(ctx, item.text("Description"), "InvalidDiskDescription.Malformed")


def _category(ctx: Ctx, item: Params, kind: InstanceType, zone: Zone, code: str) -> str:
    category = item.text("Category", DEFAULT_CATEGORY)
    disk_rules.check_category(ctx, category, zone.disk_categories, code)
    if category not in kind.disk_categories:
        raise ctx.error(
            "InvalidInstanceType.NotSupportDiskCategory",
            message=f"The instance type {kind.id} does not support {category}.",
        )
    return category


def _system(ctx: Ctx, item: Params, kind: InstanceType, image: Image, zone: Zone) -> DiskSpec:
    _check_texts(ctx, item)
    category = _category(ctx, item, kind, zone, "InvalidSystemDiskCategory.ValueNotSupported")
    level = disk_rules.performance_level(ctx, category, item.text("PerformanceLevel"))
    size = _size(ctx, item)
    if size is None:
        size = max(DEFAULT_SYSTEM, image.size_gib)
    _check_system_size(ctx, size, category, level, image)
    encrypted, key = _system_encryption(ctx, item, image)
    return DiskSpec(
        "system",
        category,
        level,
        size,
        item.text("DiskName"),
        item.text("Description"),
        encrypted,
        key,
        delete_with_instance=True,
        **_auto(ctx, item, category, size, ctx.spec.request["SystemDisk"]["fields"]),
    )


def _auto(ctx: Ctx, item: Params, category: str, size: int, fields: Any) -> dict[str, Any]:
    """Read what only AutoPL disks have; only RunInstances can ask for it."""
    if "ProvisionedIops" not in fields:
        return {"provisioned_iops": disk_rules.iops_of(category, None)}
    iops, bursting = item.integer("ProvisionedIops"), item.flag("BurstingEnabled")
    disk_rules.check_auto(ctx, category, size, iops, bursting=bursting)
    return {
        "provisioned_iops": disk_rules.iops_of(category, iops),
        "bursting": bool(bursting),
    }


def _size(ctx: Ctx, item: Params) -> int | None:
    text = item.text("Size")
    if text and not text.isdecimal():
        raise ctx.error("InvalidSystemDiskSize.ValueNotSupported", message=f"{text} is no size.")
    return int(text) if text else None


def _check_system_size(ctx: Ctx, size: int, category: str, level: str, image: Image) -> None:
    smallest = SMALLEST_SYSTEM
    if ctx.spec.name == "RunInstances" and (category, level) in FROM_ONE:
        smallest = 1
    if size < smallest:
        raise ctx.error(
            "InvalidSystemDiskSize.LessThanMinSize", message=f"A system disk has {smallest} GiB."
        )
    if size < image.size_gib:
        raise ctx.error(
            "InvalidSystemDiskSize.LessThanImageSize",
            message=f"The image needs {image.size_gib} GiB.",
        )
    if size > LARGEST_SYSTEM.get(category, LARGEST_SYSTEM_ELSE):
        raise ctx.error(
            "InvalidSystemDiskSize.MoreThanMaxSize", message=f"{size} GiB are too many."
        )
    disk_rules.check_size(ctx, category, level, size, "InvalidSystemDiskSize.ValueNotSupported")


def _system_encryption(ctx: Ctx, item: Params, image: Image) -> tuple[bool, str]:
    """Tell whether the system disk is encrypted, and by which key."""
    if "Encrypted" not in ctx.spec.request["SystemDisk"]["fields"]:
        asked, key = None, ""
    else:
        asked, key = _flag(ctx, item), item.text("KMSKeyId")
    if not image.encrypted:
        return kms_keys.choose(ctx, key, asked=asked)
    if asked is False:
        raise ctx.error("InvalidEncrypted.NotMatchSnapshot", message="The image is encrypted.")
    if key:
        kms_keys.check(ctx, key, encrypted=True)
    return True, key or image.kms_key_id


def _flag(ctx: Ctx, item: Params) -> bool | None:
    """Read Encrypted, a text for RunInstances and a boolean for CreateInstance."""
    text = item.text("Encrypted").lower()
    if text not in ("", "true", "false"):
        raise ctx.error("InvalidParameter", message=f"The specified Encrypted {text} is not valid.")
    return text == "true" if text else None


def _data(ctx: Ctx, item: Params, kind: InstanceType, zone: Zone) -> DiskSpec:
    _check_texts(ctx, item)
    category = _category(ctx, item, kind, zone, "InvalidDataDiskCategory.ValueNotSupported")
    level = disk_rules.performance_level(ctx, category, item.text("PerformanceLevel"))
    snapshot = _snapshot(ctx, item.text("SnapshotId"))
    size = item.integer("Size")
    if size is None and snapshot is None:
        raise ctx.error("MissingParameter", message="DataDisk.N.Size is mandatory.")
    at_least = snapshot.size_gib if snapshot else 0
    if size is not None and size < at_least:
        raise ctx.error(
            "InvalidDataDiskSize.ValueNotSupported", message="It is smaller than its snapshot."
        )
    size = max(size or 0, at_least)
    disk_rules.check_size(ctx, category, level, size, "InvalidDataDiskSize.ValueNotSupported")
    encrypted, key = kms_keys.choose(ctx, item.text("KMSKeyId"), snapshot, asked=_flag(ctx, item))
    return DiskSpec(
        "data",
        category,
        level,
        size,
        item.text("DiskName"),
        item.text("Description"),
        encrypted,
        key,
        delete_with_instance=item.flag("DeleteWithInstance", True),
        snapshot_id=snapshot.id if snapshot else "",
        **_auto(ctx, item, category, size, ctx.spec.request["DataDisk"]["items"]),
    )


def _snapshot(ctx: Ctx, snapshot_id: str) -> Snapshot | None:
    if not snapshot_id:
        return None
    snapshot = ctx.need(Snapshot, snapshot_id, "InvalidDataDiskSnapshotId.NotFound")
    if not snapshot.usable:
        raise ctx.error("InvalidSnapshotId.NotReady", message="The snapshot is not finished.")
    if snapshot.disk_type == "system":
        raise ctx.error("InvalidSnapshotId.NotDataDiskSnapshot", message="It is a system disk's.")
    return snapshot
