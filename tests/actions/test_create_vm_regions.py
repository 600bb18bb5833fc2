"""VMs in another region than the job's: found again and deleted there, or not made at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.world import Names

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

REGION, ZONE = "cn-hangzhou", "cn-hangzhou-h"


@pytest.fixture
def there(sim: Simulator) -> dict[str, Any]:
    """Give the arguments of create_vm for a VM in the other region."""
    constants = sim.world.constants
    network = {
        **Names(constants).networks(ip="10.0.1.10")["private"],
        "cloud_properties": {
            "vswitch_id": constants[f"{REGION}.vswitch.{ZONE}"],
            "security_group_ids": [
                constants[f"{REGION}.security_group.{name}"] for name in ("default", "extra")
            ],
        },
    }
    return {
        "networks": {"private": network},
        "region": REGION,
        "availability_zone": ZONE,
        "stemcell_id": constants[f"{REGION}.light_stemcell"],
    }


@pytest.fixture
def other(there: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of create_vm as they come with a cpi-config entry's context."""
    there.pop("region")
    return {**there, "stemcell": there.pop("stemcell_id"), "context": {"region": REGION}}


def test_made_there(vms: Vms, cpi: Cpi, there: dict[str, Any]) -> None:
    """The VM is made, watched and started in the region that its properties name."""
    cpi.configure(cross_regions=[REGION])
    cid = vms.make(**there, ephemeral_disk={"size": 20480})
    vm = vms.vm(cid)
    assert (vm.region, vm.zone_id, vm.status) == (REGION, ZONE, "Running")
    assert vm.image_id == there["stemcell_id"]
    assert len(vm.security_group_ids) == 2
    assert vms.settings(cid)["disks"]["ephemeral"].endswith(vms.data_disk(cid).serial_number)


def test_found_again(vms: Vms, cpi: Cpi, there: dict[str, Any]) -> None:
    """Every method finds the VM where it is, and delete_vm deletes it there."""
    cpi.configure(cross_regions=[REGION])
    cid = vms.make(**there)
    assert cpi.ok("has_vm", cid) is True
    assert cpi.ok("get_disks", cid) == []
    cpi.ok("set_vm_metadata", cid, {"name": "web/0", "job": "web"})
    cpi.ok("reboot_vm", cid)
    assert (vms.vm(cid).name, vms.vm(cid).tags["job"]) == ("web.0", "web")
    cpi.ok("delete_vm", cid)
    assert vms.left() == {}
    assert cpi.ok("has_vm", cid) is False


def test_cleaned_up_there(vms: Vms, cpi: Cpi, sim: Simulator, there: dict[str, Any]) -> None:
    """A failure takes back the VM where it was made."""
    cpi.configure(cross_regions=[REGION])
    sim.add_fault(kind="error", action="StartInstance", code="Forbidden.RAM", status=403, count=0)
    assert vms.create(**there).type == "VMCreationFailed"
    assert vms.left() == {}


def test_a_region_where_nobody_looks(vms: Vms, sim: Simulator, there: dict[str, Any]) -> None:
    """A VM outside cross_regions would never be found again: it is not made."""
    answer = vms.create(**there)
    assert "cloud_properties.region 'cn-hangzhou' must be one of" in answer.message
    assert not answer.ok_to_retry
    assert sim.calls() == []


def test_stemcell_of_the_wrong_region(vms: Vms, cpi: Cpi, there: dict[str, Any]) -> None:
    """stemcell_id has to be an image of that region."""
    cpi.configure(cross_regions=[REGION])
    answer = vms.create(**{**there, "stemcell_id": vms.names.image})
    assert answer.message == f"Stemcell '{vms.names.image}' not found in region {REGION}"
    assert vms.left() == {}


def test_region_of_the_cpi_config(vms: Vms, cpi: Cpi, other: dict[str, Any]) -> None:
    """A cpi-config entry's region overrides the job's, for every method of that call."""
    cid = vms.make(**other)
    assert vms.vm(cid).region == REGION
    assert cpi.call("has_vm", cid, context={"region": REGION}).result is True


def test_another_cpi_does_not_see_it(vms: Vms, cpi: Cpi, other: dict[str, Any]) -> None:
    """A call without that context finds no such VM: delete_vm is no error then."""
    cid = vms.make(**other)
    assert cpi.ok("has_vm", cid) is False
    assert cpi.call("reboot_vm", cid).type == "VMNotFound"
    cpi.ok("delete_vm", cid)
    assert vms.vm(cid).status == "Running"


def test_own_region_by_name(vms: Vms) -> None:
    """Naming the job's own region is no other region: no stemcell_id is needed."""
    assert vms.vm(vms.make(region="cn-beijing")).region == "cn-beijing"
