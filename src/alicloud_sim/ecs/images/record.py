"""The record of an image: an own one, a public one or one that another account shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim import names
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

STATUSES = ("Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated")
NOT_STARTING = ("aliyun", "acs:")
NOT_INSIDE = ("http://", "https://")


@dataclass
class Image(Record):
    """An image; sizes in GiB, `snapshot_ids` are the system disk's, then the data disks'.

    `origin` is how it came: "", import, copy or create; `owner_alias` is set for images of
    the cloud itself (system, marketplace). `bucket`, `object_key` and `format` are those of
    an import; `copied_from` the source of a copy.
    """

    kind: ClassVar[str] = "image"
    prefix: ClassVar[str] = "m"

    name: str = ""
    description: str = ""
    size_gib: int = 5
    data_sizes_gib: list[int] = field(default_factory=list)
    os_type: str = "linux"
    os_name: str = ""
    platform: str = "Ubuntu"
    architecture: str = "x86_64"
    boot_mode: str = "BIOS"
    license_type: str = "Auto"
    nvme_supported: bool = False
    imds_version: str = "v1"
    is_public: bool = False
    owner_alias: str = ""
    shared_with: list[str] = field(default_factory=list)
    snapshot_ids: list[str] = field(default_factory=list)
    encrypted: bool = False
    kms_key_id: str = ""
    origin: str = ""
    copied_from: str = ""
    bucket: str = ""
    object_key: str = ""
    format: str = ""
    resource_group_id: str = ""

    def readable_by(self, account: str) -> bool:
        """Whether it is the account's own, shared with it or public."""
        return self.account == account or self.is_public or account in self.shared_with

    def alias_for(self, account: str) -> str:
        """Tell the ImageOwnerAlias that an account sees: system, marketplace, self, others."""
        return self.owner_alias or ("self" if self.account == account else "others")


def own(ctx: Ctx, image_id: str) -> Image:
    """Find an image of the caller's own, to change it.

    One that is only shared with the caller is refused as if there were none (the reference
    names no other code).

    :raises ApiError: InvalidImageId.NotFound
    """
    image = ctx.need(Image, image_id, "InvalidImageId.NotFound")
    if image.account != ctx.account:
        raise ctx.error("InvalidImageId.NotFound", message=f"{image_id} is not your image.")
    return image


def check_name(ctx: Ctx, name: str, region: str, *, besides: str = "") -> None:
    """Refuse an image name of a bad form, or that another own image of the region has.

    :raises ApiError: InvalidImageName.Malformed or InvalidImageName.Duplicated
    """
    names.check_name(ctx, name, "InvalidImageName.Malformed")
    if name.lower().startswith(NOT_STARTING) or any(link in name for link in NOT_INSIDE):
        raise ctx.error("InvalidImageName.Malformed", message=f"The name {name} is not valid.")
    for image in ctx.world.all(Image):
        mine = (image.account, image.region) == (ctx.account, region)
        if name and mine and image.name == name and image.id != besides:
            raise ctx.error(
                "InvalidImageName.Duplicated", message=f"The image name {name} exists already."
            )


def check_quota(ctx: Ctx, region: str) -> None:
    """Refuse an image beyond the quota "image.count" of own images in a region.

    :raises ApiError: QuotaExceed.Image
    """
    most = ctx.world.quotas.get("image.count")
    held = [
        image
        for image in ctx.world.all(Image)
        if (image.account, image.region) == (ctx.account, region)
    ]
    if most is not None and len(held) >= most:
        raise ctx.error("QuotaExceed.Image", message=f"The quota is {most} images.")
