"""What a story makes: asked for with good requests, tagged, and taken away whatever happens."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from live.cloud import Cloud
    from live.executable import Cpi
    from live.settings import Live

# On everything that a run makes, with the run's id as its value.
TAG = "bosh-cpi-live"

# On sale for every instance type that is.
CATEGORY = "cloud_essd"
SYSTEM_MIB = 40 * 1024
DISK_MIB = 20 * 1024

DNS = ["100.100.2.136", "100.100.2.138"]

# How to take away what a method made, VMs first: they hold the others.
REMOVERS = {
    "create_vm": "delete_vm",
    "snapshot_disk": "delete_snapshot",
    "create_disk": "delete_disk",
    "create_stemcell": "delete_stemcell",
}


class Story:
    """Makes calls of the CPI and knows what they have made and not taken away.

    The run's stemcell may have to be uploaded: the first story that needs it asks for it.
    """

    def __init__(
        self, live: Live, cpi: Cpi, cloud: Cloud, stemcell: Callable[[], tuple[str, int]]
    ) -> None:
        self.live, self.cpi, self.cloud = live, cpi, cloud
        self._stemcell = stemcell
        self.tags = {TAG: live.run_id}
        self._made: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take away what is left; what cannot be is named, and does not keep the others."""
        failures = []
        for remover in REMOVERS.values():
            for cid in [cid for cid, how in self._made.items() if how == remover]:
                answer = self.cpi.call(remover, cid)
                if answer.error:
                    failures.append(f"{remover} {cid}: {answer.message}")
        assert not failures, failures

    @property
    def stemcell(self) -> str:
        """The cid of the run's stemcell."""
        return self._stemcell()[0]

    def make(self, method: str, *arguments: Any, **options: Any) -> str:
        """Make a call that makes something, and return its cid."""
        result = self.cpi.ok(method, *arguments, **options)
        cid = str(result[0] if isinstance(result, list) else result)
        self._made[cid] = REMOVERS[method]
        return cid

    def remove(self, cid: str) -> None:
        """Take away what the story made."""
        self.cpi.ok(self._made[cid], cid)
        del self._made[cid]

    def upload(self, properties: Mapping[str, Any], image: Path | str = "", **options: Any) -> str:
        """Make a stemcell; what becomes an image of ours is known by its name as well."""
        named = {**properties, "name": f"{self.live.run_id}-{properties.get('name', 'stemcell')}"}
        tags = {"tags": self.tags}
        return self.make("create_stemcell", str(image), named, tags, **options)

    def vm(
        self,
        networks: Mapping[str, Any] | None = None,
        *,
        agent: str = "",
        stemcell: str = "",
        stemcell_api: int = 0,
        **properties: Any,
    ) -> str:
        """Make a VM."""
        arguments = self.vm_arguments(networks, agent=agent, stemcell=stemcell, **properties)
        return self.make("create_vm", *arguments, stemcell_api=stemcell_api or self._stemcell()[1])

    def vm_arguments(
        self,
        networks: Mapping[str, Any] | None = None,
        *,
        agent: str = "",
        stemcell: str = "",
        **properties: Any,
    ) -> list[Any]:
        """Word the arguments of create_vm."""
        kind = {
            "instance_type": self.live["instance_type"],
            "availability_zone": self.live["availability_zone"],
            "system_disk": {"size": SYSTEM_MIB, "category": CATEGORY},
            "tags": self.tags,
            **properties,
        }
        return [
            agent or str(uuid.uuid4()),
            stemcell or self.stemcell,
            kind,
            networks or {"private": self.network()},
            [],
            {"bosh": {"group": f"{self.live.run_id}-group"}},
        ]

    def network(self, **changes: Any) -> dict[str, Any]:
        """Word a dynamic network; changes of it make a manual one."""
        return {
            "type": "dynamic",
            "dns": DNS,
            "default": ["dns", "gateway"],
            "cloud_properties": {
                "vswitch_id": self.live["vswitch_id"],
                "security_group_ids": [self.live["security_group_id"]],
            },
            **changes,
        }

    def disk(self, vm_cid: str | None = None, size: int = DISK_MIB, **properties: Any) -> str:
        """Make a persistent disk, for a VM or in the run's zone."""
        kind = {"category": CATEGORY, "tags": self.tags, **properties}
        return self.make("create_disk", size, kind, vm_cid)

    def hint(self, disk_cid: str, *, nvme: bool) -> str:
        """Tell where a disk appears in a VM."""
        found = self.cloud.disk(disk_cid)
        assert found is not None
        prefix = "nvme-Alibaba_Cloud_Elastic_Block_Storage_" if nvme else "virtio-"
        return f"/dev/disk/by-id/{prefix}{found['SerialNumber']}"
