"""Sends an SDK request object to Alibaba Cloud and returns its parsed response.

The SDK builds and signs the request. It is sent here and not by the SDK's ``AcsClient``, which uses
plain http by default, repeats requests without a ClientToken, sends no SNI, ignores no_proxy, and
shows keys in its errors (performance.md).
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.auth.signers.access_key_signer import AccessKeySigner
from aliyunsdkcore.auth.signers.sts_token_signer import StsTokenSigner

from alicloud_cpi.aliyun import errors, retry
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.clock_difference import describe_difference
from alicloud_cpi.aliyun.credentials import Credentials, CredentialsProvider
from alicloud_cpi.aliyun.endpoints import Endpoints
from alicloud_cpi.aliyun.errors import LOST_RESPONSE, UNREACHABLE, ApiError
from alicloud_cpi.aliyun.response import Fields, Origin
from alicloud_cpi.aliyun.transport import HttpResponse, Transport, TransportError, Unreachable
from alicloud_cpi.clock import Clock
from alicloud_cpi.redaction import Secrets

logger = logging.getLogger(__name__)

_READ_ONLY = ("Describe", "List", "Get")

# Seconds for a whole request. The longer ones are for actions that the service is known to answer
# late (aliyunsdkcore/data/timeout_config.json).
_TIMEOUT = 20.0
_LONG_TIMEOUTS = {
    "CreateInstance": 90.0,
    "RunInstances": 90.0,
    "CreateSnapshot": 90.0,
    "DeleteInstance": 70.0,
    "DescribeImages": 40.0,
    "AttachDisk": 40.0,
    "CreateDisk": 40.0,
    "DeleteImage": 40.0,
    "ImportImage": 30.0,
    "RebootInstance": 30.0,
}

# Parameters that an error of the cloud may quote and that nobody may read.
_SECRET_PARAMETERS = ("Password", "UserData")

_HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "bosh-alicloud-cpi",
}

# In place of a response: the request was refused because another call had reached its effect.
APPLIED_BY_OTHERS = "AppliedByOthers"

_MAX_TEXT = 4096

_MAX_RETRY_AFTER_DIGITS = 9


def request_timeout(action: str) -> float:
    """Return how many seconds a request of this action may take."""
    return _LONG_TIMEOUTS.get(action, _TIMEOUT)


@dataclass(frozen=True, slots=True)
class _Call:
    """One request as the caller wants it sent."""

    request: Any
    action: str
    region: str
    subject: str
    attempts: retry.Attempts
    tokens: ClientTokens | None = None
    expect: Sequence[str] = ()
    returns_id: str = ""

    def fields(self, content: dict[str, Any]) -> Fields:
        """Return the response with this content."""
        request_id = str(content.get("RequestId") or "")
        return Fields(Origin(self.action, self.region, self.subject, request_id), content)


class Client:
    """Requests of one account, for any service and region."""

    def __init__(
        self,
        *,
        transport: Transport,
        credentials: CredentialsProvider,
        endpoints: Endpoints,
        clock: Clock,
        secrets: Secrets,
    ) -> None:
        self.clock = clock
        self._transport = transport
        self._credentials = credentials
        self._endpoints = endpoints
        self._secrets = secrets

    def send(  # noqa: PLR0913 - how a request may be repeated differs in each of these
        self,
        request: Any,
        region: str,
        *,
        tokens: ClientTokens | None = None,
        idempotent: bool = False,
        already_applied: Callable[[], bool] | None = None,
        refused_if_applied: Collection[str] = (),
        ignore_codes: Collection[str] = (),
        expect: Sequence[str] = (),
        returns_id: str = "",
    ) -> Fields:
        """Send a request, again where that can help, and return its response.

        :param request: an SDK request object, filled through its setters
        :param tokens: the series of ClientTokens to send it with
        :param idempotent: a second request does no harm
        :param already_applied: for a request that is none of these: tells whether its effect is
            there, asked before it is sent again after a lost response; the response is empty then
        :param refused_if_applied: error codes that are also given where the effect is there
        :param ignore_codes: error codes that mean that the effect is there; the response is empty
        :param expect: the list that the response must have, such as ``("Disks", "Disk")``
        :param returns_id: the id that the response must have, such as ``"DiskId"``
        :raises ApiError: the cloud refused, or no usable response came in time
        """
        parameters = _move_to_body(request)
        self._secrets.add(*(parameters.get(name) for name in _SECRET_PARAMETERS))
        action = request.get_action_name()
        attempts = retry.Attempts(
            self.clock,
            repeatable=action.startswith(_READ_ONLY) or idempotent or tokens is not None,
            already_applied=already_applied,
            refused_if_applied=refused_if_applied,
            tokens=tokens,
        )
        subject = errors.describe_subject(parameters)
        call = _Call(request, action, region, subject, attempts, tokens, expect, returns_id)
        try:
            response: Fields = retry.policy(attempts)(self._attempt, call)
        except ApiError as error:
            if error.code in ignore_codes:
                return call.fields({})
            raise
        return response

    def _attempt(self, call: _Call) -> Fields:
        """Send a request once; twice if the credentials expired and others can be had."""
        if call.attempts.is_applied():
            logger.info("%s had its effect: not sent again", call.action)
            others = not call.attempts.effect_unknown
            return call.fields({APPLIED_BY_OTHERS: True} if others else {})
        try:
            try:
                return self._send_once(call)
            except ApiError as error:
                if error.code in errors.EXPIRED_CREDENTIALS and self._credentials.renew():
                    return self._send_once(call)
                raise
        except ApiError as error:
            call.attempts.record(error)
            raise

    def _send_once(self, call: _Call) -> Fields:
        if call.tokens is not None:
            call.request.set_ClientToken(call.tokens.current)
            _move_to_body(call.request)
        target, headers = _sign(call.request, call.region, self._credentials.current())
        body = urlencode(call.request.get_body_params()).encode()
        endpoint = self._endpoints.of(call.request, call.region)
        number = call.attempts.start()
        started = self.clock.now()
        # What the log line says when a signal ends the request.
        outcome, request_id = "interrupted", ""
        try:
            response = self._transport.request(
                endpoint, "POST", target, headers, body, request_timeout(call.action)
            )
            content = self._parse(call, response)
        except TransportError as error:
            failure = self._unanswered(call, error)
            outcome = failure.code
            raise failure from error
        except ApiError as error:
            outcome, request_id = error.code, error.request_id
            raise
        else:
            outcome, request_id = str(response.status), content.text("RequestId")
            return content
        finally:
            logger.info(
                "%s region=%s %.3f s %s RequestId=%s attempt=%d",
                call.action,
                call.region,
                self.clock.now() - started,
                outcome,
                request_id or "-",
                number,
            )

    def _parse(self, call: _Call, response: HttpResponse) -> Fields:
        """Return the content of a response.

        :raises ApiError: it is an error, or it lacks what every response to this action has
        """
        content = _json_object(response.body)
        code = content.get("Code") or content.get("code")
        is_success = 200 <= response.status < 300 and not _is_error(content)  # noqa: PLR2004
        if not is_success:
            text = content.get("Message") or content.get("message") or "no explanation given"
            raise self._error(call, str(code or f"HTTP {response.status}"), text, response, content)
        fields = call.fields(content)
        try:
            fields.resource_id("RequestId")
            if call.returns_id:
                fields.resource_id(call.returns_id)
            if call.expect:
                fields.require(*call.expect, filled=_lists_some(call.request, content))
        except ApiError as error:
            # A response to another request, or to none: the effect of this one is unknown.
            raise self._error(call, LOST_RESPONSE, error.text, response, content) from None
        return fields

    def _error(
        self, call: _Call, code: str, text: Any, response: HttpResponse, content: dict[str, Any]
    ) -> ApiError:
        request_id = content.get("RequestId") or content.get("requestId") or ""
        if code in errors.STALE_SIGNATURE:
            text = f"{text}{describe_difference(response.headers.get('date', ''), self.clock)}"
        return ApiError(
            action=call.action,
            subject=call.subject,
            region=call.region,
            code=code,
            text=self._secrets.redact(str(text)[:_MAX_TEXT]),
            status=response.status,
            request_id=str(request_id),
            retry_after=_retry_after(response),
        )

    def _unanswered(self, call: _Call, error: TransportError) -> ApiError:
        return ApiError(
            action=call.action,
            subject=call.subject,
            region=call.region,
            code=UNREACHABLE if isinstance(error, Unreachable) else LOST_RESPONSE,
            text=str(error),
            permanent=error.permanent,
            unknown_region=(
                isinstance(error.__cause__, socket.gaierror)
                and not self._endpoints.knows(call.request, call.region)
            ),
        )


def _move_to_body(request: Any) -> dict[str, str]:
    """Move what the setters put into the query string to the form body, and return it.

    User data and passwords do not belong into URLs, which proxies log. The signature covers both.
    None is not sent, nor is an empty value, except that of a tag.
    """
    given = {**request.get_body_params(), **request.get_query_params()}
    # The SDK would send Python's spelling of a boolean.
    parameters = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value is not None and (value != "" or name.endswith(".Value"))
    }
    request.set_query_params({})
    request.set_body_params(parameters)
    return parameters


def _sign(request: Any, region: str, credentials: Credentials) -> tuple[str, dict[str, str]]:
    """Sign a request with a new nonce and time; returns the request target and the headers."""
    key_id, secret, token = (
        credentials.access_key_id,
        credentials.access_key_secret,
        credentials.security_token,
    )
    if token:
        signer: Any = StsTokenSigner(StsTokenCredential(key_id, secret, token))
    else:
        signer = AccessKeySigner(AccessKeyCredential(key_id, secret))
    request.set_method("POST")
    request.set_accept_format("JSON")
    headers, target = signer.sign(region, request)
    # The signer adds its own parameters, such as SecurityToken, to the object: when that is sent
    # again, they must not be taken for the caller's.
    request.set_query_params({})
    return target, {**headers, **_HEADERS}


def _json_object(body: bytes) -> dict[str, Any]:
    """Return a response's JSON object; empty where it is none, or has a member twice."""
    try:
        content = json.loads(
            body, object_pairs_hook=_unique_members, parse_constant=_refuse_constant
        )
        if rb"\u" in body:
            # Lone surrogates pass for text until somebody encodes them.
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _refuse_constant(constant: str) -> None:
    """Refuse NaN and Infinity, which Python's parser accepts and JSON does not have."""
    raise ValueError(constant)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _lists_some(request: Any, content: dict[str, Any]) -> bool:
    """Whether ``TotalCount`` says that the page has records; with MaxResults it means nothing."""
    parameters, total = request.get_body_params(), content.get("TotalCount")
    is_first_page = "MaxResults" not in parameters and str(parameters.get("PageNumber", 1)) == "1"
    return is_first_page and isinstance(total, int) and total > 0


def _is_error(content: dict[str, Any]) -> bool:
    """Whether a response with a success status is an error all the same."""
    return "Code" in content and "Message" in content and "HostId" in content


def _retry_after(response: HttpResponse) -> float:
    """Return the seconds that the cloud asks to wait; its header has milliseconds."""
    value = response.headers.get("x-acs-retry-after", "")
    is_number = value.isascii() and value.isdigit() and len(value) <= _MAX_RETRY_AFTER_DIGITS
    return int(value) / 1000 if is_number else 0.0
