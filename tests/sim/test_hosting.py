"""Deployment sets, dedicated hosts and private pools, and instances placed in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import create, gone, instance, order, quotas, settings, stopped

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

ZONE = "cn-beijing-h"
TYPE = "ecs.g6.large"
HOST = {"zone_id": ZONE, "families": ["ecs.g6"]}
POOL = {"zone_id": ZONE, "instance_type": TYPE, "amount": 1}
BID = {"SpotStrategy": "SpotAsPriceGo"}
PREPAID = {"InstanceChargeType": "PrePaid", "Period": 2}


def new_set(cloud: Cloud, **params: Any) -> str:
    """Make a deployment set."""
    return str(cloud.ok("CreateDeploymentSet", **params)["DeploymentSetId"])


def sets(cloud: Cloud, **params: Any) -> list[Any]:
    """Describe deployment sets."""
    return list(cloud.ok("DescribeDeploymentSets", **params)["DeploymentSets"]["DeploymentSet"])


def seeded(sim: Simulator, kind: str, **fields: Any) -> str:
    """Seed a dedicated host or a private pool."""
    return sim.seed({kind: [fields]})[kind][0]


def refused(cloud: Cloud, **changed: Any) -> str:
    """Ask for an instance that the cloud refuses; returns the code."""
    return cloud.call("CreateInstance", **order(**changed)).code


def sell_out(sim: Simulator) -> None:
    """Leave the zone without the type."""
    sim.seed({"stock": [{"zone": ZONE, "type": TYPE, "left": 0}]})


# Deployment sets


def test_a_set_of_instances(cloud: Cloud) -> None:
    """It lists its instances, and cannot be deleted while it has some."""
    set_id = new_set(cloud, DeploymentSetName="web", Description="of web", Strategy="LowLatency")
    instance_id = stopped(cloud, DeploymentSetId=set_id)
    assert instance(cloud, instance_id)["DeploymentSetId"] == set_id
    (shown,) = sets(cloud)
    assert (shown["DeploymentSetName"], shown["Strategy"]) == ("web", "LowLatency")
    assert (shown["InstanceAmount"], shown["GroupCount"]) == (1, 0)
    assert shown["InstanceIds"] == {"InstanceId": [instance_id]}
    assert shown["Capacities"]["Capacity"][0]["UsedAmount"] == 1
    used = cloud.call("DeleteDeploymentSet", DeploymentSetId=set_id)
    assert (used.code, used.status) == ("DependencyViolation.NotEmpty", 403)
    gone(cloud, instance_id)
    cloud.ok("DeleteDeploymentSet", DeploymentSetId=set_id)
    assert sets(cloud) == []
    assert cloud.call("DeleteDeploymentSet", DeploymentSetId=set_id).code == (
        "InvalidDeploymentSetId.NotFound"
    )


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"DeploymentSetName": "1x"}, "InvalidDeploymentSetName.Malformed"),
        ({"Description": "http://x"}, "InvalidDescription.Malformed"),
        ({"Strategy": "StrictDispersion"}, "InvalidParameter.Strategy"),
        ({"GroupCount": 8}, "InvalidParameter"),
        ({"OnUnableToRedeployFailedInstance": "x"}, "InvalidParameter"),
    ],
)
def test_sets_that_are_refused(cloud: Cloud, params: dict[str, Any], code: str) -> None:
    """By form and value."""
    assert cloud.call("CreateDeploymentSet", **params).code == code


def test_lists_of_sets(cloud: Cloud) -> None:
    """By ids, whole name and strategy; names need not be unique."""
    first = new_set(cloud, DeploymentSetName="one")
    second = new_set(cloud, DeploymentSetName="one", Strategy="AvailabilityGroup")
    assert {row["DeploymentSetId"] for row in sets(cloud, DeploymentSetName="one")} == {
        first,
        second,
    }
    assert sets(cloud, DeploymentSetName="on") == []
    (found,) = sets(cloud, DeploymentSetIds=json.dumps([first]))
    assert found["DeploymentSetId"] == first
    (found,) = sets(cloud, Strategy="AvailabilityGroup")
    assert (found["DeploymentSetId"], found["GroupCount"]) == (second, 3)


def test_quotas_of_sets(cloud: Cloud, sim: Simulator) -> None:
    """An account has so many sets, and a set so many instances in a zone."""
    quotas(sim, deployment_set__count=1, deployment_set__instances_per_zone=1)
    set_id = new_set(cloud)
    assert cloud.call("CreateDeploymentSet").code == "DEPLOYMENTSET.QUOTA_FULL"
    create(cloud, DeploymentSetId=set_id)
    full = cloud.call("CreateInstance", **order(DeploymentSetId=set_id))
    assert (full.code, full.status) == ("QuotaExceed.DeploymentSetInstanceQuotaFull", 403)


def test_instances_that_a_set_refuses(cloud: Cloud, sim: Simulator) -> None:
    """Unknown sets, types that no set takes, and groups that the set does not have."""
    assert refused(cloud, DeploymentSetId="ds-none") == "InvalidDeploymentSetId.NotFound"
    assert refused(cloud, DeploymentSetGroupNo=1) == "InvalidParameter"
    plain = new_set(cloud)
    assert refused(cloud, DeploymentSetId=plain, DeploymentSetGroupNo=1) == "InvalidParameter"
    groups = new_set(cloud, Strategy="AvailabilityGroup", GroupCount=2)
    assert refused(cloud, DeploymentSetId=groups, DeploymentSetGroupNo=3) == "InvalidParameter"
    instance_id = create(cloud, DeploymentSetId=groups, DeploymentSetGroupNo=2)
    cloud.sim.advance(60)
    assert instance(cloud, instance_id)["DeploymentSetGroupNo"] == 2
    settings(sim, deployment_set__unsupported=[TYPE])
    assert refused(cloud, DeploymentSetId=plain) == "InvalidInstanceType.NotSupported"


# Dedicated hosts


def test_an_instance_on_a_host(cloud: Cloud, sim: Simulator) -> None:
    """It needs no stock, and a bid is ignored."""
    host = seeded(sim, "dedicated_host", **HOST, vcpus=2)
    sell_out(sim)
    instance_id = stopped(cloud, DedicatedHostId=host, Affinity="host", **BID)
    shown = instance(cloud, instance_id)
    assert shown["DedicatedHostAttribute"]["DedicatedHostId"] == host
    assert shown["DedicatedInstanceAttribute"] == {"Tenancy": "host", "Affinity": "host"}
    assert shown["SpotStrategy"] == "NoSpot"
    (row,) = cloud.ok("DescribeDedicatedHosts")["DedicatedHosts"]["DedicatedHost"]
    assert row["Capacity"]["AvailableVcpus"] == 0
    assert row["Instances"]["Instance"][0]["InstanceId"] == instance_id
    assert refused(cloud, DedicatedHostId=host) == "LackResource"
    assert refused(cloud, Tenancy="host") == "NoAvaliableDedicatedHost"
    gone(cloud, instance_id)
    assert (
        instance(cloud, stopped(cloud, Tenancy="host"))["DedicatedHostAttribute"]["DedicatedHostId"]
        == host
    )


@pytest.mark.parametrize(
    ("fields", "params", "code"),
    [
        ({}, {"DedicatedHostId": "dh-none"}, "InvalidDedicatedHostId.NotFound"),
        ({"status": "UnderAssessment"}, {}, "IncorrectDedicatedHostStatus"),
        ({"zone_id": "cn-beijing-g"}, {}, "ResourcesNotInSameZone"),
        ({"families": ["ecs.c6"]}, {}, "DedicatedHostType.Unmatched"),
        ({}, {"Tenancy": "default"}, "InvalidParameter.Tenancy"),
        ({}, {"Tenancy": "x"}, "InvalidParam.Tenancy"),
        ({}, {"Affinity": "x"}, "InvalidParameter.Affinity"),
        ({}, PREPAID, "ChargeTypeViolation.PostPaidDedicatedHost"),
        (
            {"charge_type": "PrePaid", "expires": 1.0},
            PREPAID,
            "InvalidPeriod.ExceededDedicatedHost",
        ),
        (
            {},
            {"PrivatePoolOptions.MatchCriteria": "Open"},
            "Invalid.PrivatePoolOptions.MatchCriteria",
        ),
    ],
)
def test_instances_that_a_host_refuses(
    cloud: Cloud, sim: Simulator, fields: dict[str, Any], params: dict[str, Any], code: str
) -> None:
    """Wrong place, status, family, charge."""
    host = seeded(sim, "dedicated_host", **{**HOST, **fields})
    assert refused(cloud, **{"DedicatedHostId": host, **params}) == code


def test_no_set_on_a_host(cloud: Cloud, sim: Simulator) -> None:
    """They exclude each other."""
    host, set_id = seeded(sim, "dedicated_host", **HOST), new_set(cloud)
    assert refused(cloud, DedicatedHostId=host, DeploymentSetId=set_id) == "InvalidDeploymentOnHost"


def test_lists_of_hosts(cloud: Cloud, sim: Simulator) -> None:
    """By ids and zone."""
    host = seeded(sim, "dedicated_host", **HOST)
    seeded(sim, "dedicated_host", **{**HOST, "zone_id": "cn-beijing-g"})
    for params in ({"DedicatedHostIds": json.dumps([host])}, {"ZoneId": ZONE}):
        (row,) = cloud.ok("DescribeDedicatedHosts", **params)["DedicatedHosts"]["DedicatedHost"]
        assert row["DedicatedHostId"] == host


# Private pools


def test_an_instance_of_a_pool(cloud: Cloud, sim: Simulator) -> None:
    """It needs no stock; a pool that is empty refuses the next one."""
    pool = seeded(sim, "private_pool", **POOL, match_criteria="Target")
    sell_out(sim)
    target = {"PrivatePoolOptions.MatchCriteria": "Target", "PrivatePoolOptions.Id": pool}
    instance_id = stopped(cloud, **target)
    shown = instance(cloud, instance_id)["EcsCapacityReservationAttr"]
    assert shown["CapacityReservationId"] == pool
    assert refused(cloud, **target) == "Invalid.PrivatePoolOptions.NoStock"


def test_an_open_pool(cloud: Cloud, sim: Simulator) -> None:
    """It is used while it has room, then the zone's stock is."""
    pool = seeded(sim, "private_pool", **POOL)
    found = [
        instance(cloud, stopped(cloud, **{"PrivatePoolOptions.MatchCriteria": "Open"}))
        for _ in "ab"
    ]
    ids = [row["EcsCapacityReservationAttr"]["CapacityReservationId"] for row in found]
    assert ids == [pool, ""]


@pytest.mark.parametrize(
    ("fields", "params", "code"),
    [
        ({}, {"Id": "crp-none"}, "Invalid.PrivatePoolOptionsId"),
        ({}, {"Id": None}, "MissingParameter.PrivatePoolOptionsId"),
        ({}, {"MatchCriteria": "Open"}, "Invalid.PrivatePoolOptionsId"),
        ({}, {"MatchCriteria": "x"}, "Invalid.PrivatePoolOptions.MatchCriteria"),
        ({"status": "Released"}, {}, "Invalid.PrivatePoolOptions.status"),
        ({"zone_id": "cn-beijing-g"}, {}, "Invalid.PrivatePoolOptions.NoStock"),
        ({"instance_type": "ecs.c6.large"}, {}, "Invalid.PrivatePoolOptions.NoStock"),
    ],
)
def test_instances_that_a_pool_refuses(
    cloud: Cloud, sim: Simulator, fields: dict[str, Any], params: dict[str, Any], code: str
) -> None:
    """Unknown, not active, empty, or told with the wrong criteria."""
    pool = seeded(sim, "private_pool", **{**POOL, **fields})
    options = {"MatchCriteria": "Target", "Id": pool, **params}
    wanted = {f"PrivatePoolOptions.{name}": value for name, value in options.items()}
    assert refused(cloud, **wanted) == code


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (BID, "Invalid.PrivatePoolOptions.MatchCriteria"),
        (PREPAID, "InvalidChargeType.CapacityReservationNotSupported"),
    ],
)
def test_pools_are_for_pay_as_you_go(cloud: Cloud, params: dict[str, Any], code: str) -> None:
    """Neither for spot instances nor for subscriptions."""
    assert refused(cloud, **{"PrivatePoolOptions.MatchCriteria": "Open"}, **params) == code
