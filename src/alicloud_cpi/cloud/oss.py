"""One request to OSS, repeated where that helps; oss2's errors end here.

Every request that an upload consists of may be sent again without harm: it creates by name,
replaces by number, deletes what is there. So each is repeated on whatever can pass, for as long
as ``retry`` thinks it worthwhile.
"""

from __future__ import annotations

import logging
import socket
import ssl
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi.cloud import retry
from alicloud_cpi.cloud.failures import LOST_ANSWER, UNREACHABLE, ApiError
from alicloud_cpi.endpoints import Endpoint, is_loopback, region_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.credentials import KeySource

_log = logging.getLogger(__name__)

# Temporary keys have died since they were fetched.
_EXPIRED_KEYS = frozenset({"InvalidAccessKeyId", "InvalidSecurityToken", "SecurityTokenExpired"})

# The part that arrived is not the part that was sent.
_DAMAGED = frozenset({"InvalidDigest"})


# oss2's own word for a request that it does not even send.
_REFUSED_BY_OSS2 = -1


class Request(NamedTuple):
    """What is asked of OSS: the action's name in the API, the bucket and the object's key."""

    action: str
    bucket: str
    key: str = ""

    @property
    def subject(self) -> str:
        """The resource, as it follows the action in a message."""
        return f" of {self.bucket}/{self.key}" if self.key else f" of bucket {self.bucket}"


class Oss:
    """OSS of one region, over a few kept-alive connections that threads share."""

    def __init__(
        self,
        *,
        region: str,
        endpoint: Endpoint | None,
        ca_cert: str,
        keys: KeySource,
        clock: Clock,
        connections: int,
    ) -> None:
        from alicloud_cpi.cloud import oss_sdk

        self._sdk = oss_sdk
        self._region = region
        self._endpoint = endpoint or region_endpoint("oss", region)
        self._keys = oss_sdk.SharedKeys(keys)
        self._ca_cert = ca_cert
        self._connections = connections
        self._clock = clock
        self._buckets: dict[str, Any] = {}

    def send(
        self,
        request: Request,
        carry_out: Callable[[Any], dict[str, Any]],
        *,
        done: Sequence[str] = (),
        clock: Clock | None = None,
        quiet: bool = False,
    ) -> dict[str, Any]:
        """Carry out a request on oss2's bucket, again where that can help.

        :param carry_out: calls oss2 and returns its answer, see ``answered``
        :param done: error codes that say the effect is there already: answered as success
        :param clock: what repeats wait on, if not the call's own
        :param quiet: log failures only, as for the many parts of an upload
        :raises ApiError: OSS refused, or no answer came in time
        """

        def attempt(number: int) -> dict[str, Any]:
            return self._with_fresh_keys(request, carry_out, number, quiet=quiet)

        try:
            return self._repeated(attempt, clock or self._clock)
        except ApiError as failure:
            if failure.code in done:
                return {}
            raise

    def close(self) -> None:
        """Close the connections."""
        for bucket in self._buckets.values():
            bucket.session.session.close()

    def _repeated(self, attempt: Callable[[int], dict[str, Any]], clock: Clock) -> dict[str, Any]:
        try:
            return attempt(1)
        except ApiError as failure:
            if not retry.can_be_mended(failure, repeatable=True, unless=None):
                raise
            repetition = retry.Repetition(
                attempt, failure, repeatable=True, unless=None, clock=clock
            )
        return repetition.until_answered()

    def _with_fresh_keys(
        self,
        request: Request,
        carry_out: Callable[[Any], dict[str, Any]],
        number: int,
        *,
        quiet: bool,
    ) -> dict[str, Any]:
        """Send once; once more when the keys have expired and there are others."""
        used = self._keys.current()
        try:
            return self._once(request, carry_out, number, quiet=quiet)
        except ApiError as failure:
            if failure.code in _EXPIRED_KEYS and self._keys.renew(used):
                return self._once(request, carry_out, number + 1, quiet=quiet)
            raise

    def _once(
        self,
        request: Request,
        carry_out: Callable[[Any], dict[str, Any]],
        number: int,
        *,
        quiet: bool,
    ) -> dict[str, Any]:
        start = self._clock.now()
        outcome, request_id = "", ""
        try:
            answer = carry_out(self._bucket(request.bucket))
        except self._foreign() as error:
            failure = self._failure(request, error)
            outcome, request_id = failure.code, failure.request_id
            raise failure from None
        else:
            outcome = "" if quiet else str(answer["status"])
            request_id = answer["request_id"]
            return answer
        finally:
            if outcome:
                _log.info(
                    "%s%s region=%s %.3f s %s RequestId=%s attempt=%d",
                    request.action,
                    request.subject,
                    self._region,
                    self._clock.now() - start,
                    outcome,
                    request_id or "-",
                    number,
                )

    def _bucket(self, name: str) -> Any:
        if name not in self._buckets:
            # OSS answers for a bucket under a name of its own, which no_proxy may list.
            host = self._endpoint.host
            own = host if is_loopback(host) else f"{name}.{host}"
            self._buckets[name] = self._sdk.bucket_of(
                name,
                region=self._region,
                endpoint=self._endpoint,
                keys=self._keys,
                session=self._sdk.session_for(
                    self._endpoint._replace(host=own), self._ca_cert, self._connections
                ),
            )
        return self._buckets[name]

    def _foreign(self) -> tuple[type[Exception], ...]:
        """Return what oss2 and requests raise, also on an answer that is none of OSS's."""
        from xml.etree.ElementTree import ParseError

        from requests import RequestException

        ours = self._sdk.load().exceptions.OssError, Damaged
        return (*ours, RequestException, ParseError, AttributeError, RuntimeError, ValueError)

    def _failure(self, request: Request, error: Exception) -> ApiError:
        """Tell a foreign error in our own terms, without what was sent."""
        status = int(getattr(error, "status", 0))
        if status == _REFUSED_BY_OSS2:
            return self._api_error(request, "ClientError", str(error.__dict__["body"]))
        if status > 0:
            details = error.__dict__
            code = str(details["code"] or f"HTTP {status}")
            return self._api_error(
                request,
                LOST_ANSWER if code in _DAMAGED else code,
                str(details["message"] or "no explanation given"),
                status=status,
                request_id=str(details["request_id"]),
                retry_after=_delay(details["headers"]),
            )
        chain = list(_chain(getattr(error, "exception", error)))
        code = UNREACHABLE if _was_not_sent(chain) else LOST_ANSWER
        lasting = any(isinstance(e, (ssl.SSLCertVerificationError, socket.gaierror)) for e in chain)
        text = f"{self._endpoint.authority}: {_reason(chain)}"
        return self._api_error(request, code, text, lasting=lasting)

    def _api_error(self, request: Request, code: str, text: str, **more: Any) -> ApiError:
        return ApiError(
            action=request.action,
            subject=request.subject,
            region=self._region,
            code=code,
            text=text,
            **more,
        )


def answered(result: Any, **needed: Any) -> dict[str, Any]:
    """Return what is needed of oss2's result, once all of it has been read."""
    result.resp.read()
    return {"status": result.status, "request_id": result.request_id, **needed}


class Damaged(Exception):
    """What OSS stored is not what was sent."""


def _delay(headers: Mapping[str, str]) -> float:
    """Seconds that OSS asks to wait (its header counts milliseconds)."""
    value = headers.get("x-oss-qos-delay-time", "")
    return int(value) / 1000 if value.isascii() and value.isdigit() else 0.0


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _was_not_sent(chain: list[BaseException]) -> bool:
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

    never_connected = (
        ConnectTimeoutError,
        NewConnectionError,
        ProxyError,
        ssl.SSLCertVerificationError,
        socket.gaierror,
    )
    return any(isinstance(error, never_connected) for error in chain)


def _reason(chain: list[BaseException]) -> str:
    """Say what went wrong in words that hold nothing of the request."""
    root = chain[-1]
    for error in chain:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({error.verify_message})"
        if isinstance(error, socket.gaierror):
            return "the name cannot be resolved"
        if isinstance(error, TimeoutError):
            return "timed out"
    if isinstance(root, Damaged):
        return str(root)
    if isinstance(root, OSError) and root.strerror:
        return root.strerror
    return type(root).__name__
