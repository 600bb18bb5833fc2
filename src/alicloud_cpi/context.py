"""What one CPI call knows: its configuration, the services, and the caller's API versions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from alicloud_cpi.aliyun.sdk import exclude_bundled_http
from alicloud_cpi.config_file import read_config_file

if TYPE_CHECKING:
    from os import PathLike

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.config import Config
    from alicloud_cpi.oss.bucket import StemcellBuckets
    from alicloud_cpi.redaction import Secrets
    from alicloud_cpi.services import Services

# From this version on the Director tells a stemcell's agent about disks, and the CPI leaves user
# data alone (contract section 3).
_AGENT_TOLD_BY_DIRECTOR = 2


class CallContext:
    """The context of one call. Configuration and services are loaded when they are first used."""

    def __init__(
        self,
        *,
        api_version: int,
        context: dict[str, Any],
        config_path: str | PathLike[str],
        clock: Clock,
        secrets: Secrets,
    ) -> None:
        """Read cpi.json.

        :raises CpiError: the file cannot be read or is not a JSON object
        """
        exclude_bundled_http()
        self.api_version = api_version
        self.context = context
        self.clock = clock
        self.secrets = secrets
        self.config_file = read_config_file(config_path)
        secrets.add_from(context)
        secrets.add_from(self.config_file)

    @cached_property
    def config(self) -> Config:
        """The checked configuration of this call.

        :raises CpiError: naming the property that is wrong
        """
        from alicloud_cpi.config import parse_config

        return parse_config(self.config_file, self.context)

    @cached_property
    def services(self) -> Services:
        """The services of the call's account and regions."""
        from alicloud_cpi.services import Services

        return Services(self.config, self.clock, self.secrets)

    @cached_property
    def buckets(self) -> StemcellBuckets:
        """Buckets of OSS that hold a stemcell's image during its import."""
        credentials = self.services.credentials
        from alicloud_cpi.oss.bucket import StemcellBuckets

        return StemcellBuckets(self.config, credentials, self.clock)

    def close(self) -> None:
        """Close the connections to the cloud, if there are any."""
        for name in ("buckets", "services"):
            if name in self.__dict__:
                getattr(self, name).close()

    @property
    def settings_in_user_data(self) -> bool:
        """Whether the agent learns of persistent disks from user data (old stemcell or caller)."""
        return min(self.api_version, self.stemcell_api_version) < _AGENT_TOLD_BY_DIRECTOR

    @property
    def stemcell_api_version(self) -> int:
        """Return the API version of the VM's stemcell.

        Directors that speak version 2 send it for the methods that need it. Without it, the
        caller's own version is taken: stopping a VM on a guess would be worse.
        """
        found: Any = self.context
        for key in ("vm", "stemcell", "api_version"):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, int) else self.api_version
