"""The keys that requests are signed with, by the configured source.

One source serves every service alike: static keys, or those of the instance's RAM role; and on
top of either, those of an assumed role (``role_arn``).
"""

from __future__ import annotations

from functools import partial

from alicloud_cpi.cloud.wire.signing import Keys
from alicloud_cpi.config import STATIC
from alicloud_cpi.errors import CpiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.api import Api
    from alicloud_cpi.cloud.wire.signing import KeySource
    from alicloud_cpi.config import Config, Credentials
    from alicloud_cpi.log import Secrets


class StaticKeys:
    """The keys of the configuration, with a security_token where they are temporary.

    :raises CpiError: one that no header could carry, mostly from copying
    """

    def __init__(self, credentials: Credentials) -> None:
        self._keys = Keys(
            credentials.access_key_id, credentials.access_key_secret, credentials.security_token
        )
        for name, value in zip(Keys._fields, self._keys, strict=True):
            if not (value.isascii() and value.isprintable()) or " " in value:
                raise CpiError(f"alicloud.{name} must be printable ASCII characters without spaces")

    def current(self) -> Keys:
        """Return the configured keys."""
        return self._keys

    def renew(self) -> bool:
        """There are no other keys."""
        return False


def key_source(
    config: Config, clock: Clock, secrets: Secrets, sts: Callable[[KeySource], Api]
) -> KeySource:
    """Return the source of keys that the configuration names.

    :param sts: makes the API of STS that signs with the keys of a source
    """
    credentials = config.credentials
    source: KeySource
    if credentials.source == STATIC:
        source = StaticKeys(credentials)
    else:
        source = _instance_role(config, clock, secrets)
    if not credentials.role_arn:
        return source

    from alicloud_cpi.cloud.keys import temporary_keys

    fetch = partial(
        temporary_keys.of_assumed_role, sts(source), config.region, credentials.role_arn, clock
    )
    return temporary_keys.TemporaryKeys(fetch, clock, secrets)


def _instance_role(config: Config, clock: Clock, secrets: Secrets) -> KeySource:
    from alicloud_cpi.cloud.keys import temporary_keys
    from alicloud_cpi.cloud.keys.metadata import ADDRESS, Metadata

    metadata = Metadata(config.endpoints.get("metadata", ADDRESS), clock)
    fetch = partial(
        temporary_keys.of_instance_role, metadata, config.credentials.ram_role_name, clock
    )
    return temporary_keys.TemporaryKeys(fetch, clock, secrets)
