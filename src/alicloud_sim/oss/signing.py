"""The two signatures of OSS, computed from what came over the wire.

V1: HMAC-SHA1 of the method, three headers, the x-oss- headers and the resource (page "Add a
signature to the header" of AlibabaCloudDocs/oss). V4: OSS4-HMAC-SHA256, as oss2 computes it.
Header values are bytes of a request, which http.server reads as latin-1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

from .actions import SUBRESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

V4 = "OSS4-HMAC-SHA256"
V4_END = "aliyun_v4_request"
V4_ALWAYS = ("content-type", "content-md5")
PREFIX = "x-oss-"


def _joined(headers: Mapping[str, str], names: Iterable[str]) -> bytes:
    lines = (f"{name}:{headers[name].strip()}\n" for name in sorted(names))
    return "".join(lines).encode("latin-1")


def v1_text(
    method: str,
    headers: Mapping[str, str],
    date: str,
    resource: str,
    params: Mapping[str, str],
) -> bytes:
    """Build the V1 text; the date is a header's, or when a signed URL expires."""
    chosen = sorted((k, v) for k, v in params.items() if k in SUBRESOURCES)
    query = "&".join(f"{k}={v}" if v else k for k, v in chosen)
    resource = f"{resource}?{query}" if query else resource
    first = (method, headers.get("content-md5", ""), headers.get("content-type", ""), date, "")
    own = [name for name in headers if name.startswith(PREFIX)]
    return "\n".join(first).encode("latin-1") + _joined(headers, own) + resource.encode()


def v1_signature(secret: str, text: bytes) -> str:
    """Sign a V1 text: Base64 of HMAC-SHA1."""
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha1).digest()).decode()


def v4_text(
    method: str,
    headers: Mapping[str, str],
    resource: str,
    params: Mapping[str, str],
    additional: Iterable[str],
    scope: str,
    date: str,
) -> bytes:
    """Build the V4 text: a hash of the canonical request below the date and the scope."""
    pairs = sorted(
        (quote(k, safe="-_.~"), quote(v, safe="-_.~"))
        for k, v in params.items()
        if k != "x-oss-signature"
    )
    more = sorted(additional)
    names = {n for n in headers if n.startswith(PREFIX) or n in V4_ALWAYS or n in more}
    canonical = b"\n".join(
        [
            method.encode(),
            quote(resource, safe="-_.~/").encode(),
            "&".join(f"{k}={v}" if v else k for k, v in pairs).encode(),
            _joined(headers, names),
            ";".join(more).encode(),
            headers.get("x-oss-content-sha256", "UNSIGNED-PAYLOAD").encode(),
        ]
    )
    return f"{V4}\n{date}\n{scope}\n{hashlib.sha256(canonical).hexdigest()}".encode()


def v4_signature(secret: str, scope: str, text: bytes) -> str:
    """Sign a V4 text: hex of HMAC-SHA256 with a key derived from the scope."""
    key = f"aliyun_v4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text, hashlib.sha256).hexdigest()
