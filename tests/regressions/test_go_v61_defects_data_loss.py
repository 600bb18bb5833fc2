"""Data loss, leaks and secrets: defects 1 to 17 of the Go CPI v61, one test for each.

A test's number is the defect's in the list of them, its docstring the rule that holds here. The
others are in test_go_v61_defects_contract, _robustness and _configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.images.record import Image
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.seed import ACCESS_KEY_SECRET
from support.connections import Connections
from support.storage import SETTINGS, VIRTIO, refused
from support.world import REGION

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.director import Director
    from support.storage import Storage
    from support.vms import Vms
    from support.world import Names

ABROAD, ZONE_ABROAD = "cn-hangzhou", "cn-hangzhou-h"
FORBIDDEN = {"kind": "error", "code": "Forbidden.RAM", "status": 403}


def test_01_the_system_disk_is_as_the_vm_type_says(director: Director, vms: Vms) -> None:
    """Size, category and performance level of the system disk reach the cloud."""
    wanted = {"size": 819200, "category": "cloud_essd", "performance_level": "PL2"}
    system = vms.disks(director.vm(system_disk=wanted))[0]
    found = (system.type, system.size_gib, system.category, system.performance_level)
    assert found == ("system", 800, "cloud_essd", "PL2")


def test_02_system_disk_encryption_is_given_or_refused(
    director: Director, vms: Vms, storage: Storage, names: Names
) -> None:
    """A system disk that shall be encrypted is, or there is no VM: never a plain disk instead."""
    wanted = {"encrypted": True}
    answer = director.create(system_disk=wanted)
    refused(answer, "VMCreationFailed", "system_disk.encrypted", "encrypted stemcell")
    assert vms.left() == {}
    stemcell = storage.image(encrypted=True, kms_key_id=names.kms_key)
    system = vms.disks(director.vm(stemcell=stemcell, system_disk=wanted))[0]
    assert system.encrypted


def test_03_the_kms_key_encrypts_data_disks(
    director: Director, vms: Vms, storage: Storage, names: Names
) -> None:
    """Persistent and ephemeral disks are encrypted with alicloud.kms_key_id, and no other."""
    director.cpi.configure(encrypted=True, kms_key_id=names.kms_key)
    persistent = storage.found(director.ok("create_disk", 20480, {}))
    ephemeral = vms.data_disk(director.vm(ephemeral_disk={"size": 20480}))
    for disk in (persistent, ephemeral):
        assert (disk.encrypted, disk.kms_key_id) == (True, names.kms_key)


def test_04_create_disk_gives_the_performance_level(director: Director, storage: Storage) -> None:
    """A disk has the performance level that its disk type names."""
    properties = {"category": "cloud_essd", "performance_level": "PL3"}
    disk = storage.found(director.ok("create_disk", 1310720, properties))
    assert (disk.category, disk.performance_level) == ("cloud_essd", "PL3")


def test_05_update_disk_never_claims_what_it_did_not_do(
    director: Director, storage: Storage
) -> None:
    """A change of encryption is NotSupported, so that the Director copies; tags are applied."""
    disk_cid = storage.disk()
    refused(director.call("update_disk", disk_cid, 51200, {"encrypted": True}), "NotSupported")
    assert not storage.found(disk_cid).encrypted
    director.ok("update_disk", disk_cid, 51200, {"tags": {"team": "a"}})
    assert storage.found(disk_cid).tags == {"team": "a"}


def test_06_a_light_stemcells_image_is_never_deleted(
    director: Director, storage: Storage, names: Names
) -> None:
    """delete_stemcell leaves the image of a light stemcell, and what others own, alone."""
    snapshot = storage.snapshot()
    image = storage.image(snapshot_ids=[snapshot])
    light = director.ok("create_stemcell", "", {"image_id": {REGION: image}})
    director.ok("delete_stemcell", light)
    director.ok("delete_stemcell", names.image)
    assert [found.id for found in storage.own_images()] == [image]
    assert [found.id for found in storage.snapshots()] == [snapshot]
    assert storage.get(Image, names.image).status == "Available"


def test_07_an_encrypted_copy_leaves_its_source_alone(
    director: Director, storage: Storage, names: Names
) -> None:
    """With alicloud.encrypted a light stemcell becomes a copy, and its source stays."""
    director.cpi.configure(encrypted=True, kms_key_id=names.kms_key)
    snapshot = storage.snapshot()
    image = storage.image(snapshot_ids=[snapshot])
    copy = director.ok("create_stemcell", "", {"image_id": {REGION: image}})
    assert [found.id for found in storage.own_images()] == [image, copy]
    assert snapshot in [found.id for found in storage.snapshots()]
    assert storage.get(Image, copy).encrypted


def test_08_the_configuration_is_not_logged(director: Director) -> None:
    """No line shows the content of cpi.json, keys least of all."""
    answer = director.call("has_disk", "d-1")
    assert answer.error is None
    for content in (ACCESS_KEY_SECRET, "access_key_secret", "blobstore", "nats://", "BEGIN CERT"):
        assert content not in answer.stderr


def test_09_the_request_is_not_logged(director: Director, vms: Vms) -> None:
    """No line shows the arguments or the context of a call, whatever is in them."""
    env = {"bosh": {"mbus": {"cert": {"private_key": "mbus-canary"}}, "own": "plain-canary"}}
    arguments = vms.arguments(env=env, password="Login-canary-1", tags={"word": "tag-canary"})
    context = {"access_key_id": None, "entry": "context-canary"}
    answer = director.call("create_vm", *arguments, context=context)
    assert answer.error is None
    assert "CreateInstance" in answer.stderr
    assert "canary" not in f"{answer.stderr}{answer.result}"


def test_10_errors_show_no_parameters(director: Director, sim: Simulator) -> None:
    """An error names the resource and the cloud's reason, never passwords, settings or URLs."""
    password, env = "Login-canary-1", {"bosh": {"mbus": {"cert": {"private_key": "mbus-canary"}}}}
    weak = {"code": "InvalidPassword.Malformed", "message": f"{password} is weak", "status": 400}
    sim.add_fault(kind="error", action="CreateInstance", **weak)
    answers = [director.create(password=password)]
    sim.add_fault(action="ModifyInstanceAttribute", **FORBIDDEN)
    answers.append(director.create(env=env))
    director.cpi.configure(ca_cert=None)
    answers.append(director.call("has_disk", "d-1"))
    for answer, word in zip(answers, (weak["code"], "Forbidden.RAM", "not trusted"), strict=True):
        assert str(word) in answer.message
        shown = answer.message + answer.stderr
        for hidden in ("canary", "SystemDisk", "UserData", "Signature", "agent_id"):
            assert hidden not in shown


def test_11_agent_settings_are_not_logged(director: Director, storage: Storage) -> None:
    """User data that is read and written appears in no line, encoded or plain."""
    director.cpi.stemcell_api_version = 1
    vm, disk_cid = storage.vm(), storage.disk()
    answer = director.call("attach_disk", vm, disk_cid)
    assert "ModifyInstanceAttribute" in answer.stderr
    assert storage.settings(vm)["disks"]["persistent"] == {disk_cid: answer.result}
    for hidden in (storage.get(Instance, vm).user_data[:40], "mbus-canary", "agent_id"):
        assert hidden not in answer.stderr


def _abroad(sim: Simulator, names: Names) -> dict[str, Any]:
    """Word what create_vm needs for a VM in another region than the job's."""
    constants = sim.world.constants
    group = constants[f"{ABROAD}.security_group.default"]
    vswitch = constants[f"{ABROAD}.vswitch.{ZONE_ABROAD}"]
    return {
        "region": ABROAD,
        "availability_zone": ZONE_ABROAD,
        "stemcell_id": constants[f"{ABROAD}.light_stemcell"],
        "networks": names.networks(vswitch_id=vswitch, security_group_ids=[group]),
    }


def test_12_a_vm_in_another_region_does_not_leak(
    director: Director, vms: Vms, sim: Simulator, names: Names
) -> None:
    """A VM made by `region` is cleaned up there when it fails, found there and deleted there."""
    director.cpi.configure(cross_regions=[ABROAD])
    there = _abroad(sim, names)
    sim.add_fault(action="StartInstance", **FORBIDDEN)
    refused(director.create(**there), "VMCreationFailed", "Cleaned up: VM")
    assert vms.left() == {}
    cid = director.vm(agent="agent-2", **there)
    assert vms.vm(cid).region == ABROAD
    assert director.ok("has_vm", cid) is True
    director.ok("delete_vm", cid)
    assert vms.left() == {}


def test_13_a_disk_of_another_vm_is_not_attached(director: Director, storage: Storage) -> None:
    """attach_disk of a disk that another VM has is an error that names both, and no success."""
    vm, other = storage.vm(), storage.vm()
    disk_cid = storage.attached(other)
    refused(director.call("attach_disk", vm, disk_cid), "CloudError", disk_cid, vm, other)
    assert storage.found(disk_cid).instance_id == other


def test_14_agent_settings_survive_attach_and_detach(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """User data is left alone; for an old agent it is not written unless it could be read."""
    vm, disk_cid = storage.vm(), storage.disk()
    director.ok("attach_disk", vm, disk_cid)
    director.ok("detach_disk", vm, disk_cid)
    assert sim.calls("DescribeUserData") == sim.calls("ModifyInstanceAttribute") == []
    director.cpi.stemcell_api_version = 1
    held = storage.attached(vm)
    storage.refuse("DescribeUserData", "Forbidden.RAM", status=403)
    refused(director.call("attach_disk", vm, disk_cid), "CloudError", "DescribeUserData")
    refused(director.call("detach_disk", vm, held), "CloudError", "DescribeUserData")
    assert storage.settings(vm) == SETTINGS
    assert (storage.found(disk_cid).instance_id, storage.found(held).instance_id) == ("", vm)


def test_15_an_old_agent_is_told_of_its_persistent_disks(
    director: Director, storage: Storage
) -> None:
    """Its settings get the disk's path, also where they had no map of disks, and lose it again."""
    director.cpi.stemcell_api_version = 1
    settings = {**SETTINGS, "disks": {"system": "/dev/vda", "persistent": None}}
    vm, disk_cid = storage.vm(settings), storage.disk()
    path = VIRTIO + disk_cid.removeprefix("d-")
    assert director.ok("attach_disk", vm, disk_cid) == path
    assert storage.settings(vm)["disks"]["persistent"] == {disk_cid: path}
    director.ok("detach_disk", vm, disk_cid)
    assert storage.settings(vm)["disks"]["persistent"] == {}
    assert storage.vm_status(vm) == "Running"


def test_16_interfaces_that_stay_behind_are_deleted(
    director: Director, vms: Vms, sim: Simulator, names: Names
) -> None:
    """One that outlives its VM goes too, or its address would stay taken, and so does the rest."""
    there = Connections(sim)
    networks = {**names.networks(), "public": {"type": "vip", "ip": there.ip}}
    sim.set_pace(eni__release=4)
    sim.add_fault(action="AddVServerGroupBackendServers", **FORBIDDEN)
    joined = {"slbs": [there.balancer], "slb_server_group": [there.vserver_group]}
    refused(director.create(networks=networks, **joined), "VMCreationFailed", "Cleaned up: VM")
    assert (vms.left(), there.backends(), there.eip()) == ({}, [], ("Available", ""))
    cid = director.vm(agent="agent-2")
    assert vms.vm(cid).private_ip == "10.0.1.10"
    director.ok("delete_vm", cid)
    assert vms.left() == {}


def test_17_a_subscription_can_be_deleted(director: Director, vms: Vms, sim: Simulator) -> None:
    """delete_vm ends a PrePaid VM that may end, and says why another one has to stay."""
    cid = director.vm(charge_type="PrePaid", charge_period=1, charge_period_unit="Week")
    answer = director.call("delete_vm", cid)
    refused(answer, "CloudError", f"VM '{cid}' is a subscription", "ChargeTypeViolation")
    assert vms.vm(cid).status == "Running"
    sim.advance(8 * 86400)
    director.ok("delete_vm", cid)
    assert vms.left() == {}
