"""One RPC service of the cloud: an action and its parameters in, its answer out.

Signing, sending, reading the answer, one log line per attempt, and repeating what may be
repeated. Services (``disks``, ``instances`` ...) speak to the cloud through ``Api.call`` alone.
"""

from __future__ import annotations

from alicloud_cpi import log, quick_json
from alicloud_cpi.cloud.wire import codes, retry, signing
from alicloud_cpi.cloud.wire.failures import LOST_ANSWER, UNREACHABLE, ApiError, subject
from alicloud_cpi.cloud.wire.transport import LostAnswer, TransportFailure, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.answers import Answer
    from alicloud_cpi.cloud.wire.signing import KeySource
    from alicloud_cpi.cloud.wire.transport import Transport
    from alicloud_cpi.endpoints import Endpoint
    from alicloud_cpi.log import Secrets

_READS = ("Describe", "List", "Get")

# Seconds without an answer. Actions that the service is known to answer late take longer (the
# SDK's own table, API reference, semantics section 2).
READ_TIMEOUT = 20.0
_LONG_READ_TIMEOUTS = {
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

_OK = range(200, 300)

# Parameters that an error of the cloud may quote and that nobody may read.
_SECRET_PARAMETERS = ("Password", "UserData")

# Longer numbers in x-acs-retry-after (milliseconds, as digits) are no waiting times.
_MOST_DIGITS = 9


def read_timeout(action: str) -> float:
    """Return how many seconds an action may stay silent."""
    return _LONG_READ_TIMEOUTS.get(action, READ_TIMEOUT)


class Api:
    """Actions of one service, in any region of the account."""

    def __init__(
        self,
        service: signing.Service,
        *,
        transport: Transport,
        keys: KeySource,
        locate: Callable[[str], Endpoint],
        clock: Clock,
        secrets: Secrets,
    ) -> None:
        self._service = service
        self._transport = transport
        self._keys = keys
        self._locate = locate
        self._clock = clock
        self._secrets = secrets

    def call(
        self,
        action: str,
        region: str,
        *,
        unless: Callable[[], bool] | None = None,
        done: Sequence[str] = (),
        **parameters: Any,
    ) -> dict[str, Any]:
        """Carry out one action and return its answer.

        Parameters that are None are left out; ``Tag=[{...}]`` and ``Ids=[...]`` become
        ``Tag.1.Key`` and ``Ids.1``; a ``Field={...}`` becomes ``Field.Name``.

        :param unless: for an action that changes something and takes no ClientToken: tells
            whether its effect is there, asked before it is repeated after a lost answer
        :param done: error codes that say the effect is there already: answered as success
        :raises ApiError: the cloud refused, or no answer came in time
        """
        flat = flatten(parameters)
        self._secrets.add(*(flat.get(name) for name in _SECRET_PARAMETERS))

        def send(attempt: int) -> dict[str, Any]:
            try:
                return self._once(action, region, flat, attempt)
            except ApiError as failure:
                if failure.code in codes.EXPIRED_KEYS and self._keys.renew():
                    return self._once(action, region, flat, attempt + 1)
                raise

        repeatable = action.startswith(_READS) or "ClientToken" in flat
        try:
            return self._repeated(send, repeatable=repeatable, unless=unless)
        except ApiError as failure:
            if failure.code in done:
                return {}
            raise

    def _repeated(
        self,
        send: Callable[[int], dict[str, Any]],
        *,
        repeatable: bool,
        unless: Callable[[], bool] | None,
    ) -> dict[str, Any]:
        try:
            return send(1)
        except ApiError as failure:
            if not retry.can_be_mended(failure, repeatable=repeatable, unless=unless):
                raise
            repetition = retry.Repetition(
                send, failure, repeatable=repeatable, unless=unless, clock=self._clock
            )
        return repetition.until_answered()

    def _once(
        self, action: str, region: str, parameters: Mapping[str, str], attempt: int
    ) -> dict[str, Any]:
        """Send one signed request and read its answer."""
        endpoint = self._locate(region)
        request = signing.signed_request(
            self._service, action, region, parameters, self._keys.current()
        )
        start = self._clock.now()
        failed = _Failure(action, subject(parameters), region, self._secrets)
        # What the line says where neither an answer nor a failure of the request ends this.
        outcome, request_id = "stopped", ""
        try:
            answer = self._transport.post(endpoint, *request, read_timeout(action))
            content = failed.read(answer)
        except (TransportFailure, ApiError) as error:
            failure = error if isinstance(error, ApiError) else failed.without_answer(error)
            outcome, request_id = failure.code, failure.request_id
            raise failure from None
        else:
            outcome, request_id = str(answer.status), str(content.get("RequestId", ""))
            return content
        finally:
            log.info(
                "%s region=%s %.3f s %s RequestId=%s attempt=%d",
                action,
                region,
                self._clock.now() - start,
                outcome,
                request_id or "-",
                attempt,
            )


class _Failure:
    """Turns what came back, or did not, into the answer or an ApiError."""

    def __init__(self, action: str, about: str, region: str, secrets: Secrets) -> None:
        self._action = action
        self._about = about
        self._region = region
        self._secrets = secrets

    def read(self, answer: Answer) -> dict[str, Any]:
        """Return the answer's content.

        :raises ApiError: an error, or an answer that is cut off
        """
        try:
            content = quick_json.loads(answer.body)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            content = {}
            if answer.status in _OK:
                raise self._error(LOST_ANSWER, "the answer was not whole", answer, content)
        code = content.get("Code") or content.get("code")
        if answer.status in _OK and not _is_error(content):
            return content
        text = content.get("Message") or content.get("message") or "no explanation given"
        raise self._error(str(code or f"HTTP {answer.status}"), str(text), answer, content)

    def without_answer(self, error: TransportFailure) -> ApiError:
        """Return the failure for a request that got no answer."""
        assert isinstance(error, (Unreachable, LostAnswer))  # noqa: S101 - there are these two
        return ApiError(
            action=self._action,
            subject=self._about,
            region=self._region,
            code=UNREACHABLE if isinstance(error, Unreachable) else LOST_ANSWER,
            text=str(error),
            lasting=error.lasting,
        )

    def _error(self, code: str, text: str, answer: Answer, content: Mapping[str, Any]) -> ApiError:
        request_id = content.get("RequestId") or content.get("requestId") or ""
        return ApiError(
            action=self._action,
            subject=self._about,
            region=self._region,
            code=code,
            # Before anything shortens it: half a secret would not be recognised any more.
            text=self._secrets.blank(text),
            status=answer.status,
            request_id=str(request_id),
            retry_after=_retry_after(answer),
        )


def _is_error(content: Mapping[str, Any]) -> bool:
    """Whether an answer with a good status is an error all the same."""
    return "Code" in content and "Message" in content and "HostId" in content


def _retry_after(answer: Answer) -> float:
    """Seconds that the cloud asks to wait (its header counts milliseconds)."""
    value = answer.headers.get("x-acs-retry-after", "")
    fits = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
    return int(value) / 1000 if fits else 0.0


def flatten(parameters: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Spell parameters as the wire does: ``Tag.1.Key``, ``SystemDisk.Size``, ``true``."""
    flat: dict[str, str] = {}
    for name, value in parameters.items():
        key = f"{prefix}{name}"
        if value is None:
            continue
        if isinstance(value, dict):
            flat.update(flatten(value, f"{key}."))
        elif isinstance(value, (list, tuple)):
            numbered = {str(number): item for number, item in enumerate(value, start=1)}
            flat.update(flatten(numbered, f"{key}."))
        elif isinstance(value, bool):
            flat[key] = "true" if value else "false"
        else:
            flat[key] = str(value)
    return flat
