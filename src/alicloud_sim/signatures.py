"""The two RPC signatures, computed from what came over the wire.

Source: the ECS documentation of 2021 for V1 (HMAC-SHA1) and the V3 help page for
ACS3-HMAC-SHA256; tests hold the test vector of each.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, quote

V3_ALGORITHM = "ACS3-HMAC-SHA256"


def encode(text: str) -> str:
    """Percent-encode as RFC 3986 does: only letters, digits and -_.~ stay."""
    return quote(text, safe="-_.~")


def v1_string_to_sign(method: str, params: dict[str, str]) -> str:
    """Build the V1 text from all parameters, those of query and form body together."""
    pairs = sorted((k, v) for k, v in params.items() if k != "Signature")
    canonical = "&".join(f"{encode(k)}={encode(v)}" for k, v in pairs)
    return f"{method}&%2F&{encode(canonical)}"


def v1_signature(secret: str, string_to_sign: str) -> str:
    """Sign a V1 text: Base64 of HMAC-SHA1, the key being the secret and an ampersand."""
    digest = hmac.new(f"{secret}&".encode(), string_to_sign.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def v3_canonical_query(query: str) -> str:
    """Sort and re-encode a raw query as the V3 canonical request wants it."""
    pairs = sorted((encode(k), encode(v)) for k, v in parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{k}={v}" for k, v in pairs)


def v3_string_to_sign(
    method: str, path: str, query: str, headers: dict[str, str], signed: list[str], body_hash: str
) -> str:
    """Build the V3 text; headers by lower-case name, signed = names in the order sent."""
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed)
    canonical = "\n".join(
        [method, path, v3_canonical_query(query), lines, ";".join(signed), body_hash]
    )
    return f"{V3_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def v3_signature(secret: str, string_to_sign: str) -> str:
    """Sign a V3 text: hex of HMAC-SHA256 with the plain secret."""
    return hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()
