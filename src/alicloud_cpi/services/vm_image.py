"""The image that a VM is created from, which must suit what is asked of the VM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.images import image_id_of
from alicloud_cpi.services.instance_request import system_disk_gib

if TYPE_CHECKING:
    from alicloud_cpi.cloud_properties.vm import VmProperties
    from alicloud_cpi.rollback import Rollback
    from alicloud_cpi.services import Services
    from alicloud_cpi.services.images import Image


def find_image(
    services: Services,
    properties: VmProperties,
    stemcell_cid: str,
    stemcell_api_version: int,
    rollback: Rollback | None,
) -> Image:
    """Return the stemcell's image.

    :param rollback: of the call that may copy an image into the VM's region, if it may
    :raises CloudError: there is none, or the VM needs more than it has
    """
    image_id = properties.stemcell_id or image_id_of(stemcell_cid)
    image = services.images.find(properties.region, image_id)
    if image is None and rollback is not None:
        image = services.image_copies.provide(image_id, properties.region, rollback)
    if image is None:
        raise CloudError(f"Stemcell '{image_id}' not found in region {properties.region}")
    if properties.system_disk.encrypted and not image.is_encrypted:
        raise CloudError(
            "cloud_properties.system_disk.encrypted needs an encrypted stemcell: upload the "
            "stemcell with alicloud.encrypted set, the system disk is encrypted as its image is"
        )
    system = properties.system_disk
    system.check_level("cloud_properties.system_disk", system_disk_gib(system, image))
    properties.metadata.check(
        image_id=image.id,
        imds_support=image.imds_support,
        stemcell_api_version=stemcell_api_version,
    )
    return image
