"""What one call knows: who asks, with which versions and configuration, and the cloud."""

from __future__ import annotations

from alicloud_cpi.errors import DiskNotFound, VMNotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud import Cloud
    from alicloud_cpi.cloud.disks import Disk
    from alicloud_cpi.cloud.instances import Instance
    from alicloud_cpi.config import Config
    from alicloud_cpi.log import Secrets

# From this version on, the agent of a stemcell is told about disks by the Director, and the CPI
# leaves user data alone (contract section 3).
_SETTINGS_IN_USER_DATA_BELOW = 2


class Call:
    """One call of one method. Configuration and cloud are made when they are first used."""

    def __init__(
        self,
        *,
        api_version: int,
        context: dict[str, Any],
        document: dict[str, Any],
        clock: Clock,
        secrets: Secrets,
    ) -> None:
        self.api_version = api_version
        self.context = context
        self.document = document
        self.clock = clock
        self.secrets = secrets
        self._config: Config | None = None
        self._cloud: Cloud | None = None

    @property
    def config(self) -> Config:
        """The checked configuration of this call.

        :raises CpiError: naming the property that is wrong
        """
        if self._config is None:
            from alicloud_cpi import config

            self._config = config.for_call(self.document, self.context)
        return self._config

    @property
    def cloud(self) -> Cloud:
        """The services of the call's account and region."""
        if self._cloud is None:
            from alicloud_cpi.cloud import Cloud

            self._cloud = Cloud(self.config, self.clock, self.secrets)
        return self._cloud

    def close(self) -> None:
        """Close the connections to the cloud, if there are any."""
        if self._cloud is not None:
            self._cloud.close()

    def vm(self, vm_cid: str) -> Instance:
        """Return the VM.

        :raises VMNotFound: there is none in the regions that the call looks in
        """
        found = self.cloud.instances.find(vm_cid)
        if found is None:
            raise VMNotFound(vm_cid)
        return found

    def disk(self, disk_cid: str) -> Disk:
        """Return the disk.

        :raises DiskNotFound: there is none in the regions that the call looks in
        """
        found = self.cloud.disks.find(disk_cid)
        if found is None:
            raise DiskNotFound(disk_cid)
        return found

    @property
    def settings_in_user_data(self) -> bool:
        """Whether the agent learns of persistent disks from user data (old stemcell or caller)."""
        version = min(self.api_version, self._stemcell_api_version())
        return version < _SETTINGS_IN_USER_DATA_BELOW

    def _stemcell_api_version(self) -> int:
        """Return what the context says of the VM's stemcell.

        Directors that speak version 2 always say it where it matters. Where nobody does, the
        caller's own version stands for it: stopping a VM on a guess would be worse.
        """
        found: Any = self.context
        for key in ("vm", "stemcell", "api_version"):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, int) else self.api_version
