"""Sends one request to OSS, again where that can help.

Every request of an upload can be sent twice without harm: it creates by name, replaces by number,
or deletes. So each is repeated after every retryable error, for as long as ``aliyun.retry`` says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from alicloud_cpi.aliyun import retry
from alicloud_cpi.aliyun.credentials import CredentialsProvider
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.clock import Clock
from alicloud_cpi.config import Config
from alicloud_cpi.errors import CloudError
from alicloud_cpi.oss.endpoint import oss_endpoint
from alicloud_cpi.oss.errors import FOREIGN, to_api_error
from alicloud_cpi.oss.session import Session, SharedCredentials

logger = logging.getLogger(__name__)

# The STS credentials expired.
_EXPIRED_CREDENTIALS = frozenset(
    {"InvalidAccessKeyId", "InvalidSecurityToken", "SecurityTokenExpired"}
)


@dataclass(frozen=True, slots=True)
class Request:
    """The API's name of an action, the bucket and the key; without a bucket it is the account's."""

    action: str
    bucket: str = ""
    key: str = ""

    @property
    def subject(self) -> str:
        """The resource, to follow the action in a message."""
        if self.key:
            return f" of {self.bucket}/{self.key}"
        return f" of bucket {self.bucket}" if self.bucket else ""


class OssClient:
    """OSS of one region."""

    def __init__(self, config: Config, provider: CredentialsProvider, clock: Clock) -> None:
        """Find the endpoint.

        :raises CloudError: the metadata service, which tells where the CPI runs, cannot be reached
        """
        self._region = config.region
        self._credentials = SharedCredentials(provider)
        self._clock = clock
        endpoint = oss_endpoint(config, clock)
        self.host = endpoint.host
        self._session = Session(
            region=config.region,
            endpoint=endpoint,
            ca_cert=config.ca_cert,
            credentials=self._credentials,
        )

    def send(
        self,
        request: Request,
        call: Callable[[Any], Any],
        *,
        ignore_codes: Collection[str] = (),
        no_effect: Callable[[], None] | None = None,
        clock: Clock | None = None,
        log_success: bool = True,
    ) -> Any:
        """Send a request through oss2's object for its bucket, and return oss2's result.

        :param call: calls a method of the object
        :param ignore_codes: error codes that mean that the effect is there; the result is None
        :param no_effect: called if the request fails and certainly had no effect
        :param clock: for the pauses between attempts, if not the call's own
        :param log_success: False for the many parts of an upload
        :raises ApiError: OSS refused, or no usable response came in time
        :raises CloudError: there are no credentials
        """
        attempts = retry.Attempts(clock or self._clock, repeatable=True)
        try:
            return retry.policy(attempts)(self._attempt, request, call, attempts, log_success)
        except CloudError as error:
            if isinstance(error, ApiError) and error.code in ignore_codes:
                return None
            if no_effect is not None and not attempts.effect_unknown:
                no_effect()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _attempt(
        self,
        request: Request,
        call: Callable[[Any], Any],
        attempts: retry.Attempts,
        log_success: bool,  # noqa: FBT001 - passed on by the retry policy
    ) -> Any:
        """Send a request once; twice if the credentials expired and others can be had."""
        used = self._credentials.current()
        try:
            try:
                return self._send_once(request, call, attempts.start(), log_success=log_success)
            except ApiError as error:
                if error.code in _EXPIRED_CREDENTIALS and self._credentials.renew(used):
                    number = attempts.start()
                    return self._send_once(request, call, number, log_success=log_success)
                raise
        except ApiError as error:
            attempts.record(error)
            raise

    def _send_once(
        self, request: Request, call: Callable[[Any], Any], number: int, *, log_success: bool
    ) -> Any:
        started = self._clock.now()
        outcome, request_id = "", ""
        try:
            result = call(self._session.bucket(request.bucket))
        except FOREIGN as error:
            failure = to_api_error(
                error, request.action, request.subject, self._region, self._clock
            )
            outcome, request_id = failure.code, failure.request_id
            raise failure from error
        else:
            outcome = str(result.status) if log_success else ""
            request_id = result.request_id
            return result
        finally:
            if outcome:
                logger.info(
                    "%s%s region=%s %.3f s %s RequestId=%s attempt=%d",
                    request.action,
                    request.subject,
                    self._region,
                    self._clock.now() - started,
                    outcome,
                    request_id or "-",
                    number,
                )
