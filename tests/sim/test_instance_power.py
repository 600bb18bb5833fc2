"""StartInstance, StopInstance, RebootInstance: statuses, refusals, guests that hang."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sim.compute import (
    LONG,
    create,
    instance,
    quotas,
    running,
    settings,
    status,
    statuses,
    stopped,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def test_start_statuses(cloud: Cloud) -> None:
    """Stopped, Starting, Running; the start time is told without seconds."""
    instance_id = stopped(cloud)
    cloud.ok("StartInstance", InstanceId=instance_id)
    assert statuses(cloud, instance_id) == ["Starting", "Running"]
    shown = instance(cloud, instance_id)
    assert len(shown["StartTime"]) == len("2017-12-10T04:04Z")
    assert shown["StoppedMode"] == "Not-applicable"


def test_stop_statuses(cloud: Cloud) -> None:
    """Running, Stopping, Stopped; charging goes on unless told otherwise."""
    instance_id = running(cloud)
    cloud.ok("StopInstance", InstanceId=instance_id)
    assert statuses(cloud, instance_id) == ["Stopping", "Stopped"]
    assert instance(cloud, instance_id)["StoppedMode"] == "KeepCharging"


def test_reboot_statuses(cloud: Cloud, sim: Simulator) -> None:
    """Running, Starting, Running with a later start time."""
    instance_id = running(cloud)
    before = instance(cloud, instance_id)["StartTime"]
    sim.advance(LONG)
    cloud.ok("RebootInstance", InstanceId=instance_id)
    assert statuses(cloud, instance_id) == ["Starting", "Running"]
    assert instance(cloud, instance_id)["StartTime"] > before


def test_time(cloud: Cloud, sim: Simulator) -> None:
    """A start takes its time, however often one looks."""
    instance_id = stopped(cloud)
    sim.set_pace("realistic", call=0)
    cloud.ok("StartInstance", InstanceId=instance_id)
    sim.advance(9)
    assert statuses(cloud, instance_id) == ["Starting"]
    sim.advance(1)
    assert statuses(cloud, instance_id) == ["Running"]


@pytest.mark.parametrize(
    ("action", "fitting"),
    [("StartInstance", "Stopped"), ("StopInstance", "Running"), ("RebootInstance", "Running")],
)
def test_wrong_status(cloud: Cloud, action: str, fitting: str) -> None:
    """Each change needs its status; a dry run tells, and changes nothing."""
    halted, active = stopped(cloud), running(cloud)
    ready, other = (halted, active) if fitting == "Stopped" else (active, halted)
    refused = cloud.call(action, InstanceId=other)
    assert (refused.code, refused.status) == ("IncorrectInstanceStatus", 403)
    assert cloud.call(action, InstanceId=ready, DryRun="true").code == "DryRunOperation"
    assert status(cloud, ready) == fitting
    assert cloud.call(action, InstanceId="i-none").code == "InvalidInstanceId.NotFound"
    assert cloud.call(action).code == "MissingParameter"


def test_pending(cloud: Cloud) -> None:
    """Nothing can be changed while an instance is Pending."""
    instance_id = create(cloud)
    for action in ("StartInstance", "StopInstance", "RebootInstance"):
        assert cloud.call(action, InstanceId=instance_id).code == "IncorrectInstanceStatus"


def test_stop_that_hangs(cloud: Cloud, sim: Simulator) -> None:
    """An orderly stop can hang, by a setting; a forced one ends it."""
    instance_id = running(cloud, InstanceName="deaf-1")
    settings(sim, instance__stop_hangs=["deaf-*"])
    cloud.ok("StopInstance", InstanceId=instance_id)
    sim.advance(LONG)
    assert statuses(cloud, instance_id) == ["Stopping"]
    for action in ("StopInstance", "StartInstance", "RebootInstance"):
        assert cloud.call(action, InstanceId=instance_id).code == "IncorrectInstanceStatus"
    cloud.ok("StopInstance", InstanceId=instance_id, ForceStop="true")
    assert statuses(cloud, instance_id) == ["Stopping", "Stopped"]
    assert instance(cloud, running(cloud, InstanceName="fine"))["Status"] == "Running"


def test_reboot_that_hangs(cloud: Cloud, sim: Simulator) -> None:
    """An orderly reboot can hang in Starting; a forced reboot or stop ends it."""
    instance_id = running(cloud)
    settings(sim, instance__reboot_hangs=True)
    for action, last in (("RebootInstance", "Running"), ("StopInstance", "Stopped")):
        cloud.ok("RebootInstance", InstanceId=instance_id)
        sim.advance(LONG)
        assert statuses(cloud, instance_id) == ["Starting"]
        assert cloud.call(action, InstanceId=instance_id).code == "IncorrectInstanceStatus"
        cloud.ok(action, InstanceId=instance_id, ForceStop="true")
        assert statuses(cloud, instance_id)[-1] == last


def test_forced_stop_overtakes_an_orderly_one(cloud: Cloud) -> None:
    """A forced stop is taken while an orderly one is under way, not while a forced one is."""
    instance_id = running(cloud)
    cloud.ok("StopInstance", InstanceId=instance_id)
    cloud.ok("StopInstance", InstanceId=instance_id, ForceStop="true")
    refused = cloud.call("StopInstance", InstanceId=instance_id, ForceStop="true")
    assert refused.code == "IncorrectInstanceStatus"
    assert statuses(cloud, instance_id) == ["Stopping", "Stopped"]


def test_stop_charging_frees_stock(cloud: Cloud, sim: Simulator) -> None:
    """StopCharging gives the vCPUs back; a later start may find none left."""
    zone, kind = "cn-beijing-h", "ecs.g6.large"
    sim.seed({"stock": [{"zone": zone, "type": kind, "left": 1}]})
    first = running(cloud)
    cloud.ok("StopInstance", InstanceId=first, StoppedMode="StopCharging")
    sim.advance(LONG)
    assert instance(cloud, first)["StoppedMode"] == "StopCharging"
    second = stopped(cloud)
    refused = cloud.call("StartInstance", InstanceId=first)
    assert (refused.code, refused.status) == ("OperationDenied.NoStock", 403)
    cloud.ok("DeleteInstance", InstanceId=second)
    sim.advance(LONG)
    cloud.ok("StartInstance", InstanceId=first)


def test_stopped_modes(cloud: Cloud) -> None:
    """StoppedMode has two values, and subscriptions do not stop being charged."""
    instance_id = running(cloud)
    refused = cloud.call("StopInstance", InstanceId=instance_id, StoppedMode="Sleep")
    assert refused.code == "InvalidParameter"
    paid = running(cloud, InstanceChargeType="PrePaid", Period=1)
    refused = cloud.call("StopInstance", InstanceId=paid, StoppedMode="StopCharging")
    assert refused.code == "InvalidInstanceId.NotSupport"


def test_expired(cloud: Cloud, sim: Simulator) -> None:
    """An expired subscription neither starts nor restarts."""
    instance_id = running(cloud, InstanceChargeType="PrePaid", Period=1)
    sim.advance(31 * 86400)
    refused = cloud.call("RebootInstance", InstanceId=instance_id)
    assert refused.code == "InstanceExpiredOrInArrears"
    cloud.ok("StopInstance", InstanceId=instance_id)
    sim.advance(LONG)
    assert cloud.call("StartInstance", InstanceId=instance_id).code == "InstanceExpired"


def test_spot_price_above_the_limit(cloud: Cloud, sim: Simulator) -> None:
    """A spot instance does not start while the market price is above its limit."""
    instance_id = stopped(cloud, SpotStrategy="SpotWithPriceLimit", SpotPriceLimit=1)
    settings(sim, spot_prices={"ecs.g6.large": 2})
    refused = cloud.call("StartInstance", InstanceId=instance_id)
    assert refused.code == "OperationDenied.SpotPriceLowerThanPublicPrice"


def test_start_needs_its_disks(cloud: Cloud, sim: Simulator) -> None:
    """An instance starts with a system disk only, and with the keys of its disks."""
    key = sim.state()["constants"]["cn-beijing.kms_key"]
    disk = {"DataDisk.1.Size": 20, "DataDisk.1.Encrypted": "true", "DataDisk.1.KMSKeyId": key}
    instance_id = stopped(cloud, **disk)
    sim.seed({"kms_key": [{"id": key, "status": "Disabled"}]})
    refused = cloud.call("StartInstance", InstanceId=instance_id)
    assert refused.code == "InvalidParameter.KMSKeyId.CMKNotEnabled"
    bare = stopped(cloud)
    (system,) = cloud.disks(InstanceId=bare, DiskType="system")
    cloud.ok("DetachDisk", InstanceId=bare, DiskId=system["DiskId"])
    sim.advance(LONG)
    refused = cloud.call("StartInstance", InstanceId=bare)
    assert refused.code == "InvalidInstance.NotFoundSystemDisk"


def test_quotas_do_not_hinder_a_start(cloud: Cloud, sim: Simulator) -> None:
    """Quotas count what is made, not what runs."""
    instance_id = stopped(cloud)
    quotas(sim, instance__count=0)
    cloud.ok("StartInstance", InstanceId=instance_id)
