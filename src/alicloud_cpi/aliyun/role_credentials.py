"""Temporary credentials: those of the instance's RAM role, and those of an assumed role."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from aliyunsdksts.request.v20150401.AssumeRoleRequest import AssumeRoleRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.credentials import Credentials, CredentialsProvider, StaticCredentials
from alicloud_cpi.aliyun.instance_metadata import ADDRESS, InstanceMetadata
from alicloud_cpi.clock import Clock
from alicloud_cpi.config import ECS_RAM_ROLE, Config
from alicloud_cpi.errors import CloudError
from alicloud_cpi.redaction import Secrets

logger = logging.getLogger(__name__)

# Seconds before the expiration at which credentials are replaced, at most a quarter of their life.
_MARGIN = 300.0
_LARGEST_MARGIN = 0.25
# Seconds until the next try when no new ones can be had.
_PAUSE = 10.0

_ROLES = "ram/security-credentials/"
_SESSION_NAME = "bosh-alicloud-cpi"
_SESSION_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Session:
    """Temporary credentials, and for how many more seconds they are valid."""

    credentials: Credentials
    seconds: float


class TemporaryCredentials:
    """Credentials that are fetched when they are needed, and again before they expire."""

    def __init__(self, fetch: Callable[[], Session], clock: Clock, secrets: Secrets) -> None:
        self._fetch = fetch
        self._clock = clock
        self._secrets = secrets
        self._credentials: Credentials | None = None
        self._fresh_until = 0.0
        self._expires_at = 0.0

    def current(self) -> Credentials:
        """Return credentials that are valid for a while.

        When no new ones can be had, the old ones are used until they expire, so that a short outage
        ends no call.

        :raises CloudError: none can be had, and why
        """
        if self._credentials is None or self._clock.now() >= self._fresh_until:
            try:
                session = self._fetch()
            except CloudError as error:
                return self._old_credentials(error)
            self._credentials = session.credentials
            self._secrets.add(
                session.credentials.access_key_id,
                session.credentials.access_key_secret,
                session.credentials.security_token,
            )
            margin = min(_MARGIN, session.seconds * _LARGEST_MARGIN)
            self._expires_at = self._clock.now() + session.seconds
            self._fresh_until = self._expires_at - margin
        return self._credentials

    def renew(self) -> bool:
        """Drop the credentials: the next ones are fetched."""
        self._credentials = None
        return True

    def _old_credentials(self, error: CloudError) -> Credentials:
        left = self._expires_at - self._clock.now()
        if self._credentials is None or left <= 0:
            raise error
        logger.warning("the credentials in use expire in %.0f s: %s", left, error.message)
        self._fresh_until = self._clock.now() + min(_PAUSE, left)
        return self._credentials


def role_credentials(
    config: Config,
    clock: Clock,
    secrets: Secrets,
    client_with: Callable[[CredentialsProvider], Client],
) -> CredentialsProvider:
    """Return the provider of the instance role, of the assumed role, or of one on top of the other.

    :param client_with: returns a client that signs with the credentials of a provider
    """
    configured = config.credentials
    provider: CredentialsProvider
    if configured.source == ECS_RAM_ROLE:
        metadata = InstanceMetadata(config.endpoints.get("metadata", ADDRESS), clock)
        provider = TemporaryCredentials(
            lambda: instance_role_session(metadata, configured.ram_role_name, clock),
            clock,
            secrets,
        )
    else:
        provider = StaticCredentials(configured)
    if not configured.role_arn:
        return provider
    sts = client_with(provider)
    return TemporaryCredentials(
        lambda: assumed_role_session(sts, config.region, configured.role_arn, clock),
        clock,
        secrets,
    )


def instance_role_session(metadata: InstanceMetadata, role_name: str, clock: Clock) -> Session:
    """Fetch the credentials of this instance's RAM role.

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
            return _session(document, clock)
    except (ValueError, TypeError, KeyError, RecursionError):
        # Not the expected document; what it holds instead may be secret.
        pass
    raise CloudError(f"The metadata service has no credentials of RAM role '{name}'")


def assumed_role_session(sts: Client, region: str, role_arn: str, clock: Clock) -> Session:
    """Assume a role with the credentials of ``sts``.

    :raises CloudError: the role cannot be assumed
    """
    request = AssumeRoleRequest()
    request.set_RoleArn(role_arn)
    request.set_RoleSessionName(_SESSION_NAME)
    request.set_DurationSeconds(_SESSION_SECONDS)
    found = sts.send(request, region, idempotent=True).fields("Credentials")
    names = ("AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration")
    try:
        return _session({name: found.text(name) for name in names}, clock)
    except ValueError:
        raise CloudError(f"STS returned no usable credentials of role '{role_arn}'") from None


def _only_role(metadata: InstanceMetadata) -> str:
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


def _session(document: dict[str, Any], clock: Clock) -> Session:
    """Read a credentials document.

    :raises ValueError: a part is missing, or no header can carry it
    """
    expiration = datetime.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%S%z")
    parts = [document["AccessKeyId"], document["AccessKeySecret"], document["SecurityToken"]]
    if not all(isinstance(part, str) and part.isascii() and part.isprintable() for part in parts):
        raise ValueError
    if not all(parts):
        raise ValueError
    return Session(Credentials(*parts), expiration.timestamp() - clock.wall())
