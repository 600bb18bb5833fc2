"""ModifyImageAttribute and DeleteImage (semantics.md section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim import names, settings
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.ecs.service import ecs

from .record import Image, check_name, own

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

CHANGES = ("ImageName", "Description", "Status", "BootMode", "LicenseType", "Features")
BOOT_MODES = ("BIOS", "UEFI", "UEFI-Preferred")
LICENSES = ("Auto", "Aliyun", "BYOL")


@ecs.action(
    "ModifyImageAttribute",
    params="RegionId ImageId ImageName Description Status BootMode LicenseType Features DryRun",
)
def modify_image_attribute(ctx: Ctx, p: Params) -> None:
    """Change an own image that is Available or Deprecated.

    Status turns one of the two into the other; to the one it has already is refused, and so
    is a call without anything to change (MissingParameter): neither is in the reference.
    """
    image = own(ctx, p.text("ImageId"))
    if not any(p.given(name) for name in CHANGES):
        raise ctx.error("MissingParameter", message="There is nothing to change.")
    check_name(ctx, p.text("ImageName"), ctx.region, besides=image.id)
    names.check_description(ctx, p.text("Description"), "InvalidDescription.Malformed")
    status = p.text("Status", image.status)
    _check_status(ctx, image, status, given=p.given("Status"))
    boot_mode = p.text("BootMode", image.boot_mode)
    if boot_mode not in BOOT_MODES or (image.architecture == "arm64" and boot_mode == "BIOS"):
        raise ctx.error("InvalidBootMode.NotSupport", message=f"No {boot_mode} for this image.")
    license_type = p.text("LicenseType", image.license_type)
    if license_type not in LICENSES:
        raise ctx.error("InvalidLicenseType.NotSupported", message=f"No {license_type}.")
    nvme, imds = features(ctx, p)
    ctx.dry_run(p.flag("DryRun"))
    image.name = p.text("ImageName", image.name)
    image.description = p.text("Description", image.description)
    image.status, image.boot_mode, image.license_type = status, boot_mode, license_type
    image.nvme_supported = image.nvme_supported if nvme is None else nvme
    image.imds_version = imds or image.imds_version


def features(ctx: Ctx, p: Params) -> tuple[bool | None, str]:
    """Read Features: whether NVMe is supported (None: not said) and the metadata version.

    :raises ApiError: values that do not exist
    """
    fields = p.fields("Features")
    nvme, imds = fields.text("NvmeSupport"), fields.text("ImdsSupport")
    if nvme not in ("", "supported", "unsupported"):
        raise ctx.error("InvalidParameter.Malformed", "InvalidParameter", message=f"No {nvme}.")
    if imds not in ("", "v1", "v2"):
        raise ctx.error("InvalidParameter.Malformed", "InvalidParameter", message=f"No {imds}.")
    return (nvme == "supported" if nvme else None), imds


def _check_status(ctx: Ctx, image: Image, status: str, *, given: bool) -> None:
    if image.status not in ("Available", "Deprecated"):
        raise ctx.error("ImageStatus.NotAvailable", message=f"The image is {image.status}.")
    if status not in ("Available", "Deprecated"):
        raise ctx.error("InvalidParameter", message=f"Status cannot be set to {status}.")
    if given and status == image.status:
        code = "NotAvailable" if status == "Deprecated" else "NotDeprecated"
        raise ctx.error(f"ImageStatus.{code}", message=f"The image is {status} already.")


@ecs.action("DeleteImage", params="RegionId ImageId Force DryRun")
def delete_image(ctx: Ctx, p: Params) -> None:
    """Delete an own image, gone a little later; the snapshots under it stay.

    Force=true even if instances were made from it. The sources disagree about an unknown
    id: InvalidImageId.NotFound here, or no error with the world's setting
    "deletes_ignore_unknown". The image looks unchanged while it is going, and repeating
    the call meanwhile is accepted (not in the reference).
    """
    image = ctx.find(Image, p.text("ImageId"))
    if image is None and settings.on(ctx.world, "deletes_ignore_unknown", default=False):
        ctx.dry_run(p.flag("DryRun"))
        return
    if image is not None and image.account != ctx.account and image.is_public:
        raise ctx.error("ImageIsPublic", message="A public image cannot be deleted.")
    image = own(ctx, p.text("ImageId"))
    _check_unused(ctx, image, force=p.flag("Force", False))
    ctx.dry_run(p.flag("DryRun"))
    doomed = image
    if not any(job.key == "image.delete" for job in ctx.world.jobs.of((image.kind, image.id))):
        ctx.world.later("image.delete", image, lambda: ctx.world.remove(doomed))


def _check_unused(ctx: Ctx, image: Image, *, force: bool) -> None:
    making = image.status in ("Creating", "Waiting")
    if making and image.origin == "import":
        raise ctx.error("ImageIsImporting", message="The image is being imported.")
    if making and image.origin == "copy":
        raise ctx.error("OperationDenied.ImageCopying", message="The image is being copied.")
    copies = [other for other in ctx.world.all(Image) if other.copied_from == image.id]
    if any(copy.status in ("Creating", "Waiting") for copy in copies):
        raise ctx.error("OperationDenied.ImageCopying", message="The image is being copied.")
    if image.shared_with:
        raise ctx.error("ImageUseShared", message="The image is shared with other accounts.")
    used = any(instance.image_id == image.id for instance in ctx.records(Instance))
    if used and not force:
        raise ctx.error("ImageUsingByInstance", message="Instances were made from the image.")
