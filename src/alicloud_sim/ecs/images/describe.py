"""DescribeImages (semantics.md section 7).

Without Status only Available images are listed: whoever waits for an import or a copy has
to ask for Status=ALL or for a list such as Creating,Waiting,Available.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs import progress
from alicloud_sim.ecs.disks.record import SYSTEM_DEVICE, data_devices
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import newest_first, page

from .record import STATUSES, Image

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

DEFAULT_STATUS = "Available"
EVERY_STATUS = "ALL"
ALIASES = ("system", "self", "others", "marketplace")
USAGES = ("instance", "none")
SYSTEMS = ("windows", "linux")
ARCHITECTURES = ("i386", "x86_64", "arm64")
SHOWN_ARCHITECTURES = {"X86": ("i386", "x86_64"), "ARM": ("arm64",)}


@ecs.action(
    "DescribeImages",
    params="RegionId Status ImageId SnapshotId ImageName ImageFamily ImageOwnerAlias ImageOwnerId"
    " InstanceType IsPublic IsSupportIoOptimized IsSupportCloudinit OSType Architecture Usage"
    " ShowExpired DryRun Tag PageNumber PageSize",
)
def describe_images(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List own, shared and public images; ImageId is one id, ImageName may have asterisks."""
    for name, known, code in (
        ("ImageOwnerAlias", ALIASES, "InvalidImageOwnerAlias.ValueNotSupported"),
        ("Usage", USAGES, "InvalidUsage"),
        ("OSType", SYSTEMS, "InvalidOSType"),
        ("Architecture", ARCHITECTURES, "InvalidArchitecture"),
    ):
        if p.text(name) and p.text(name) not in known:
            raise ctx.error(code, message=f"The specified {name} {p.text(name)} is not valid.")
    kind = _instance_type(ctx, p.text("InstanceType"))
    statuses = _statuses(ctx, p.text("Status", DEFAULT_STATUS))
    ctx.dry_run(p.flag("DryRun"))
    rows = [
        image
        for image in ctx.visible(Image)
        if image.status in statuses and _fits(ctx, image, p) and _fits_type(image, kind)
    ]
    shown = page(ctx, p, newest_first(rows))
    found = [_image(ctx, image) for image in shown.rows]
    return {"RegionId": ctx.region, "Images": {"Image": found}, **shown.fields}


def _instance_type(ctx: Ctx, name: str) -> InstanceType | None:
    kind = ctx.find(InstanceType, name) if name else None
    if name and kind is None:
        raise ctx.error("InvalidInstanceType.ValueNotSupported", message=f"No type {name}.")
    return kind


def _statuses(ctx: Ctx, text: str) -> set[str]:
    """Read a status filter: ALL, or statuses with commas between.

    A status that does not exist is refused (not in the reference).
    """
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if EVERY_STATUS in {one.upper() for one in wanted}:
        return set(STATUSES)
    if wanted - set(STATUSES):
        raise ctx.error("InvalidParamter", message=f"The specified Status {text} is not valid.")
    return wanted


def _fits(ctx: Ctx, image: Image, p: Params) -> bool:
    name = p.text("ImageName").replace("[", "[[]")
    owner, snapshot = p.integer("ImageOwnerId"), p.text("SnapshotId")
    usage = p.text("Usage")
    return (
        p.text("ImageId") in ("", image.id)
        and (not snapshot or snapshot in image.snapshot_ids)
        and (not name or fnmatch.fnmatchcase(image.name, name))
        and p.text("ImageFamily") in ("", image.family)
        and p.text("ImageOwnerAlias") in ("", image.alias_for(ctx.account))
        and (owner is None or str(owner) == image.account)
        and p.text("OSType") in ("", image.os_type)
        and p.text("Architecture") in ("", image.architecture)
        and p.flag("IsPublic") in (None, image.is_public)
        and p.flag("IsSupportIoOptimized") is not False
        and p.flag("IsSupportCloudinit") is not False
        and (not usage or usage == _usage(ctx, image))
        and tags.match(image.tags, p.items("Tag"))
    )


def _fits_type(image: Image, kind: InstanceType | None) -> bool:
    """Whether an instance type can start the image: architecture, and NVMe where it must."""
    if kind is None:
        return True
    nvme = kind.nvme_support != "required" or image.nvme_supported
    return nvme and image.architecture in SHOWN_ARCHITECTURES.get(
        kind.architecture, (image.architecture,)
    )


def _usage(ctx: Ctx, image: Image) -> str:
    used = any(instance.image_id == image.id for instance in ctx.records(Instance))
    return "instance" if used else "none"


def _progress(ctx: Ctx, image: Image) -> tuple[str, int]:
    """Tell how far an image is and how many seconds are left; a failed one stays at 0%."""
    if image.status in ("Creating", "Waiting", "CreateFailed"):
        return progress.of(ctx, image)
    return "100%", 0


def _mappings(ctx: Ctx, image: Image) -> list[dict[str, Any]]:
    """Write the disks of an image; those of the cloud's own images are not told.

    Whether another account sees the snapshots of an image shared with it is not in the
    reference: it does here.
    """
    if image.owner_alias:
        return []
    sizes = [image.size_gib, *image.data_sizes_gib]
    devices = [SYSTEM_DEVICE, *data_devices()]
    snapshots = image.snapshot_ids + [""] * (len(sizes) - len(image.snapshot_ids))
    done, left = _progress(ctx, image)
    return [
        {
            "Type": "data" if number else "system",
            "Device": devices[number],
            "Size": str(size),
            "SnapshotId": snapshots[number],
            "Format": image.format,
            "ImportOSSBucket": image.bucket,
            "ImportOSSObject": image.object_key,
            "Encrypted": image.encrypted,
            "Progress": done,
            "RemainTime": left,
        }
        for number, size in enumerate(sizes)
    ]


def _image(ctx: Ctx, image: Image) -> dict[str, Any]:
    features = {
        "NvmeSupport": "supported" if image.nvme_supported else "unsupported",
        "ImdsSupport": image.imds_version,
    }
    return {
        "ImageId": image.id,
        "ImageName": image.name or image.id,
        "ImageFamily": image.family,
        "Description": image.description,
        "Status": image.status,
        "Progress": _progress(ctx, image)[0],
        "Size": image.size_gib,
        "OSType": image.os_type,
        "OSName": image.os_name or image.platform,
        "OSNameEn": image.os_name or image.platform,
        "Platform": image.platform,
        "Architecture": image.architecture,
        "BootMode": image.boot_mode,
        "LicenseType": image.license_type,
        "ImageOwnerAlias": image.alias_for(ctx.account),
        "ImageOwnerId": int(image.account) if image.account.isdecimal() else None,
        "IsPublic": image.is_public,
        "IsCopied": image.origin == "copy",
        "IsSelfShared": "True" if image.shared_with else "",
        "IsSubscribed": False,
        "IsSupportCloudinit": True,
        "IsSupportIoOptimized": True,
        "Usage": _usage(ctx, image),
        "Usable": image.status == "Available",
        "Features": features,
        "CreationTime": iso_seconds(image.created),
        "DiskDeviceMappings": {"DiskDeviceMapping": _mappings(ctx, image)},
        "ResourceGroupId": image.resource_group_id,
        "Tags": {"Tag": tags.shown(image.tags)},
    }
