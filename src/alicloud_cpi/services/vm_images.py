"""The image that a VM is created from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.images import image_id_of
from alicloud_cpi.services.instance_request import system_disk_gib

if TYPE_CHECKING:
    from alicloud_cpi.cloud_properties.vm import VmProperties
    from alicloud_cpi.services import Services
    from alicloud_cpi.services.images import Image


def image_of_vm(
    services: Services, properties: VmProperties, stemcell_cid: str, *, may_copy: bool
) -> Image:
    """Return the image of a stemcell, or of ``stemcell_id``, which fits the system disk.

    :param may_copy: whether an image that the VM's region does not have is copied into it
    :raises CloudError: the VM's region does not have it, or the system disk cannot be as wanted
    """
    image_id = properties.stemcell_id or image_id_of(stemcell_cid)
    image = services.images.find(properties.region, image_id)
    if image is None and may_copy:
        image = services.image_copies.provide(image_id, properties.region)
    if image is None:
        raise CloudError(f"Stemcell '{image_id}' not found in region {properties.region}")
    system = properties.system_disk
    if system.encrypted and not image.is_encrypted:
        raise CloudError(
            "cloud_properties.system_disk.encrypted needs an encrypted stemcell: upload the "
            "stemcell with alicloud.encrypted set, the system disk is encrypted as its image is"
        )
    system.check_level("cloud_properties.system_disk", system_disk_gib(system, image))
    return image
