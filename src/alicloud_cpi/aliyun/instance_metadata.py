"""The metadata service of the instance that the CPI runs on.

Plain HTTP to a link-local address, never through a proxy, with short timeouts, so that a CPI that
runs elsewhere says so soon. The token protocol is tried first; the mode without a token is used
only where there is no token endpoint (semantics.md section 12).
"""

from __future__ import annotations

from alicloud_cpi.aliyun import retry
from alicloud_cpi.aliyun.transport import BadResponse, Connection, HttpResponse, describe_cause
from alicloud_cpi.clock import Clock
from alicloud_cpi.endpoint import Endpoint
from alicloud_cpi.errors import CloudError

ADDRESS = Endpoint("100.100.100.200", 80, secure=False)

_TIMEOUT = 2.0
_ATTEMPTS = 4

_TOKEN_SECONDS = 21600
_ABSENT = (404, 405)
_OK, _TOO_MANY_REQUESTS, _SERVER_ERROR = 200, 429, 500


class _Unavailable(Exception):
    """No usable response came, and the next attempt can bring one."""


class InstanceMetadata:
    """Items of the metadata service."""

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._headers: dict[str, str] | None = None

    def get(self, item: str) -> str | None:
        """Return an item below ``/latest/meta-data/``, or None where there is none.

        :raises CloudError: the service cannot be reached or refuses
        """
        response = self._request("GET", f"/latest/meta-data/{item}", self._token_headers())
        if response.status in _ABSENT:
            return None
        if response.status != _OK:
            raise CloudError(f"The metadata service refused '{item}' (HTTP {response.status})")
        return response.body.decode(errors="replace")

    def _token_headers(self) -> dict[str, str]:
        if self._headers is None:
            ttl = {"X-aliyun-ecs-metadata-token-ttl-seconds": str(_TOKEN_SECONDS)}
            response = self._request("PUT", "/latest/api/token", ttl)
            token = response.body.decode(errors="replace").strip()
            if response.status == _OK and token and token.isascii() and token.isprintable():
                self._headers = {"X-aliyun-ecs-metadata-token": token}
            elif response.status in _ABSENT:
                self._headers = {}
            else:
                raise CloudError(
                    f"The metadata service gave no token (HTTP {response.status}): is it enabled "
                    "on this instance?"
                )
        return self._headers

    def _request(self, method: str, path: str, headers: dict[str, str]) -> HttpResponse:
        policy = retry.limited_policy(_Unavailable, _ATTEMPTS, self._clock)
        try:
            response: HttpResponse = policy(self._request_once, method, path, headers)
        except _Unavailable as error:
            raise CloudError(
                f"The metadata service at {self._endpoint.authority} cannot be reached ({error}): "
                "credential_source 'ecs_ram_role' works on an ECS instance only"
            ) from error
        return response

    def _request_once(self, method: str, path: str, headers: dict[str, str]) -> HttpResponse:
        connection = Connection(self._endpoint, None, None)
        try:
            connection.connect(_TIMEOUT)
            response = connection.request(method, path, headers, b"", _TIMEOUT)
        except (OSError, BadResponse) as error:
            raise _Unavailable(describe_cause(error)) from error
        finally:
            connection.close()
        if response.status == _TOO_MANY_REQUESTS or response.status >= _SERVER_ERROR:
            raise _Unavailable(f"HTTP {response.status}")
        if response.status == _OK and not response.body.strip():
            raise _Unavailable("an empty response")
        return response
