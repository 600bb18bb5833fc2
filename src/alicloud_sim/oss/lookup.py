"""What other services may ask OSS, such as ECS when it imports an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .records import PRIVATE, Bucket, OssObject, blob_of

if TYPE_CHECKING:
    from alicloud_sim.blobs import Blob
    from alicloud_sim.world import World


@dataclass(frozen=True)
class FoundObject:
    """An object as other services see it."""

    bucket: str
    key: str
    size: int
    etag: str
    storage_class: str
    blob: Blob

    def head(self, length: int) -> bytes:
        """Give the first bytes, fewer if there are no more."""
        return self.blob.read(0, length)

    def read(self, start: int, length: int) -> bytes:
        """Give a stretch of the bytes."""
        return self.blob.read(start, length)


def find_bucket(world: World, name: str) -> Bucket | None:
    """Find a bucket by its name, whoever's and wherever: see its account and region."""
    return world.get(Bucket, name)


def find_object(
    world: World, account: str, region: str, bucket: str, key: str
) -> FoundObject | None:
    """Find an object in a bucket of that region that the account may read.

    None: no such bucket in the region, no such object, or a private one of somebody else.
    """
    holder, row = find_bucket(world, bucket), world.get(OssObject, f"{bucket}/{key}")
    if holder is None or row is None or holder.region != region:
        return None
    acl = holder.acl if row.acl == "default" else row.acl
    if holder.account != account and acl == PRIVATE:
        return None
    blob = blob_of(world, row)
    return FoundObject(bucket, key, row.size, row.etag, row.storage_class, blob)
