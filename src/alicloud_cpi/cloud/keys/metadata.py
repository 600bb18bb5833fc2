"""The metadata service of the instance that the CPI runs on.

Plain HTTP to an address that only the instance itself reaches: never through a proxy, and with
short time-outs, so that a CPI that runs elsewhere says so soon. The token protocol is tried
first; the old mode without a token serves only where the token endpoint does not exist (API
reference, semantics section 12).
"""

from __future__ import annotations

from alicloud_cpi.cloud.wire.answers import BadAnswer
from alicloud_cpi.cloud.wire.connection import Connection
from alicloud_cpi.endpoints import Endpoint
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.clock import Clock

ADDRESS = Endpoint("100.100.100.200", 80, secure=False)

_TIMEOUT = 2.0
_ATTEMPTS = 4
_BACKOFF = 0.5

_TOKEN_SECONDS = 21600
_ABSENT = (404, 405)
_OK, _TOO_MANY, _TROUBLE = 200, 429, 500


class _Answer(Record):
    status: int
    text: str

    @property
    def passes(self) -> bool:
        """Whether asking again can bring another answer: trouble, or nothing at all."""
        empty = self.status == _OK and not self.text.strip()
        return empty or self.status == _TOO_MANY or self.status >= _TROUBLE


class Metadata:
    """Items of the metadata service."""

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._headers: dict[str, str] | None = None

    def get(self, item: str) -> str | None:
        """Return an item below ``/latest/meta-data/``, or None where there is none.

        :raises CloudError: the service cannot be reached or refuses
        """
        answer = self._ask("GET", f"/latest/meta-data/{item}", self._with_token())
        if answer.status in _ABSENT:
            return None
        if answer.status != _OK:
            raise CloudError(f"The metadata service refused '{item}' (HTTP {answer.status})")
        return answer.text

    def _with_token(self) -> dict[str, str]:
        if self._headers is None:
            ttl = {"X-aliyun-ecs-metadata-token-ttl-seconds": str(_TOKEN_SECONDS)}
            answer = self._ask("PUT", "/latest/api/token", ttl)
            token = answer.text.strip()
            if answer.status == _OK and token.isascii() and token.isprintable():
                self._headers = {"X-aliyun-ecs-metadata-token": token}
            elif answer.status in _ABSENT:
                self._headers = {}
            else:
                raise CloudError(
                    f"The metadata service gave no token (HTTP {answer.status}): is it enabled "
                    "on this instance?"
                )
        return self._headers

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> _Answer:
        """Send one request; a passing failure is repeated a few times."""
        cause = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._clock.sleep(_BACKOFF * 2**attempt)
            try:
                answer = self._once(method, path, headers)
            except (OSError, BadAnswer) as error:
                cause = getattr(error, "strerror", None) or type(error).__name__
                continue
            # Whether an item is empty for good is for the last answer to say.
            if not answer.passes or (answer.status == _OK and attempt == _ATTEMPTS - 1):
                return answer
            cause = f"HTTP {answer.status}"
        raise CloudError(
            f"The metadata service at {self._endpoint.authority} cannot be reached ({cause}): "
            "credential_source 'ecs_ram_role' works on an ECS instance only"
        )

    def _once(self, method: str, path: str, headers: dict[str, str]) -> _Answer:
        connection = Connection(self._endpoint, None, None, _TIMEOUT)
        try:
            answer = connection.ask(method, path, headers, b"", _TIMEOUT)
            return _Answer(answer.status, answer.body.decode(errors="replace"))
        finally:
            connection.close()
