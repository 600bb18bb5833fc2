"""The keys that requests are signed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from alicloud_cpi import config
from alicloud_cpi.cloud.sdk import Keys
from alicloud_cpi.errors import NotSupported

if TYPE_CHECKING:
    from alicloud_cpi.config import Credentials


class KeySource(Protocol):
    """Something that knows the keys that are valid now."""

    def current(self) -> Keys:
        """Return keys to sign the next request with."""


class StaticKeys:
    """The keys of the configuration, with a security_token where they are temporary."""

    def __init__(self, credentials: Credentials) -> None:
        self._keys = Keys(
            credentials.access_key_id, credentials.access_key_secret, credentials.security_token
        )

    def current(self) -> Keys:
        """Return the configured keys."""
        return self._keys


def key_source(credentials: Credentials) -> KeySource:
    """Return the source of keys that the configuration names."""
    if credentials.source != config.STATIC:
        raise NotSupported(f"credential_source '{credentials.source}' is not offered yet")
    return StaticKeys(credentials)
