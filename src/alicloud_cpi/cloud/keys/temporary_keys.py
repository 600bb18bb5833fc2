"""Keys that expire: those of the instance's RAM role, and those of an assumed role.

Both are fetched when they are first needed and again some time before they expire, so that a long
wait or upload never signs with a dead key.
"""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import quote

from alicloud_cpi import log
from alicloud_cpi.cloud.wire.retry import harmless_twice
from alicloud_cpi.cloud.wire.signing import Keys
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.keys.metadata import Metadata
    from alicloud_cpi.cloud.wire.api import Api
    from alicloud_cpi.log import Secrets

# Keys are fetched anew this long before they expire, or at the latest moment a short life allows.
_MARGIN_SECONDS = 300.0
_LARGEST_MARGIN = 0.25
# How long after a failure to fetch new ones that is tried again.
_PAUSE_SECONDS = 10.0

_ROLES = "ram/security-credentials/"
_SESSION_NAME = "bosh-alicloud-cpi"
_SESSION_SECONDS = 3600


class Fetched(Record):
    """Keys, and for how many more seconds they are good."""

    keys: Keys
    lifetime: float


class TemporaryKeys:
    """A source that fetches keys and remembers them for most of their life."""

    def __init__(self, fetch: Callable[[], Fetched], clock: Clock, secrets: Secrets) -> None:
        self._fetch = fetch
        self._clock = clock
        self._secrets = secrets
        self._keys: Keys | None = None
        self._good_until = 0.0
        self._dead_at = 0.0

    def current(self) -> Keys:
        """Return keys that are good for a while.

        Where no new ones can be had, the old ones serve until they die: trouble that passes in
        that time ends no call.

        :raises CloudError: none can be had, and why
        """
        if self._keys is None or self._clock.now() >= self._good_until:
            try:
                fetched = self._fetch()
            except CloudError as failure:
                return self._old(failure)
            self._keys = fetched.keys
            self._secrets.add(*fetched.keys)
            margin = min(_MARGIN_SECONDS, fetched.lifetime * _LARGEST_MARGIN)
            self._dead_at = self._clock.now() + fetched.lifetime
            self._good_until = self._dead_at - margin
        return self._keys

    def _old(self, failure: CloudError) -> Keys:
        left = self._dead_at - self._clock.now()
        if self._keys is None or left <= 0:
            raise failure
        log.warning("the keys in use are good for %.0f s more: %s", left, failure.message)
        self._good_until = self._clock.now() + min(_PAUSE_SECONDS, left)
        return self._keys

    def renew(self) -> bool:
        """Forget the keys, which the cloud no longer takes; the next ones are fetched anew."""
        self._keys = None
        return True


def of_instance_role(metadata: Metadata, role_name: str, clock: Clock) -> Fetched:
    """Fetch the keys of the RAM role of this instance.

    :param role_name: the role; empty for the only one that the instance has
    :raises CloudError: no role, several of them, or not the named one
    """
    name = role_name or _only_role(metadata)
    text = metadata.get(_ROLES + quote(name, safe=""))
    if text is None:
        raise CloudError(f"RAM role '{name}' is not attached to this instance")
    try:
        document = json.loads(text)
        if document["Code"] == "Success":
            return _fetched(document, clock)
    except (ValueError, TypeError, KeyError):
        # Not the document that it should be; what it holds instead may be secret.
        pass
    raise CloudError(f"The metadata service has no credentials of RAM role '{name}'")


def of_assumed_role(sts: Api, region: str, role_arn: str, clock: Clock) -> Fetched:
    """Assume a role with the keys of ``sts`` and return the role's.

    :raises ApiError: the role cannot be assumed
    """
    answer = sts.call(
        "AssumeRole",
        region,
        RoleArn=role_arn,
        RoleSessionName=_SESSION_NAME,
        DurationSeconds=_SESSION_SECONDS,
        unless=harmless_twice,
    )
    return _fetched(answer["Credentials"], clock)


def _only_role(metadata: Metadata) -> str:
    names = (metadata.get(_ROLES) or "").split()
    if not names:
        raise CloudError(
            "No RAM role is attached to this instance: attach one, or use credential_source "
            "'static'"
        )
    if len(names) > 1:
        raise CloudError(
            f"Several RAM roles are attached to this instance ({', '.join(names)}): "
            "alicloud.ram_role_name must name one of them"
        )
    return names[0]


def _fetched(document: Mapping[str, Any], clock: Clock) -> Fetched:
    expiration = datetime.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%S%z")
    keys = Keys(document["AccessKeyId"], document["AccessKeySecret"], document["SecurityToken"])
    return Fetched(keys, expiration.timestamp() - clock.wall())
