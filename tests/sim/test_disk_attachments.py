"""AttachDisk and DetachDisk: statuses, refusals, devices, stuck disks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import (
    HOST,
    LONG,
    OTHER_HOST,
    add_disk,
    add_host,
    attach,
    disk,
    held_disk,
    statuses,
)
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

PLACE = ("InstanceId", "Device", "Attachments")


def where(shown: Any) -> list[Any]:
    """Tell what an answer says about the instance that holds a disk."""
    return [shown[name] for name in PLACE]


def test_attach_statuses(cloud: Cloud, sim: Simulator) -> None:
    """Available, Attaching, In_use; instance and device are told only once it is In_use."""
    add_host(sim)
    disk_id = cloud.settled_disk()
    nowhere = ["", "", {"Attachment": []}]
    assert where(disk(cloud, disk_id)) == nowhere
    answer = cloud.ok("AttachDisk", InstanceId=HOST, DiskId=disk_id)
    assert answer.keys() == {"RequestId"}
    attaching = disk(cloud, disk_id)
    assert (attaching["Status"], *where(attaching)) == ("Attaching", *nowhere)
    shown = disk(cloud, disk_id)
    assert (shown["Status"], *where(shown)[:2]) == ("In_use", HOST, "/dev/xvdb")
    (attachment,) = shown["Attachments"]["Attachment"]
    assert attachment["InstanceId"] == HOST
    assert shown["AttachedTime"] == attachment["AttachedTime"] != ""


def test_detach_statuses(cloud: Cloud, sim: Simulator) -> None:
    """In_use, Detaching (with the instance still named), Available; then it is free again."""
    add_host(sim)
    disk_id = held_disk(sim, delete_with_instance=True)
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=disk_id)
    detaching = disk(cloud, disk_id)
    assert (detaching["Status"], *where(detaching)[:2]) == ("Detaching", HOST, "/dev/xvdb")
    free = disk(cloud, disk_id)
    assert (free["Status"], *where(free)) == ("Available", "", "", {"Attachment": []})
    assert free["DetachedTime"] != ""
    assert free["DeleteWithInstance"] is False
    attach(cloud, disk_id)
    assert disk(cloud, disk_id)["Status"] == "In_use"


def test_delete_with_instance(cloud: Cloud, sim: Simulator) -> None:
    """AttachDisk leaves DeleteWithInstance false unless it is given."""
    add_host(sim)
    kept, going = cloud.settled_disk(), cloud.settled_disk()
    cloud.ok("AttachDisk", InstanceId=HOST, DiskId=kept)
    cloud.ok("AttachDisk", InstanceId=HOST, DiskId=going, DeleteWithInstance="true")
    assert [disk(cloud, one)["DeleteWithInstance"] for one in (kept, going)] == [False, True]
    assert len(cloud.disks(InstanceId=HOST)) == 2


def test_devices(cloud: Cloud, sim: Simulator) -> None:
    """Each disk gets the next free letter; a device may be asked for if it is free."""
    add_host(sim)
    first, second, third, fourth = (cloud.settled_disk() for _ in range(4))
    attach(cloud, first)
    cloud.ok("AttachDisk", InstanceId=HOST, DiskId=second, Device="/dev/xvdd")
    sim.advance(LONG)
    attach(cloud, third)
    given = [disk(cloud, one)["Device"] for one in (first, second, third)]
    assert given == ["/dev/xvdb", "/dev/xvdd", "/dev/xvdc"]
    for device, code in (
        ("/dev/xvdd", "InvalidDevice.InUse"),
        ("/dev/xvda", "InvalidDevice.Malformed"),
        ("/dev/vdb", "InvalidDevice.Malformed"),
    ):
        refused = cloud.call("AttachDisk", InstanceId=HOST, DiskId=fourth, Device=device)
        assert refused.code == code
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=first)
    sim.advance(LONG)
    attach(cloud, fourth)
    assert disk(cloud, fourth)["Device"] == "/dev/xvdb"


@pytest.mark.parametrize(
    ("host", "free", "code", "status"),
    [
        ({"id": "i-2zenobody"}, {}, "InvalidInstanceId.NotFound", 404),
        ({}, {"id": "d-2zenothing"}, "InvalidDiskId.NotFound", 404),
        ({"zone_id": "cn-beijing-g"}, {}, "ResourcesNotInSameZone", 403),
        ({"status": "Pending"}, {}, "IncorrectInstanceStatus", 400),
        ({"status": "Stopping"}, {}, "IncorrectInstanceStatus", 400),
        ({"locks": ["security"]}, {}, "InstanceLockedForSecurity", 403),
        ({}, {"status": "Attaching"}, "IncorrectDiskStatus", 403),
        ({}, {"status": "Detaching"}, "IncorrectDiskStatus", 403),
        ({}, {"status": "In_use", "instance_id": OTHER_HOST}, "InvalidDisk.InUse", 404),
        ({}, {"status": "In_use", "instance_id": HOST}, "InvalidDisk.InUse", 404),
        ({}, {"type": "system"}, "DiskId.ValueNotSupported", 403),
        (
            {"instance_type": "ecs.g7.large"},
            {"category": "cloud_ssd"},
            "InvalidInstanceType.NotSupportDiskCategory",
            403,
        ),
    ],
)
def test_attach_refusals(
    cloud: Cloud, sim: Simulator, host: dict[str, Any], free: dict[str, Any], code: str, status: int
) -> None:
    """What cannot be attached is refused with the documented code, and nothing changes."""
    add_host(sim, **{k: v for k, v in host.items() if k != "id"})
    made = add_disk(sim, **{k: v for k, v in free.items() if k != "id"})
    before = sim.state()["records"]["disk"]
    refused = cloud.call("AttachDisk", InstanceId=host.get("id", HOST), DiskId=free.get("id", made))
    assert (refused.code, refused.status) == (code, status)
    assert sim.state()["records"]["disk"] == before


def test_attach_while_creating(cloud: Cloud, sim: Simulator) -> None:
    """A disk that is being made cannot be attached yet."""
    add_host(sim)
    refused = cloud.call("AttachDisk", InstanceId=HOST, DiskId=cloud.create_disk())
    assert refused.code == "IncorrectDiskStatus.Initializing"


def test_attach_limit(cloud: Cloud, sim: Simulator) -> None:
    """An instance takes as many disks as its type says, the system disk among them."""
    add_host(sim)
    held_disk(sim, type="system", device="/dev/xvda")
    for number in range(16):
        held_disk(sim, device=f"/dev/xvd{chr(ord('b') + number)}")
    refused = cloud.call("AttachDisk", InstanceId=HOST, DiskId=cloud.settled_disk())
    assert (refused.code, refused.status) == ("InstanceDiskLimitExceeded", 403)


def test_attach_with_a_disabled_key(cloud: Cloud, sim: Simulator) -> None:
    """An encrypted disk whose key was disabled since is not attached."""
    add_host(sim)
    sim.seed({"kms_key": [{"id": "key-off", "status": "Disabled"}]})
    disk_id = add_disk(sim, encrypted=True, kms_key_id="key-off")
    refused = cloud.call("AttachDisk", InstanceId=HOST, DiskId=disk_id)
    assert refused.code == "InvalidParameter.KMSKeyId.CMKNotEnabled"


def test_other_accounts(cloud: Cloud, sim: Simulator) -> None:
    """Another account finds neither disk nor instance."""
    add_host(sim)
    disk_id = cloud.settled_disk()
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    refused = other.call("AttachDisk", InstanceId=HOST, DiskId=disk_id)
    assert refused.code == "InvalidInstanceId.NotFound"


@pytest.mark.parametrize(
    ("host", "held", "code", "status"),
    [
        ({}, {"status": "Available", "instance_id": ""}, "InvalidDisk.AlreadyDetached", 404),
        ({}, {"instance_id": OTHER_HOST}, "DependencyViolation", 403),
        ({}, {"status": "Attaching"}, "IncorrectDiskStatus", 403),
        ({}, {"status": "Detaching"}, "IncorrectDiskStatus", 403),
        ({"status": "Starting"}, {}, "IncorrectInstanceStatus", 403),
        ({}, {"type": "system"}, "IncorrectInstanceStatus", 403),
        ({"locks": ["security"]}, {}, "InstanceLockedForSecurity", 403),
    ],
)
def test_detach_refusals(
    cloud: Cloud, sim: Simulator, host: dict[str, Any], held: dict[str, Any], code: str, status: int
) -> None:
    """What cannot be detached is refused with the documented code."""
    add_host(sim, **host)
    disk_id = held_disk(sim, **held)
    refused = cloud.call("DetachDisk", InstanceId=HOST, DiskId=disk_id)
    assert (refused.code, refused.status) == (code, status)


def test_detach_unknown(cloud: Cloud, sim: Simulator) -> None:
    """Unknown ids are refused."""
    add_host(sim)
    unknown = cloud.call("DetachDisk", InstanceId=HOST, DiskId="d-2zenothing")
    assert (unknown.code, unknown.status) == ("InvalidDiskId.NotFound", 404)
    nobody = cloud.call("DetachDisk", InstanceId="i-2zenobody", DiskId=held_disk(sim))
    assert (nobody.code, nobody.status) == ("InvalidInstanceId.NotFound", 404)


def test_detach_system_disk(cloud: Cloud, sim: Simulator) -> None:
    """A system disk leaves a Stopped instance, and goes with an instance unless told not to."""
    add_host(sim, status="Stopped")
    kept = held_disk(sim, type="system", device="/dev/xvda")
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=kept)
    sim.advance(LONG)
    assert disk(cloud, kept)["DeleteWithInstance"] is True
    loose = held_disk(sim, type="system", device="/dev/xvda")
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=loose, DeleteWithInstance="false")
    sim.advance(LONG)
    assert disk(cloud, loose)["DeleteWithInstance"] is False


def test_detaching_limit(cloud: Cloud, sim: Simulator) -> None:
    """Only so many disks may leave an instance at once."""
    add_host(sim)
    sim.seed({"quotas": {"instance.detaching": 1}})
    first, second = held_disk(sim), held_disk(sim, device="/dev/xvdc")
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=first)
    refused = cloud.call("DetachDisk", InstanceId=HOST, DiskId=second)
    assert (refused.code, refused.status) == ("DisksDetachingOnEcsExceeded", 400)
    sim.advance(LONG)
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=second)


def test_one_change_at_a_time(cloud: Cloud, sim: Simulator) -> None:
    """A world may refuse a second change of an instance's disks while one is under way."""
    add_host(sim)
    sim.seed({"settings": {"instance.one_disk_change": True}})
    held, free = held_disk(sim), cloud.settled_disk()
    cloud.ok("AttachDisk", InstanceId=HOST, DiskId=free)
    refused = cloud.call("DetachDisk", InstanceId=HOST, DiskId=held)
    assert refused.code == "InvalidOperation.Conflict"
    sim.advance(LONG)
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=held)


@pytest.mark.parametrize("names", [True, "stuck-*", ["nobody", "stuck-1"]])
def test_stuck_disks(cloud: Cloud, sim: Simulator, names: Any) -> None:
    """A setting keeps disks Attaching or Detaching until it picks them no longer."""
    add_host(sim)
    sim.seed({"settings": {"disk.stuck.Attaching": names}})
    disk_id = cloud.settled_disk(DiskName="stuck-1")
    cloud.ok("AttachDisk", InstanceId=HOST, DiskId=disk_id)
    for _ in range(5):
        sim.advance(600)
        assert disk(cloud, disk_id)["Status"] == "Attaching"
    sim.seed({"settings": {"disk.stuck.Attaching": False, "disk.stuck.Detaching": names}})
    sim.advance(2)
    assert disk(cloud, disk_id)["Status"] == "In_use"
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=disk_id)
    sim.advance(LONG)
    assert disk(cloud, disk_id)["Status"] == "Detaching"
    sim.seed({"settings": {"disk.stuck.Detaching": ["nobody"]}})
    sim.advance(2)
    assert disk(cloud, disk_id)["Status"] == "Available"


def test_paces(cloud: Cloud, sim: Simulator) -> None:
    """Attaching and detaching take the time of their pace keys."""
    add_host(sim)
    sim.set_pace(disk__attach=3, disk__detach=60)
    disk_id = cloud.settled_disk()
    cloud.ok("AttachDisk", InstanceId=HOST, DiskId=disk_id)
    for seconds, status in ((0, "Attaching"), (2, "Attaching"), (1, "In_use")):
        sim.advance(seconds)
        assert disk(cloud, disk_id)["Status"] == status
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=disk_id)
    for seconds, status in ((0, "Detaching"), (59, "Detaching"), (1, "Available")):
        sim.advance(seconds)
        assert disk(cloud, disk_id)["Status"] == status


def test_every_wait_waits(cloud: Cloud, sim: Simulator) -> None:
    """At the instant pace too each transitional status is shown once."""
    add_host(sim)
    disk_id = cloud.settled_disk()
    cloud.ok("AttachDisk", InstanceId=HOST, DiskId=disk_id)
    assert statuses(cloud, disk_id) == ["Attaching", "In_use"]
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=disk_id)
    assert statuses(cloud, disk_id) == ["Detaching", "Available"]


@pytest.mark.parametrize("parameter", ["Bootable", "Force", "Password"])
def test_not_simulated(cloud: Cloud, sim: Simulator, parameter: str) -> None:
    """Parameters that the simulator does not know are refused loudly."""
    add_host(sim)
    given = {parameter: "true"}
    refused = cloud.call("AttachDisk", InstanceId=HOST, DiskId=cloud.settled_disk(), **given)
    assert (refused.code, refused.status) == (f"SimulatorUnsupported.{parameter}", 501)
