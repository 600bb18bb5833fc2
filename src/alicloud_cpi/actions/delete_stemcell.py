"""delete_stemcell(stemcell_cid)

Deletes an image that create_stemcell made, with the snapshots under it.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-stemcell/

A light stemcell's image, or one of another account, is never touched.
"""

from __future__ import annotations

from alicloud_cpi import log
from alicloud_cpi.cloud.images import is_light
from alicloud_cpi.errors import CloudError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.call import Call


def run(call: Call, stemcell_cid: str) -> None:
    """Delete the image and its snapshots; what is gone already is fine.

    :raises CloudError: the cloud refused, as while VMs use the image
    """
    if is_light(stemcell_cid):
        log.info("'%s' is a light stemcell: its image is not ours to delete", stemcell_cid)
        return
    image, region = call.cloud.images.find(stemcell_cid), call.config.region
    if image is None:
        # A call that was cut off may have deleted the image alone.
        left = call.cloud.snapshots.of_image(region, stemcell_cid)
    elif image.is_own:
        call.cloud.images.delete(image)
        left = image.snapshot_ids
    else:
        log.warning("image '%s' belongs to another account: not deleted", image.id)
        return
    for snapshot_id in left:
        try:
            call.cloud.snapshots.delete(region, snapshot_id)
        except CloudError as failure:
            log.warning("snapshot '%s' stays: %s", snapshot_id, failure.message)
