"""Who calls: signature, time window, nonce, temporary token.

Times of signatures are real time plus a skew the control API can set, not the world's
clock: moving the world must not make every client's signature too old.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .errors import ApiError
from .signatures import v1_signature, v1_string_to_sign, v3_signature, v3_string_to_sign

if TYPE_CHECKING:
    from .accounts import AccessKey
    from .wire import RpcCall
    from .world import World

WINDOW_SECONDS = 15 * 60
MOST_NONCES = 100_000
V1_REQUIRED = "AccessKeyId Signature SignatureMethod SignatureVersion SignatureNonce Timestamp"
V3_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=(?P<key>[^,]+),\s*SignedHeaders=(?P<signed>[^,]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True)
class Claim:
    """Who a request says it is from, and what proves it."""

    key_id: str
    signature: str
    nonce: str
    timestamp: str
    token: str


class Authenticator:
    """Checks signatures; remembers the nonces of the last time window."""

    def __init__(self) -> None:
        """Start with no nonce seen and no skew."""
        self.skew_seconds = 0.0
        self._nonces: dict[tuple[str, str], float] = {}

    def reset(self) -> None:
        """Forget the nonces and the skew."""
        self.skew_seconds = 0.0
        self._nonces.clear()

    def check(self, world: World, call: RpcCall) -> AccessKey:
        """Find the access key that signed a call.

        :raises ApiError: with the gateway's code for what is wrong
        """
        claim = _claim_v3(call) if call.is_v3 else _claim_v1(call)
        key = world.keys.get(claim.key_id)
        if key is None:
            raise ApiError("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        if not key.enabled:
            raise ApiError("InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
        _check_token(world, key, claim.token)
        expected, text = _sign(call, key.secret)
        if not hmac.compare_digest(expected, claim.signature):
            raise ApiError(
                "SignatureDoesNotMatch",
                "Specified signature is not matched with our calculation. "
                f"server string to sign is:{text}",
            )
        self._check_time(claim.timestamp)
        self._check_nonce(claim)
        return key

    def _check_time(self, timestamp: str) -> None:
        try:
            moment = datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise ApiError(
                "InvalidTimeStamp.Format",
                "Specified time stamp or date value is not well formatted.",
            ) from None
        if abs(moment.timestamp() - time.time() - self.skew_seconds) > WINDOW_SECONDS:
            raise ApiError(
                "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."
            )

    def _check_nonce(self, claim: Claim) -> None:
        now = time.time()
        if (claim.key_id, claim.nonce) in self._nonces:
            raise ApiError("SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces[claim.key_id, claim.nonce] = now
        oldest = next(iter(self._nonces))
        old = self._nonces[oldest] < now - 2 * WINDOW_SECONDS
        if old or len(self._nonces) > MOST_NONCES:
            del self._nonces[oldest]


def _claim_v1(call: RpcCall) -> Claim:
    for name in V1_REQUIRED.split():
        if not call.params.get(name):
            raise ApiError("MissingParameter", f"{name} is mandatory for this action.")
    method, version = call.params["SignatureMethod"], call.params["SignatureVersion"]
    if (method, version) != ("HMAC-SHA1", "1.0"):
        raise ApiError("InvalidParameter", f"Signature {method} {version} is not supported.")
    return Claim(
        key_id=call.params["AccessKeyId"],
        signature=call.params["Signature"],
        nonce=call.params["SignatureNonce"],
        timestamp=call.params["Timestamp"],
        token=call.params.get("SecurityToken", ""),
    )


def _claim_v3(call: RpcCall) -> Claim:
    headers = call.http.headers
    found = V3_AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    signed = found["signed"].split(";") if found else []
    unsigned = [n for n in headers if n.startswith("x-acs-") and n not in signed]
    if found is None or unsigned or "host" not in signed:
        raise ApiError(
            "IncompleteSignature", f"The signature is malformed or leaves out {unsigned}."
        )
    for name in ("x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"):
        if not headers.get(name):
            raise ApiError("MissingParameter", f"{name} is mandatory for this action.")
    return Claim(
        key_id=found["key"],
        signature=found["signature"],
        nonce=headers["x-acs-signature-nonce"],
        timestamp=headers["x-acs-date"],
        token=headers.get("x-acs-security-token", ""),
    )


def _sign(call: RpcCall, secret: str) -> tuple[str, str]:
    """Compute the signature a call should have, and the text it signs."""
    http = call.http
    if not call.is_v3:
        text = v1_string_to_sign(http.method, call.params)
        return v1_signature(secret, text), text
    found = V3_AUTHORIZATION.fullmatch(http.headers["authorization"])
    signed = found["signed"].split(";") if found else []
    body_hash = hashlib.sha256(http.body).hexdigest()
    text = v3_string_to_sign(http.method, http.path, http.query, http.headers, signed, body_hash)
    return v3_signature(secret, text), text


def _check_token(world: World, key: AccessKey, token: str) -> None:
    if token == key.token:
        if key.expires is not None and world.clock.now() >= key.expires:
            raise ApiError("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
        return
    if not token:
        raise ApiError("MissingSecurityToken", "SecurityToken is required for this key.")
    if any(token == other.token for other in world.keys.values()):
        raise ApiError(
            "InvalidSecurityToken.MismatchWithAccessKey",
            "Specified SecurityToken mismatch with the AccessKey.",
        )
    raise ApiError("InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
