"""OSS: buckets, objects, multipart uploads; both addressings and both signatures.

Other services look at what is stored through find_bucket() and find_object(), under the
world's lock:

    bucket = oss.find_bucket(ctx.world, "images")          # None: no such bucket anywhere
    found = oss.find_object(ctx.world, ctx.account, ctx.region, "images", "disk.raw")
    found.size, found.head(4)                              # first bytes, to tell formats

An object's record is kind oss_object, id bucket/key; a seed may give one a size and no bytes.
Faults find "bucket", "key", "path", "partNumber" and "uploadId" in params; entries of the
record of calls have "bytes_in" and "bytes_out".

Settings of the world: "oss.bytes_per_second" caps each connection, either way;
"oss.public_endpoint_forbidden" refuses data at the public endpoints of mainland regions, as for
accounts that are new to OSS since 2025-03-20; the pace key
"oss.call" delays each request; the quota "oss.buckets" is per account and region.
"""

from __future__ import annotations

from alicloud_sim.registry import HTTP_SERVICES

from .lookup import FoundObject, find_bucket, find_object
from .records import Bucket, OssObject, Upload
from .service import Oss

HTTP_SERVICES.append(Oss())

__all__ = ["Bucket", "FoundObject", "OssObject", "Upload", "find_bucket", "find_object"]
