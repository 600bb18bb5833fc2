"""ImportImage, and what cancelling its task does (semantics.md section 7).

Pace keys: "image.wait" for Waiting, "image.import" for Creating. Settings of the world:
"image.import_fails" picks images (by id or name) that end CreateFailed;
"image.cancel_removes" lets a cancelled import vanish, else it stays as CreateFailed and has
to be deleted (which of the two the cloud does is not in the reference).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_sim import names, settings, tags
from alicloud_sim.ecs import resource_groups, tasks
from alicloud_sim.ecs.service import ecs

from . import import_source
from .create_image import add_snapshots
from .modify_delete import BOOT_MODES, LICENSES, features
from .record import Image, check_name, check_quota

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

ACTION = "ImportImage"
SMALLEST_GIB, LARGEST_GIB = 1, 2048
LEAST_IMAGE_GIB = 5
ARCHITECTURES = ("x86_64", "i386", "arm64")
SYSTEMS = ("linux", "windows")
DEFAULT_PLATFORM = "Others Linux"
PLATFORMS = (
    "Aliyun",
    "Anolis",
    "CentOS",
    "Ubuntu",
    "CoreOS",
    "SUSE",
    "Debian",
    "OpenSUSE",
    "FreeBSD",
    "RedHat",
    "Kylin",
    "UOS",
    "Fedora",
    "Fedora CoreOS",
    "CentOS Stream",
    "AlmaLinux",
    "Rocky Linux",
    "Gentoo",
    "Customized Linux",
    "Others Linux",
    "Other Linux",
    "Windows Server 2022",
    "Windows Server 2019",
    "Windows Server 2016",
    "Windows Server 2012",
    "Other Windows",
)


@ecs.action(
    ACTION,
    params="RegionId ImageName Description Architecture OSType Platform BootMode RoleName"
    " LicenseType DiskDeviceMapping Features ResourceGroupId DryRun Tag",
)
def import_image(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make an image of objects in OSS: Waiting, Creating, then Available, with a task.

    Content of another format makes the import fail in the end (not in the reference).
    """
    check_name(ctx, p.text("ImageName"), ctx.region)
    names.check_description(ctx, p.text("Description"), "InvalidDescription.Malformed")
    _check_kind(ctx, p)
    nvme, imds = features(ctx, p)
    items = p.items("DiskDeviceMapping")
    if not items:
        raise ctx.error("MissingParameter.DiskDeviceMapping", "MissingParameter")
    _check_owners(ctx, p)
    found = [_source(ctx, item) for item in items]
    sizes = [_size(ctx, item, one, number) for number, (item, one) in enumerate(found)]
    check_quota(ctx, ctx.region)
    first = found[0][1]
    image = Image(
        ctx.new_id(Image),
        ctx.account,
        ctx.region,
        name=p.text("ImageName"),
        description=p.text("Description"),
        size_gib=sizes[0],
        data_sizes_gib=sizes[1:],
        os_type=p.text("OSType", SYSTEMS[0]),
        platform=p.text("Platform", DEFAULT_PLATFORM),
        architecture=p.text("Architecture", ARCHITECTURES[0]),
        boot_mode=_boot_mode(ctx, p),
        license_type=p.text("LicenseType", LICENSES[0]),
        nvme_supported=bool(nvme),
        imds_version=imds or "v1",
        origin="import",
        bucket=first.bucket,
        object_key=first.key,
        format=first.format,
        resource_group_id=p.text("ResourceGroupId"),
        tags=tags.read(ctx, p.items("Tag")),
    )
    ctx.dry_run(p.flag("DryRun"))
    task = tasks.begin(ctx, ACTION, ctx.add(image), "ImageId")
    wrong = any(item.text("Format").upper() not in ("", one.format) for item, one in found)
    create = partial(_create, ctx, image, task, wrong=wrong)
    ctx.begin("image.wait", image, "Waiting", create, task)
    return {"ImageId": image.id, "TaskId": task.id, "RegionId": ctx.region}


def _check_owners(ctx: Ctx, p: Params) -> None:
    """Refuse a resource group or a role that does not exist."""
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    import_source.check_role(ctx, p.text("RoleName"))


def _check_kind(ctx: Ctx, p: Params) -> None:
    """Refuse words that do not exist."""
    for name, known in (
        ("Architecture", ARCHITECTURES),
        ("OSType", SYSTEMS),
        ("Platform", PLATFORMS),
        ("BootMode", BOOT_MODES),
    ):
        if p.text(name) and p.text(name) not in known:
            raise ctx.error(
                f"Invalid{name}.Malformed", message=f"The specified {name} {p.text(name)}."
            )
    if p.text("LicenseType", LICENSES[0]) not in LICENSES:
        raise ctx.error("InvalidLicenseType.NotSupported")
    _boot_mode(ctx, p)


def _boot_mode(ctx: Ctx, p: Params) -> str:
    """Tell the boot mode: UEFI for arm64, which has no other, else BIOS unless given."""
    arm = p.text("Architecture") == "arm64"
    mode = p.text("BootMode", "UEFI" if arm else "BIOS")
    if arm and mode != "UEFI":
        raise ctx.error("InvalidBootMode.NotSupport", message="arm64 boots by UEFI.")
    return mode


def _source(ctx: Ctx, item: Params) -> tuple[Params, import_source.Source]:
    """Find the object of one disk."""
    if item.text("Format").upper() not in ("", *import_source.FORMATS):
        raise ctx.error("InvalidImageFormat.Malformed", message=item.text("Format"))
    return item, import_source.find(ctx, item.text("OSSBucket"), item.text("OSSObject"))


def _size(ctx: Ctx, item: Params, source: import_source.Source, number: int) -> int:
    """Tell the size in GiB of one disk: as asked, else what the object needs, at least 5.

    The least size without any being asked is not in the reference.
    """
    code = "InvalidDataDiskSize" if number else "InvalidImageSize"
    size = item.integer("DiskImageSize", item.integer("DiskImSize", 0))
    if not item.given("DiskImageSize") and not item.given("DiskImSize"):
        size = max(LEAST_IMAGE_GIB, source.size_gib)
    if not SMALLEST_GIB <= size <= LARGEST_GIB or size < source.size_gib:
        raise ctx.error(code, message=f"{size} GiB for an image of {source.size_gib} GiB.")
    return size


def _create(ctx: Ctx, image: Image, task: tasks.Task, *, wrong: bool) -> None:
    finish = partial(_finish, ctx, image, task, wrong=wrong)
    ctx.begin("image.import", image, "Creating", finish, task)


def _finish(ctx: Ctx, image: Image, task: tasks.Task, *, wrong: bool) -> None:
    if wrong or settings.picks(ctx.world, "image.import_fails", image.id, image.name):
        image.status = "CreateFailed"
        code = "InvalidImageFormat.Malformed" if wrong else "ImportImageFailed"
        tasks.end(task, ctx.now, code, "The image could not be imported.")
        return
    add_snapshots(ctx, image)
    image.status = "Available"
    tasks.end(task, ctx.now)


def _cancel(ctx: Ctx, task: tasks.Task) -> None:
    """Stop an import; see the module's text for what becomes of the image."""
    image = ctx.find(Image, task.resource_id)
    if image is None:
        return
    ctx.world.jobs.cancel((image.kind, image.id))
    image.status = "CreateFailed"
    if settings.on(ctx.world, "image.cancel_removes", default=False):
        ctx.world.remove(image)


tasks.CANCELS[ACTION] = _cancel
