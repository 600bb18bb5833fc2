"""delete_stemcell(stemcell_cid)

Deletes an image that create_stemcell made, with the snapshots under it.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-stemcell/

A light stemcell's image, or one of another account, is never touched.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from alicloud_cpi.cloud.images import is_light
from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from alicloud_cpi.call import Call

_log = logging.getLogger(__name__)


def run(call: Call, stemcell_cid: str) -> None:
    """Delete the image and its snapshots; one that is gone already is fine.

    :raises CloudError: the cloud refused, as while VMs use the image
    """
    if is_light(stemcell_cid):
        _log.info("'%s' is a light stemcell: its image is not ours to delete", stemcell_cid)
        return
    image = call.cloud.images.find(stemcell_cid)
    if image is None:
        return
    if not image.is_own:
        _log.warning("image '%s' belongs to another account: not deleted", image.id)
        return
    call.cloud.images.delete(image)
    for snapshot_id in image.snapshot_ids:
        try:
            call.cloud.snapshots.delete(image.region, snapshot_id)
        except CloudError as failure:
            _log.warning("snapshot '%s' stays: %s", snapshot_id, failure.message)
