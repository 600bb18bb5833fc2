"""What oss2 and requests raise, as an ApiError: no exception of theirs leaves this package.

Their texts hold URLs, headers and keys, so only OSS's own message is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from socket import gaierror
from typing import Any
from xml.etree.ElementTree import ParseError

from oss2.exceptions import ClientError, OssError, ServerError
from requests import RequestException

from alicloud_cpi.aliyun.clock_difference import describe_difference
from alicloud_cpi.aliyun.endpoints import is_known
from alicloud_cpi.aliyun.errors import LOST_RESPONSE, STALE_SIGNATURE, UNREACHABLE, ApiError
from alicloud_cpi.aliyun.transport import TransportError, Unreachable
from alicloud_cpi.clock import Clock
from alicloud_cpi.oss.endpoint import internal_host


class Damaged(Exception):
    """What OSS has is not what was sent."""


# The last three are raised by oss2 for a response that is not OSS's, such as a proxy's page.
FOREIGN = (
    TransportError,
    OssError,
    RequestException,
    Damaged,
    ParseError,
    RuntimeError,
    ValueError,
)

# OSS's own code for bytes that were damaged on their way.
_DAMAGED = "InvalidDigest"

# Since 2025-03-20 for accounts that are new to OSS (real-cloud.md, "PublicEndpointForbidden").
_PUBLIC_ENDPOINT_FORBIDDEN = "PublicEndpointForbidden"

_MAX_DELAY_DIGITS = 9


def to_api_error(
    error: Exception, action: str, subject: str, region: str, clock: Clock
) -> ApiError:
    """Translate one of the ``FOREIGN`` exceptions."""

    def api_error(code: str, text: str, **details: Any) -> ApiError:
        return ApiError(
            action=action, subject=subject, region=region, code=code, text=text, **details
        )

    if isinstance(error, Unreachable):
        return api_error(
            UNREACHABLE,
            str(error),
            permanent=error.permanent,
            unknown_region=isinstance(error.__cause__, gaierror) and not is_known(region),
        )
    if isinstance(error, (TransportError, Damaged)):
        return api_error(LOST_RESPONSE, str(error))
    if isinstance(error, ClientError):
        return api_error("ClientError", "oss2 did not send this request")
    if isinstance(error, ServerError):
        code = str(error.code or f"HTTP {error.status}")
        text = str(error.message or "no explanation given")
        if code == _PUBLIC_ENDPOINT_FORBIDDEN:
            text = (
                "this account has no access to objects through the public endpoint. If the CPI "
                f"runs in this region, set alicloud.oss_endpoint to {internal_host(region)}; "
                "elsewhere, upload the image through a custom domain that is bound to a bucket "
                "of yours, and name it in the stemcell's oss_bucket and oss_object"
            )
        if code in STALE_SIGNATURE:
            text = f"{text}{describe_difference(error.headers.get('date', ''), clock)}"
        return api_error(
            LOST_RESPONSE if code == _DAMAGED else code,
            text,
            status=error.status,
            request_id=str(error.request_id),
            retry_after=_delay(error.headers),
        )
    return api_error(LOST_RESPONSE, f"the response is not OSS's ({type(error).__name__})")


def _delay(headers: Mapping[str, str]) -> float:
    """Return the seconds that OSS asks to wait; its header has milliseconds."""
    value = headers.get("x-oss-qos-delay-time", "")
    is_number = value.isascii() and value.isdigit() and len(value) <= _MAX_DELAY_DIGITS
    return int(value) / 1000 if is_number else 0.0
