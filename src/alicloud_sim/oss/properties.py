"""What a request says an object shall be: its headers, class, ACL, encryption.

A header x-oss-... that the simulator does not know is refused with 501: the cloud would do
something about it. Encryption is only remembered and repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alicloud_sim.errors import UnsupportedError

from .call import invalid
from .errors import OssError
from .records import OBJECT_ACLS, STORAGE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .call import OssCall
    from .records import Bucket

REPEATED = {
    "content-type": "Content-Type",
    "cache-control": "Cache-Control",
    "content-disposition": "Content-Disposition",
    "content-encoding": "Content-Encoding",
    "expires": "Expires",
}
META = "x-oss-meta-"
ENCRYPTION = "x-oss-server-side-encryption"
ENCRYPTION_KEY = "x-oss-server-side-encryption-key-id"
ENCRYPTIONS = ("AES256", "KMS", "SM4")
_KNOWN = """
x-oss-date x-oss-security-token x-oss-content-sha256 x-oss-acl x-oss-object-acl
x-oss-storage-class x-oss-forbid-overwrite x-oss-hash-crc64ecma x-oss-copy-source
x-oss-copy-source-range x-oss-copy-source-if-match x-oss-copy-source-if-none-match
x-oss-copy-source-if-modified-since x-oss-copy-source-if-unmodified-since
x-oss-metadata-directive x-oss-complete-all x-oss-range-behavior
"""
KNOWN = frozenset([*_KNOWN.split(), ENCRYPTION, ENCRYPTION_KEY])
CONDITIONS = ("if-modified-since", "if-unmodified-since", "if-match", "if-none-match")


@dataclass(frozen=True)
class Properties:
    """What is kept of an object besides its bytes."""

    headers: dict[str, str]
    acl: str
    storage_class: str


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse headers of OSS that are not simulated.

    :raises UnsupportedError: there is one
    """
    for name in headers:
        if name.startswith("x-oss-") and not name.startswith(META) and name not in KNOWN:
            raise UnsupportedError(name)


def read(call: OssCall, bucket: Bucket) -> Properties:
    """Read what an object shall be.

    :raises OssError: values that do not exist; NotImplemented for conditions of downloads
    """
    headers = call.headers
    for name in CONDITIONS:
        if name in headers:
            raise OssError("NotImplemented", Header=name.title())
    kept = {proper: headers[name] for name, proper in REPEATED.items() if name in headers}
    kept.setdefault("Content-Type", "application/octet-stream")
    kept |= {name: value for name, value in headers.items() if name.startswith(META)}
    kept |= encryption(headers)
    acl = headers.get("x-oss-object-acl", "default")
    if acl not in OBJECT_ACLS:
        raise invalid("x-oss-object-acl", acl, "no such object access control exists.")
    storage_class = headers.get("x-oss-storage-class", bucket.storage_class)
    if storage_class not in STORAGE_CLASSES:
        raise invalid("x-oss-storage-class", storage_class, "No such object storage class exists.")
    return Properties(kept, acl, storage_class)


def encryption(headers: Mapping[str, str]) -> dict[str, str]:
    """Read the encryption that is asked for.

    :raises OssError: InvalidEncryptionAlgorithmError
    """
    method = headers.get(ENCRYPTION)
    if method is not None and method not in ENCRYPTIONS:
        raise OssError("InvalidEncryptionAlgorithmError")
    return {name: headers[name] for name in (ENCRYPTION, ENCRYPTION_KEY) if name in headers}


def forbids_overwrite(call: OssCall) -> bool:
    """Whether the request may not replace an object."""
    return call.headers.get("x-oss-forbid-overwrite", "").lower() == "true"
