"""delete_stemcell(stemcell_cid)

Deletes an image that create_stemcell created, with its snapshots.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-stemcell/

The image of a light stemcell, or one of another account, is never deleted; its copies in further
regions, which ``alicloud.copy_stemcells`` makes, are.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.images import image_id_of, is_light

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext

logger = logging.getLogger(__name__)


def run(ctx: CallContext, stemcell_cid: str) -> None:
    """Delete the image and its snapshots; what is gone already is a success.

    :raises CloudError: the cloud refused, as while VMs use the image
    """
    if ctx.config.copy_stemcells:
        ctx.services.image_copies.delete(image_id_of(stemcell_cid))
    if is_light(stemcell_cid):
        logger.info("'%s' is a light stemcell: its image is not ours to delete", stemcell_cid)
        return
    images, snapshots, region = ctx.services.images, ctx.services.snapshots, ctx.config.region
    image = images.find(region, stemcell_cid)
    if image is None:
        # An interrupted call may have deleted the image only.
        remaining = snapshots.of_image(region, stemcell_cid)
    elif image.is_own:
        images.delete(region, image.id)
        remaining = image.snapshot_ids
    else:
        logger.warning("image '%s' belongs to another account: not deleted", image.id)
        return
    for snapshot_id in remaining:
        try:
            snapshots.delete(region, snapshot_id)
        except CloudError as error:
            logger.warning("snapshot '%s' remains: %s", snapshot_id, error.message)
