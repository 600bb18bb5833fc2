"""One request to OSS, repeated where that helps; oss2's errors end here.

Every request that an upload consists of may be sent again without harm: it creates by name,
replaces by number, deletes what is there. So each is repeated on whatever can pass, for as long
as ``retry`` thinks it worthwhile.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi import log
from alicloud_cpi.cloud.wire import retry
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.cloud.wire.proxies import proxy_for
from alicloud_cpi.endpoints import Endpoint, region_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.signing import KeySource

# Temporary keys have died since they were fetched.
_EXPIRED_KEYS = frozenset({"InvalidAccessKeyId", "InvalidSecurityToken", "SecurityTokenExpired"})


class Request(NamedTuple):
    """What is asked of OSS: the action's name in the API, the bucket and the object's key.

    Without a bucket it is about the account.
    """

    action: str
    bucket: str = ""
    key: str = ""

    @property
    def subject(self) -> str:
        """The resource, as it follows the action in a message."""
        if self.key:
            return f" of {self.bucket}/{self.key}"
        return f" of bucket {self.bucket}" if self.bucket else ""


class Damaged(Exception):
    """What OSS has is not what was sent."""


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
        from alicloud_cpi.cloud.oss import failures as oss_failures
        from alicloud_cpi.cloud.oss import sdk as oss_sdk

        self._sdk = oss_sdk
        self._failures = oss_failures
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
        except self._failures.FOREIGN as error:
            failure = self._failures.told(
                error, request, region=self._region, place=self._place(request)
            )
            outcome, request_id = failure.code, failure.request_id
            raise failure from None
        else:
            outcome = "" if quiet else str(answer["status"])
            request_id = answer["request_id"]
            return answer
        finally:
            if outcome:
                log.info(
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
            self._buckets[name] = self._sdk.bucket_of(
                name,
                region=self._region,
                endpoint=self._endpoint,
                keys=self._keys,
                session=self._sdk.session_for(
                    self._host_of(name), self._ca_cert, self._connections
                ),
            )
        return self._buckets[name]

    def _host_of(self, bucket: str) -> Endpoint:
        """Return where OSS answers for a bucket: under a name of its own, if under a name."""
        host = self._endpoint.host
        if not bucket or not _is_name(host):
            return self._endpoint
        return self._endpoint._replace(host=f"{bucket}.{host}")

    def _place(self, request: Request) -> str:
        """Return where a request goes, as messages name it."""
        host = self._host_of(request.bucket)
        proxy = proxy_for(host)
        return host.authority + (f" through the proxy {proxy.host}:{proxy.port}" if proxy else "")


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host != "localhost"
    return False


def answered(result: Any, **needed: Any) -> dict[str, Any]:
    """Return what is needed of oss2's result, once all of it has been read."""
    result.resp.read()
    return {"status": result.status, "request_id": result.request_id, **needed}
