"""What oss2 and requests raise, told as an ApiError: nothing of theirs leaves here.

Their own texts hold URLs, headers and keys, so none of them is passed on but OSS's own message.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from requests import RequestException
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from alicloud_cpi.cloud.oss import sdk as oss_sdk
from alicloud_cpi.cloud.oss.client import Damaged
from alicloud_cpi.cloud.wire.failures import LOST_ANSWER, UNREACHABLE, ApiError
from alicloud_cpi.cloud.wire.transport import cause, is_lasting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alicloud_cpi.cloud.oss.client import Request

_oss = oss_sdk.load().exceptions


# The last three are what oss2 makes of an answer that is none of OSS's, such as a proxy's page.
FOREIGN = (_oss.OssError, RequestException, Damaged, ParseError, RuntimeError, ValueError)

_NEVER_CONNECTED = (
    ConnectTimeoutError,
    NewConnectionError,
    ProxyError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
)

# OSS's own words for bytes that were damaged on their way.
_DAMAGED = frozenset({"InvalidDigest"})


def told(error: Exception, request: Request, *, region: str, place: str) -> ApiError:
    """Tell a foreign error in our own terms.

    :param place: where the request went, for messages
    """

    def failure(code: str, text: str, **more: Any) -> ApiError:
        return ApiError(
            action=request.action,
            subject=request.subject,
            region=region,
            code=code,
            text=text,
            **more,
        )

    if isinstance(error, _oss.ServerError):
        code = str(error.code or f"HTTP {error.status}")
        return failure(
            LOST_ANSWER if code in _DAMAGED else code,
            str(error.message or "no explanation given"),
            status=error.status,
            request_id=str(error.request_id),
            retry_after=_delay(error.headers),
        )
    if isinstance(error, _oss.ClientError):
        return failure("ClientError", "oss2 does not even send this request")
    if isinstance(error, Damaged):
        return failure(LOST_ANSWER, str(error))
    chain = list(_chain(getattr(error, "exception", error)))
    what = cause(chain[-1])
    if any(isinstance(link, _NEVER_CONNECTED) for link in chain):
        text = f"cannot connect to {place}: {what}"
        return failure(UNREACHABLE, text, lasting=is_lasting(chain[-1]))
    return failure(LOST_ANSWER, f"no answer from {place}: {what}")


def _delay(headers: Mapping[str, str]) -> float:
    """Seconds that OSS asks to wait (its header counts milliseconds)."""
    value = headers.get("x-oss-qos-delay-time", "")
    return int(value) / 1000 if value.isascii() and value.isdigit() else 0.0


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it; urllib3 keeps some causes among its arguments only."""
    while error is not None:
        yield error
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        error = error.__cause__ or error.__context__ or inner
