"""What a VM type can ask for: a spot price, NVMe disks, a RAM role, a key pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from live.cloud import fields_of
from live.story import CATEGORY, DISK_MIB

if TYPE_CHECKING:
    from live.cloud import Cloud
    from live.settings import Live
    from live.story import Story


@pytest.mark.needs("spot_instance_type")
def test_a_spot_vm(story: Story, cloud: Cloud, live: Live) -> None:
    """It is bought at the market's price."""
    vm = story.vm(instance_type=live["spot_instance_type"], spot_strategy="SpotAsPriceGo")
    assert fields_of(cloud.instance(vm), "SpotStrategy", "InstanceChargeType", "Status") == (
        "SpotAsPriceGo",
        "PostPaid",
        "Running",
    )


@pytest.mark.needs("nvme_instance_type")
def test_nvme_disks(story: Story, cloud: Cloud, live: Live) -> None:
    """Settings and hint name the disks as an NVMe driver does."""
    kind = live["nvme_instance_type"]
    assert cloud.needs_nvme(kind), f"LIVE_NVME_INSTANCE_TYPE {kind} has no NVMe disks"
    ephemeral = {"size": DISK_MIB, "category": CATEGORY}
    vm = story.vm(instance_type=kind, ephemeral_disk=ephemeral)
    (own,) = cloud.disks_of(vm, "data")
    assert cloud.settings(vm)["disks"]["ephemeral"] == story.hint(own["DiskId"], nvme=True)
    disk = story.disk(vm)
    assert story.cpi.ok("attach_disk", vm, disk) == story.hint(disk, nvme=True)


@pytest.mark.needs("key_pair_name")
def test_a_key_pair(story: Story, cloud: Cloud, live: Live) -> None:
    """The VM is made with it."""
    vm = story.vm(key_pair_name=live["key_pair_name"])
    assert fields_of(cloud.instance(vm), "KeyPairName") == (live["key_pair_name"],)


@pytest.mark.needs("instance_ram_role")
def test_a_ram_role(story: Story, cloud: Cloud, live: Live) -> None:
    """A VM can take the role; with one that there is not, no VM is made."""
    vm = story.vm(ram_role_name=live["instance_ram_role"])
    assert fields_of(cloud.instance(vm), "Status") == ("Running",)
    story.remove(vm)

    nobody = f"{live.run_id}-nobody"
    refused = story.vm_arguments(ram_role_name=nobody, tags={**story.tags, "role": nobody})
    assert story.cpi.call("create_vm", *refused).type == "VMCreationFailed"
    assert cloud.tagged("DescribeInstances", "role", nobody) == []
