"""Who calls OSS: the four places of a signature, its time, the key and its token.

Codes: semantics.md section 11 and the pages "Add a signature to the header", "Add signatures
to a URL" and "HTTP 403 status code" of AlibabaCloudDocs/oss. Not in the reference: the texts
for V4, that V4 needs x-oss-content-sha256 to be UNSIGNED-PAYLOAD, and that a wrong region in
its scope is InvalidArgument.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from alicloud_sim.errors import UnsupportedError

from .errors import OssError
from .signing import V4, V4_END, v1_signature, v1_text, v4_signature, v4_text
from .times import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alicloud_sim.accounts import AccessKey
    from alicloud_sim.registry import HttpCall

    from .target import Target

WINDOW_SECONDS = 15 * 60
LONGEST_URL_SECONDS = 7 * 86400
V1_HEADER = re.compile(r"OSS (?P<key>[^:\s]+):(?P<signature>\S+)")
V4_FIELD = re.compile(r"\s*(Credential|Signature|AdditionalHeaders)=(\S*?)\s*")
V4_DATE = "%Y%m%dT%H%M%SZ"
V1_QUERY = ("OSSAccessKeyId", "Expires", "Signature")


@dataclass(frozen=True)
class Claim:
    """Who a request says it is from, what proves it, and what that signs."""

    key_id: str
    signature: str
    text: bytes
    token: str
    scope: str = ""

    @property
    def region(self) -> str:
        """The region a V4 signature is for."""
        return self.scope.split("/")[1] if self.scope else ""

    def expected(self, secret: str) -> str:
        """Compute the signature it should have."""
        if self.scope:
            return v4_signature(secret, self.scope, self.text)
        return v1_signature(secret, self.text)


def claim_of(call: HttpCall, target: Target, params: Mapping[str, str]) -> Claim | None:
    """Read the signature of a request and check its time; None for an anonymous one.

    :raises OssError: malformed, too old, or in two places at once
    """
    header = call.request.headers.get("authorization", "")
    in_query = any(name in params for name in (*V1_QUERY[::2], "x-oss-signature"))
    if header and in_query:
        raise OssError("InvalidArgument", "Signature is in the header and in the query.")
    if header.startswith("OSS2 ") or params.get("x-oss-signature-version") == "OSS2":
        raise UnsupportedError("OSS2")
    if header.startswith(V4):
        return _v4_header(call, target, params)
    if header:
        return _v1_header(call, target, params)
    if "x-oss-signature" in params:
        return _v4_query(call, target, params)
    return _v1_query(call, target, params) if in_query else None


def _v1_header(call: HttpCall, target: Target, params: Mapping[str, str]) -> Claim:
    headers = call.request.headers
    found = V1_HEADER.fullmatch(headers["authorization"])
    if found is None:
        raise OssError("InvalidArgument", "Authorization header is invalid.")
    date = headers.get("x-oss-date") or headers.get("date", "")
    try:
        moment = parsedate_to_datetime(date).timestamp()
    except ValueError:
        raise OssError("AccessDenied", "OSS authentication requires a valid Date.") from None
    _check_time(moment, call.server_time)
    token = _token(headers.get("x-oss-security-token", ""), params.get("security-token", ""))
    text = v1_text(call.request.method, headers, date, target.resource, params)
    return Claim(found["key"], found["signature"], text, token)


def _v1_query(call: HttpCall, target: Target, params: Mapping[str, str]) -> Claim:
    if any(not params.get(name) for name in V1_QUERY):
        raise OssError(
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and OSSAccessKeyId"
            " parameters",
        )
    expires = params["Expires"]
    if not expires.isdecimal():
        raise OssError("AccessDenied", "Invalid date (should be seconds since epoch).")
    _check_expiry(float(expires), call.server_time)
    headers = call.request.headers
    token = _token(headers.get("x-oss-security-token", ""), params.get("security-token", ""))
    text = v1_text(call.request.method, headers, expires, target.resource, params)
    return Claim(params["OSSAccessKeyId"], params["Signature"], text, token)


def _v4_header(call: HttpCall, target: Target, params: Mapping[str, str]) -> Claim:
    headers = call.request.headers
    pieces = headers["authorization"].removeprefix(V4).split(",")
    found = [V4_FIELD.fullmatch(piece) for piece in pieces]
    fields = {match[1]: match[2] for match in found if match}
    if None in found or "Credential" not in fields or "Signature" not in fields:
        raise OssError("InvalidArgument", "Authorization header is invalid.")
    if headers.get("x-oss-content-sha256") != "UNSIGNED-PAYLOAD":
        raise OssError("InvalidArgument", "Invalid x-oss-content-sha256 header.")
    date = headers.get("x-oss-date", "")
    _check_time(_v4_time(date), call.server_time)
    token = headers.get("x-oss-security-token", "")
    more = fields.get("AdditionalHeaders", "")
    return _v4(call, target, params, (fields["Credential"], fields["Signature"], date, token, more))


def _v4_query(call: HttpCall, target: Target, params: Mapping[str, str]) -> Claim:
    if params.get("x-oss-signature-version") != V4:
        raise OssError("InvalidArgument", "x-oss-signature-version is invalid.")
    expires, date = params.get("x-oss-expires", ""), params.get("x-oss-date", "")
    if not expires.isdecimal() or not 0 < int(expires) <= LONGEST_URL_SECONDS:
        raise OssError("InvalidArgument", "x-oss-expires has to be between 1 and 604800.")
    moment = _v4_time(date)
    if moment - call.server_time > WINDOW_SECONDS:
        raise OssError("RequestTimeTooSkewed")
    _check_expiry(moment + int(expires), call.server_time)
    token = params.get("x-oss-security-token", "")
    more = params.get("x-oss-additional-headers", "")
    credential = params.get("x-oss-credential", "")
    return _v4(call, target, params, (credential, params["x-oss-signature"], date, token, more))


def _v4(call: HttpCall, target: Target, params: Mapping[str, str], given: tuple[str, ...]) -> Claim:
    credential, signature, date, token, more = given
    key_id, _, scope = credential.partition("/")
    parts = scope.split("/")
    if not key_id or [*parts[2:], len(parts)] != ["oss", V4_END, 4] or parts[0] != date[:8]:
        raise OssError("InvalidArgument", "The Credential of the signature is invalid.")
    if target.region and parts[1] != target.region:
        raise OssError("InvalidArgument", "Invalid signing region in Authorization header.")
    request = call.request
    additional = [name for name in more.split(";") if name]
    if any(name not in request.headers for name in additional):
        raise OssError("InvalidArgument", "AdditionalHeaders names an absent header.")
    text = v4_text(
        request.method, request.headers, target.resource, params, additional, scope, date
    )
    return Claim(key_id, signature, text, token, scope)


def _v4_time(date: str) -> float:
    try:
        return datetime.strptime(date, V4_DATE).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise OssError("AccessDenied", "OSS authentication requires a valid Date.") from None


def _check_time(moment: float, now: float) -> None:
    if abs(moment - now) > WINDOW_SECONDS:
        raise OssError(
            "RequestTimeTooSkewed",
            RequestTime=iso(moment),
            ServerTime=iso(now),
            MaxAllowedSkewMilliseconds=str(WINDOW_SECONDS * 1000),
        )


def _check_expiry(expires: float, now: float) -> None:
    if expires < now:
        raise OssError("AccessDenied", "Request has expired.", Expires=iso(expires))


def _token(header: str, query: str) -> str:
    if header and query:
        raise OssError("InvalidArgument", "The security token is in the header and in the query.")
    return header or query


def key_of(call: HttpCall, claim: Claim) -> AccessKey:
    """Find the access key that signed a request.

    :raises OssError: unknown or disabled key, wrong token, wrong signature
    """
    world = call.world
    key = world.keys.get(claim.key_id)
    if key is None or bool(key.token) != bool(claim.token):
        raise OssError("InvalidAccessKeyId", OSSAccessKeyId=claim.key_id)
    if not key.enabled:
        text = "The OSS Access Key Id you provided is disabled."
        raise OssError("InvalidAccessKeyId", text, OSSAccessKeyId=claim.key_id)
    if claim.token != key.token:
        known = any(claim.token == other.token for other in world.keys.values())
        code = "AccessKeyIdAndSecurityTokenNotMatch" if known else "InvalidSecurityToken"
        raise OssError(code)
    if key.expires is not None and world.clock.now() >= key.expires:
        raise OssError("SecurityTokenExpired")
    if not hmac.compare_digest(claim.expected(key.secret).encode(), claim.signature.encode()):
        raise OssError(
            "SignatureDoesNotMatch",
            OSSAccessKeyId=claim.key_id,
            SignatureProvided=claim.signature,
            StringToSign=claim.text.decode("utf-8", "replace"),
            StringToSignBytes=claim.text.hex(" ").upper(),
        )
    return key
