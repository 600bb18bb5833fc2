"""Requests of the RPC services: which there are, and signature V1 (semantics section 1).

The SDK's own classes sign alike, as tests see to, but take 32 ms to load: email, XML and a copy of
requests come with them. Nor is its client used (see ``transport``), so none of what that reads
from the environment, retries by itself or logs takes place.
"""

from __future__ import annotations

import hmac
import os
import time
from base64 import b64encode

from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class KeySource(Protocol):
        """Something that knows the keys that are valid now."""

        def current(self) -> Keys:
            """Return keys to sign the next request with.

            :raises CloudError: none can be had, and why
            """

        def renew(self) -> bool:
            """Drop keys that the cloud calls expired; returns whether there can be others."""


_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
_SPELLED = [chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in range(256)]


class Keys(Record):
    """What a request is signed with; ``security_token`` is empty for a lasting key."""

    access_key_id: str
    access_key_secret: str
    security_token: str = ""


class Service(Record):
    """An RPC service: its name in endpoints and the version of its API."""

    name: str
    version: str


class SignedRequest(Record):
    """What goes over the wire: request target, headers and form body."""

    target: str
    headers: dict[str, str]
    body: bytes


ECS = Service("ecs", "2014-05-26")
SLB = Service("slb", "2014-05-15")
NLB = Service("nlb", "2022-04-30")
VPC = Service("vpc", "2016-04-28")
STS = Service("sts", "2015-04-01")


def signed_request(
    service: Service, action: str, region: str, parameters: Mapping[str, str], keys: Keys
) -> SignedRequest:
    """Sign a POST of this action, its parameters in the form body, with a new nonce and time.

    Parameters travel in the body because user data and passwords do not belong into URLs, and
    because a URL has a length limit. The signature covers query and body alike.
    """
    common = {
        "AccessKeyId": keys.access_key_id,
        "Action": action,
        "Format": "JSON",
        "RegionId": region,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": os.urandom(16).hex(),
        "SignatureType": "",
        "SignatureVersion": "1.0",
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "Version": service.version,
    }
    if keys.security_token:
        common["SecurityToken"] = keys.security_token
    signed = signature("POST", {**common, **parameters}, keys.access_key_secret)
    return SignedRequest(
        f"/?{_form({**common, 'Signature': signed})}",
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "User-Agent": "bosh-alicloud-cpi",
            "x-acs-action": action,
            "x-acs-version": service.version,
        },
        _form(parameters).encode(),
    )


def signature(method: str, parameters: Mapping[str, str], secret: str) -> str:
    """Return what signs all parameters of a request, those of query and body together."""
    canonical = _form(dict(sorted(parameters.items())))
    to_sign = f"{method}&%2F&{_encoded(canonical)}"
    digest = hmac.digest(f"{secret}&".encode(), to_sign.encode(), "sha1")
    return b64encode(digest).decode()


def _form(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in parameters.items())


def _encoded(text: str) -> str:
    """Percent-encode a text as RFC 3986 has it: a space is %20, an asterisk %2A."""
    return "".join(map(_SPELLED.__getitem__, text.encode()))
