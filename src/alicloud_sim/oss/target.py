"""What a request is aimed at: bucket and key, from the host or the path, and the region.

bucket.oss-cn-x.aliyuncs.com (also -internal) names bucket and region; of names that lead to
the loopback, bucket.oss-cn-x.localhost does likewise, oss-cn-x.localhost and 127.0.0.1 take
the bucket from the path, and bucket.localhost and bucket.127.0.0.1 name the bucket only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from .errors import OssError

if TYPE_CHECKING:
    from alicloud_sim.messages import HttpRequest

OSS_HOST = re.compile(
    r"(?:(?P<bucket>[^.]+)\.)?oss(?:-(?P<region>[a-z0-9-]+?))?(?P<inner>-internal)?\.(?P<rest>.+)"
)
LOOPBACK_HOST = re.compile(r"(?P<bucket>[^.]+)\.(?:localhost|127\.0\.0\.1)")
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
LONGEST_KEY = 1023
CLOUD = "aliyuncs.com"
METADATA = "/latest"
SCHEMES = ("OSS ", "OSS2 ", "OSS4-HMAC-SHA256 ")
SIGNED_QUERY = ("OSSAccessKeyId", "Signature", "x-oss-signature", "x-oss-credential")


@dataclass(frozen=True)
class Target:
    """Bucket and key, each "" if there is none, and the endpoint that the host names."""

    bucket: str
    key: str
    region: str
    path_style: bool
    internal: bool = False

    @property
    def resource(self) -> str:
        """The resource as signatures have it."""
        return f"/{self.bucket}/{self.key}" if self.bucket else "/"

    def check(self, host: str) -> None:
        """Refuse names that no bucket or object can have, and paths on the cloud's own names.

        :raises OssError: InvalidBucketName, InvalidObjectName, SecondLevelDomainForbidden
        """
        if self.path_style and self.bucket and host.endswith(CLOUD):
            raise OssError("SecondLevelDomainForbidden")
        if self.bucket and not BUCKET_NAME.fullmatch(self.bucket):
            raise OssError("InvalidBucketName", BucketName=self.bucket)
        if len(self.key.encode()) > LONGEST_KEY or self.key.startswith(("/", "\\")):
            raise OssError("InvalidObjectName", ObjectName=self.key)


def query_of(request: HttpRequest) -> dict[str, str]:
    """Read the query; of a name given twice the first counts."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    return dict(reversed(pairs))


def target_of(request: HttpRequest) -> Target:
    """Tell what a request is aimed at."""
    host, path = request.host.lower(), request.path.removeprefix("/")
    found = OSS_HOST.fullmatch(host)
    region = (found["region"] or "") if found else ""
    internal = bool(found and found["inner"])
    found = found or LOOPBACK_HOST.fullmatch(host)
    if found and found["bucket"]:
        return Target(found["bucket"], path, region, path_style=False, internal=internal)
    bucket, _, key = path.partition("/")
    return Target(bucket, key, region, path_style=True, internal=internal)


def is_signed(request: HttpRequest) -> bool:
    """Whether a request carries a signature of OSS."""
    if request.headers.get("authorization", "").startswith(SCHEMES):
        return True
    query = query_of(request)
    return any(name in query for name in SIGNED_QUERY) and "SignatureNonce" not in query


def is_for_oss(request: HttpRequest) -> bool:
    """Tell OSS's requests from others on the port.

    They have a signature or a host of OSS, or a path: RPC services have none, and the
    metadata of instances lies below /latest (a bucket of that name needs signed requests).
    """
    if is_signed(request) or OSS_HOST.fullmatch(request.host.lower()):
        return True
    path = request.path
    is_rpc = "x-acs-action" in request.headers or "Action=" in request.query
    is_metadata = path == METADATA or path.startswith(f"{METADATA}/")
    return path not in ("", "/") and not is_rpc and not is_metadata
