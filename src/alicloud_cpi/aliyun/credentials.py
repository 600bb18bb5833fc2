"""The credentials that requests are signed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from alicloud_cpi.config import CredentialsConfig


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request is signed with; ``security_token`` is empty for a permanent key."""

    access_key_id: str
    access_key_secret: str
    security_token: str = ""


class CredentialsProvider(Protocol):
    """A source of credentials."""

    def current(self) -> Credentials:
        """Return credentials for the next request.

        :raises CloudError: none can be had, and why
        """

    def renew(self) -> bool:
        """Drop credentials that the cloud calls expired; returns whether there can be others."""


class StaticCredentials:
    """The keys of the configuration."""

    def __init__(self, configured: CredentialsConfig) -> None:
        self._credentials = Credentials(
            configured.access_key_id, configured.access_key_secret, configured.security_token
        )

    def current(self) -> Credentials:
        """Return the configured keys."""
        return self._credentials

    def renew(self) -> bool:
        """Return False: there are no other keys."""
        return False
