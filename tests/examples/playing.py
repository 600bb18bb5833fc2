"""Playing an example: a request out of its file, with the simulated cloud's ids in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.instances import Instance
from alicloud_sim.records import EVERYONE
from alicloud_sim.seed import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from alicloud_sim.seed_types import OLDER
from support.storage import Storage
from support.world import OTHER_ZONE, REGION, ZONE, Names

if TYPE_CHECKING:
    from support.cpi import Answer, Cpi

FOLDER = Path(__file__).parent
OTHER_REGION = "cn-hangzhou"

# Types that manifests name and the simulated cloud's seed does not sell: vCPUs and GiB.
SOLD_BEFORE = {
    "ecs.mn4.small": (1, 4),
    "ecs.mn4.large": (2, 8),
    "ecs.n1.small": (1, 2),
    "ecs.sn1.large": (4, 8),
    "ecs.sn1ne.large": (2, 4),
    "ecs.sn1ne.xlarge": (4, 8),
    "ecs.sn2.medium": (2, 8),
    "ecs.sn2ne.xlarge": (4, 16),
}


class Made(NamedTuple):
    """A VM that an example made, and what its agent and the log were told."""

    vm: Instance
    system: Disk
    data: list[Disk]
    settings: dict[str, Any]
    log: str

    @property
    def system_disk(self) -> tuple[str, int]:
        """Category and GiB of the system disk."""
        return self.system.category, self.system.size_gib

    @property
    def ephemeral_disk(self) -> tuple[str, int]:
        """Category and GiB of the only data disk, which is the VM's own."""
        (disk,) = self.data
        assert self.settings["disks"]["ephemeral"].endswith(disk.serial_number)
        assert disk.delete_with_instance
        return disk.category, disk.size_gib


class Examples:
    """The requests of this folder, and a cloud to send them to."""

    def __init__(self, cpi: Cpi, names: Names) -> None:
        self.cpi = cpi
        self.storage = Storage(cpi, names)
        self.names = names
        self.placeholders = _placeholders(cpi.sim.world.constants, names)
        with cpi.sim.world.lock:
            for name, (cpus, memory) in SOLD_BEFORE.items():
                cpi.sim.world.add(_type(name, cpus, memory))

    def answer(self, name: str, **placeholders: str) -> Answer:
        """Send an example."""
        return self.cpi.send(self.request(name, **placeholders).encode())

    def request(self, name: str, **placeholders: str) -> str:
        """Return an example with every placeholder filled."""
        known = {**self.placeholders, **placeholders}
        text = (FOLDER / f"{name}.json").read_text("utf-8")
        return re.sub(r"<(\w+)>", lambda found: known[found[1]], text)

    def result(self, name: str, **placeholders: str) -> Any:
        """Send an example, which has to end well, and return the result."""
        answer = self.answer(name, **placeholders)
        assert answer.error is None, f"{answer.error}\n{answer.stderr}"
        return answer.result

    def vm(self, name: str, **placeholders: str) -> Made:
        """Send an example of create_vm and return what there is now."""
        answer = self.answer(name, **placeholders)
        assert answer.error is None, f"{answer.error}\n{answer.stderr}"
        cid = answer.result if isinstance(answer.result, str) else answer.result[0]
        vm = self.storage.get(Instance, cid)
        assert vm.status == "Running"
        disks = [disk for disk in self.storage.all(Disk) if disk.instance_id == cid]
        (system,) = [disk for disk in disks if disk.type == "system"]
        data = [disk for disk in disks if disk.type == "data"]
        return Made(vm, system, data, self.storage.settings(cid), answer.stderr)

    def disk(self, name: str, **placeholders: str) -> Disk:
        """Send an example of create_disk, for a VM that is there, and return the disk."""
        placeholders = {"vm_cid": self.storage.vm(), **placeholders}
        disk = self.storage.found(self.result(name, **placeholders))
        assert (disk.status, disk.zone_id) == ("Available", ZONE)
        return disk


def unknown(log: str) -> str:
    """Return what the log says of properties that nobody knows; empty if it says nothing."""
    told = [line for line in log.splitlines() if "unknown properties" in line]
    assert len(told) <= 1
    return told[0].partition("ignored: ")[2] if told else ""


def _type(name: str, cpus: int, memory: float) -> InstanceType:
    return InstanceType(
        name,
        EVERYONE,
        "",
        family=name.rpartition(".")[0],
        cpus=cpus,
        memory_gib=memory,
        zones=[ZONE, OTHER_ZONE],
        disk_categories=list(OLDER),
    )


def _placeholders(constants: dict[str, Any], names: Names) -> dict[str, str]:
    def there(name: str, region: str = REGION) -> str:
        return str(constants[f"{region}.{name}"])

    return {
        "zone": ZONE,
        "other_zone": OTHER_ZONE,
        "vswitch": names.vswitch,
        "other_vswitch": names.other_vswitch,
        **{f"security_group_{n}": name for n, name in enumerate(names.groups, start=1)},
        "image": names.image,
        "key_pair": names.key_pair,
        "ram_role": str(constants["ram_role"]),
        "eip": there("eip.1.address"),
        "load_balancer": there("load_balancer"),
        "vserver_group": there("vserver_group"),
        "nlb_group_1": there("nlb_server_group.1"),
        "nlb_group_2": there("nlb_server_group.2"),
        "hangzhou_image": there("light_stemcell", OTHER_REGION),
        "hangzhou_vswitch": there("vswitch.cn-hangzhou-h", OTHER_REGION),
        "hangzhou_security_group": there("security_group.default", OTHER_REGION),
        "access_key_id": ACCESS_KEY_ID,
        "access_key_secret": ACCESS_KEY_SECRET,
    }
