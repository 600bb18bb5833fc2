"""create_vm makes a VM where it was asked for, hands it over running, and answers its cid.

Disks, options, settings, regions, refusals and repeats each have a file of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.disks import Disk
from support.world import OTHER_ZONE, ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names


def test_the_vm_runs_where_it_was_asked_for(vms: Vms, names: Names) -> None:
    """The VM has the stemcell's image, the type, the zone and the network; it runs."""
    vm = vms.vm(vms.make(networks=names.networks(ip="10.0.1.77")))
    assert vm.status == "Running"
    assert vm.image_id == names.image
    assert (vm.instance_type, vm.zone_id) == ("ecs.g6.large", ZONE)
    assert (vm.vswitch_id, vm.private_ip) == (names.vswitch, "10.0.1.77")
    assert vm.security_group_ids == names.groups[:1]
    assert (vm.charge_type, vm.spot_strategy) == ("PostPaid", "NoSpot")


def test_dynamic_network(vms: Vms, names: Names) -> None:
    """In a dynamic network the cloud chooses the address."""
    vm = vms.vm(vms.make(networks=names.networks(ip=None)))
    assert vm.private_ip.startswith("10.0.1.")


def test_dynamic_network_of_a_redeploy(vms: Vms, names: Names) -> None:
    """On a redeploy a dynamic network still names the old address: it is not asked for."""
    networks = names.networks(ip=None)
    networks["private"]["ip"] = "10.0.2.200"
    assert vms.vm(vms.make(networks=networks)).private_ip.startswith("10.0.1.")


def test_result_of_version_1(vms: Vms, cpi: Cpi) -> None:
    """Version 1 answers the cid alone."""
    cpi.api_version = 1
    assert vms.vm(str(vms.create().result)).status == "Running"


@pytest.mark.parametrize("version", [2, 3])
def test_result(vms: Vms, cpi: Cpi, names: Names, version: int) -> None:
    """From version 2 on the result is the cid and the networks of the request."""
    cpi.api_version = version
    networks = names.networks()
    cid, answered = vms.create(networks=networks).result
    assert vms.vm(cid).status == "Running"
    assert answered == networks


def test_optional_arguments(cpi: Cpi, vms: Vms) -> None:
    """disk_cids and env may be left out or null."""
    arguments = vms.arguments()
    first = cpi.ok("create_vm", *arguments[:4])
    cpi.ok("delete_vm", first[0])
    cpi.ok("create_vm", "agent-2", *arguments[1:4], None, None)


def test_disk_cids_attach_nothing(vms: Vms) -> None:
    """disk_cids is a hint for placement: disks that are gone or elsewhere are no error."""
    free = vms.disk()
    elsewhere = vms.disk(status="In_use", instance_id="i-old", device="/dev/xvdc")
    cid = vms.make(disks=[free, elsewhere, "d-gone"])
    assert [disk.type for disk in vms.disks(cid)] == ["system"]
    found = vms.sim.world.get(Disk, free)
    assert found is not None
    assert (found.status, found.instance_id) == ("Available", "")
    assert vms.settings(cid)["disks"]["persistent"] == {}


@pytest.mark.parametrize("mark", ["", " light"])
def test_light_stemcell(vms: Vms, names: Names, mark: str) -> None:
    """The cid of a light stemcell carries a mark that is no part of the image's id."""
    assert vms.vm(vms.make(stemcell=names.image + mark)).image_id == names.image


def test_zone_of_the_configuration(vms: Vms, cpi: Cpi, names: Names) -> None:
    """Without a zone of its own a VM comes to that of the configuration."""
    cpi.configure(availability_zone=OTHER_ZONE)
    networks = names.networks(ip="10.0.2.10", vswitch_id=names.other_vswitch)
    assert vms.vm(vms.make(networks=networks, availability_zone=None)).zone_id == OTHER_ZONE


def test_zone_of_the_cpi_config(vms: Vms, names: Names) -> None:
    """A cpi-config entry's zone, which arrives flat in the context, overrides the job's."""
    networks = names.networks(ip="10.0.2.10", vswitch_id=names.other_vswitch)
    cid = vms.make(
        networks=networks, availability_zone=None, context={"availability_zone": OTHER_ZONE}
    )
    assert vms.vm(cid).zone_id == OTHER_ZONE


def test_two_vms(vms: Vms, names: Names) -> None:
    """Another agent gets another VM, also with the same properties."""
    first = vms.make(agent="agent-1", networks=names.networks(ip=None))
    second = vms.make(agent="agent-2", networks=names.networks(ip=None))
    assert first != second
    assert vms.vm(first).status == vms.vm(second).status == "Running"


def test_lists_that_lag(vms: Vms, sim: Simulator) -> None:
    """Lists that show every change seconds late do not confuse create_vm."""
    sim.set_lag(3)
    cid = vms.make(ephemeral_disk={"size": 20480})
    sim.advance(5)
    assert vms.vm(cid).status == "Running"
    assert vms.settings(cid)["disks"]["ephemeral"].endswith(vms.data_disk(cid).serial_number)


def test_an_image_of_one_s_own(vms: Vms, sim: Simulator) -> None:
    """A stemcell that was imported makes VMs like a light one."""
    image = sim.seed({"image": [{"name": "own", "size_gib": 5, "status": "Available"}]})
    cid = vms.make(stemcell=image["image"][0])
    assert vms.vm(cid).image_id == image["image"][0]


def test_what_operators_see_first(vms: Vms) -> None:
    """Until set_vm_metadata names it, a VM is called by its id, unless instance_name is set."""
    cid = vms.make()
    assert vms.vm(cid).name == cid


def test_the_log_tells_what_was_waited_for(vms: Vms) -> None:
    """Each wait is one line of the log, with the VM's id and how long it took."""
    answer = vms.create()
    waits = [line for line in answer.stderr.splitlines() if "waited" in line]
    assert len(waits) >= 2
    assert all(answer.result[0] in line for line in waits)


def test_secrets_stay_out_of_the_log(vms: Vms) -> None:
    """Neither the log nor the answer shows a password, a private key or the blobstore's secret."""
    env: dict[str, Any] = {"bosh": {"mbus": {"cert": {"private_key": "canary-private-key"}}}}
    answer = vms.create(password="Canary-Password-1", env=env)
    shown = answer.stderr + answer.message
    assert "canary-private-key" not in shown
    assert "Canary-Password-1" not in shown
