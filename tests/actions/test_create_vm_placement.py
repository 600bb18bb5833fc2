"""create_vm in deployment sets, on dedicated hosts and with reserved capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.deployment_sets import DeploymentSet
from support.gate import Gate, Moment
from support.world import ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

SET = {"name": "web", "strategy": "Availability"}
GROUP = {"bosh": {"group": "bosh-cf-router"}}
COMPILATION = "bosh-cf-compilation-0f8fad5b-d9cb-469f-a165-70867728950e"
HOST = {"zone_id": ZONE, "families": ["ecs.g6"]}
POOL = {"zone_id": ZONE, "instance_type": "ecs.g6.large", "match_criteria": "Target"}
OF_PLACEMENT = ("Deployment", "Dedicated", "Tenancy", "Affinity", "PrivatePool")
BID = {"spot_strategy": "SpotAsPriceGo"}
PREPAID = {"charge_type": "PrePaid", "charge_period": 1}


def seeded(sim: Simulator, kind: str, **fields: Any) -> str:
    """Put a deployment set, a dedicated host or a private pool into the world."""
    return sim.seed({kind: [fields]})[kind][0]


def sets(sim: Simulator) -> list[DeploymentSet]:
    """Return the deployment sets that there are."""
    return list(sim.world.all(DeploymentSet))


def another(vms: Vms, number: int = 2, **changes: Any) -> str:
    """Create another VM, with an address of its own."""
    networks = vms.names.networks(ip=f"10.0.1.1{number}")
    return vms.make(agent=f"agent-{number}", networks=networks, **changes)


# Without


def test_without_a_placement_nothing_is_asked(vms: Vms, sim: Simulator) -> None:
    """No request more, and no parameter more."""
    vms.make(env=GROUP)
    for action in ("DescribeDeploymentSets", "CreateDeploymentSet", "DescribeDedicatedHosts"):
        assert sim.calls(action) == []
    (call,) = sim.calls("CreateInstance")
    assert [name for name in call["params"] if name.startswith(OF_PLACEMENT)] == []


# Deployment sets


def test_an_existing_set(vms: Vms, sim: Simulator) -> None:
    """The VM is in it; one look, nothing is created."""
    set_id = seeded(sim, "deployment_set", strategy="AvailabilityGroup", group_count=3)
    vm = vms.vm(vms.make(deployment_set_id=set_id, deployment_set_group_no="2"))
    assert (vm.deployment_set_id, vm.deployment_set_group_no) == (set_id, 2)
    assert len(sim.calls("DescribeDeploymentSets")) == 1
    assert sim.calls("CreateDeploymentSet") == []


def test_a_set_by_name_is_created_once(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """The second VM finds it; it says whose it is, and stays when its VMs are deleted."""
    first = vms.make(deployment_set=SET)
    second = another(vms, deployment_set=SET)
    (found,) = sets(sim)
    assert (found.name, found.strategy) == ("web", "Availability")
    assert found.description == "BOSH deployment set"
    assert {vms.vm(cid).deployment_set_id for cid in (first, second)} == {found.id}
    assert len(sim.calls("CreateDeploymentSet")) == 1
    for cid in (first, second):
        cpi.ok("delete_vm", cid)
    assert sets(sim) == [found]


@pytest.mark.parametrize("strategy", ["AvailabilityGroup", "LowLatency"])
def test_strategies(vms: Vms, sim: Simulator, strategy: str) -> None:
    """A set gets the strategy that is asked for."""
    vms.make(deployment_set={"name": "web", "strategy": strategy})
    assert [one.strategy for one in sets(sim)] == [strategy]


def test_the_oldest_of_several_sets_with_one_name(vms: Vms, sim: Simulator) -> None:
    """All calls agree on one set."""
    oldest = seeded(sim, "deployment_set", id="ds-z", name="web", created=1.0)
    seeded(sim, "deployment_set", id="ds-a", name="web", created=2.0)
    assert vms.vm(vms.make(deployment_set=SET)).deployment_set_id == oldest


def test_simultaneous_calls_create_one_set(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """Both look, neither finds a set; the same ClientToken makes it one."""
    gate = Gate.at(sim)
    gate.close("ecs", "CreateDeploymentSet", 1, Moment.BEFORE)
    slow = cpi.started("create_vm", *vms.arguments(deployment_set=SET))
    assert gate.reached.wait(30)
    second = another(vms, deployment_set=SET)
    gate.open()
    answer = slow.answer()
    assert answer.error is None
    (found,) = sets(sim)
    assert vms.vm(answer.result[0]).deployment_set_id == found.id
    assert vms.vm(second).deployment_set_id == found.id


def test_a_set_that_was_deleted_is_created_again(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """The ClientToken of the first one returns its id for a day: the next one is used."""
    cpi.ok("delete_vm", vms.make(deployment_set=SET))
    (deleted,) = sets(sim)
    sim.world.remove(deleted)
    cid = another(vms, deployment_set=SET)
    (found,) = sets(sim)
    assert found.id != deleted.id
    assert vms.vm(cid).deployment_set_id == found.id


def test_a_set_that_is_listed_late(vms: Vms, sim: Simulator) -> None:
    """It is waited for: one that is never listed was deleted."""
    sim.set_lag(3)
    vms.make(deployment_set=SET)
    assert len(sets(sim)) == len(sim.calls("CreateDeploymentSet")) == 1


def test_a_lost_answer_doubles_nothing(vms: Vms, sim: Simulator) -> None:
    """Neither the set nor the VM."""
    sim.add_fault(kind="lost", action="CreateDeploymentSet")
    sim.add_fault(kind="lost", action="CreateInstance")
    vms.make(deployment_set=SET)
    assert len(sets(sim)) == 1
    assert len(vms.left()["instance"]) == 1


def test_a_repeated_call_finds_its_vm(vms: Vms, sim: Simulator) -> None:
    """The first call created the set, the second one finds it: the ClientToken is the same."""
    first = vms.make(deployment_set=SET)
    assert vms.make(deployment_set=SET) == first
    assert len(sets(sim)) == 1


@pytest.mark.parametrize(
    ("action", "code", "words"),
    [
        ("CreateDeploymentSet", "DEPLOYMENTSET.QUOTA_FULL", "as many deployment sets"),
        ("CreateDeploymentSet", "Forbidden.RAM", "CreateDeploymentSet of DeploymentSetName web"),
        (
            "CreateInstance",
            "QuotaExceed.DeploymentSetInstanceQuotaFull",
            "The deployment set has as many VMs in this zone as it may",
        ),
    ],
)
def test_refusals(vms: Vms, sim: Simulator, action: str, code: str, words: str) -> None:
    """The error says what to do; nothing but the set is left, and a repeat cannot succeed."""
    sim.add_fault(kind="error", action=action, code=code, status=403, count=0)
    answer = vms.create(deployment_set=SET)
    assert answer.type == "VMCreationFailed"
    assert code in answer.message
    assert words in answer.message
    assert not answer.ok_to_retry
    assert vms.left() == {}


def test_a_full_set_is_full_for_every_type(vms: Vms, sim: Simulator) -> None:
    """It is no want of capacity: no other instance type is tried."""
    sim.seed({"quotas": {"deployment_set.instances_per_zone": 0}})
    types: dict[str, Any] = {
        "instance_type": None,
        "instance_types": ["ecs.g6.large", "ecs.c6.large"],
    }
    assert "DeploymentSetId ds-" in vms.create(deployment_set=SET, **types).message
    assert len(sim.calls("CreateInstance")) == 1


def test_a_type_that_no_set_takes(vms: Vms, sim: Simulator) -> None:
    """The error is the cloud's; nothing is left."""
    sim.seed({"settings": {"deployment_set.unsupported": ["ecs.g6.large"]}})
    answer = vms.create(deployment_set=SET)
    assert "InvalidInstanceType.NotSupported" in answer.message
    assert vms.left() == {}


# Anti-affinity


def test_a_set_for_each_instance_group(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """Derived from env.bosh.group, as far as a name can have it."""
    cpi.configure(anti_affinity="instance_group")
    first = vms.make(env=GROUP)
    second = another(vms, 2, env=GROUP)
    third = another(vms, 3, env={"bosh": {"group": "bosh/cf.api"}})
    routers, api = sorted(sets(sim), key=lambda one: "api" in one.name)
    assert (routers.name, routers.strategy) == ("bosh-bosh-cf-router", "Availability")
    assert api.name.startswith("bosh-bosh-cf-api-")
    assert vms.vm(first).deployment_set_id == vms.vm(second).deployment_set_id == routers.id
    assert vms.vm(third).deployment_set_id == api.id


@pytest.mark.parametrize(
    "changes",
    [
        {"env": GROUP, "anti_affinity": "none"},
        {"env": {"bosh": {"group": COMPILATION}}},
        {"env": {"bosh": {}}},
        {"env": None},
        {"env": GROUP, "dedicated_host_id": "dh-1"},
        {"env": GROUP, "tenancy": "host"},
    ],
)
def test_vms_without_a_set(vms: Vms, cpi: Cpi, sim: Simulator, changes: dict[str, Any]) -> None:
    """A VM type can do without; compilation VMs have an instance group each, which ends."""
    cpi.configure(anti_affinity="instance_group")
    seeded(sim, "dedicated_host", **HOST, id="dh-1")
    assert vms.vm(vms.make(**changes)).deployment_set_id == ""
    assert sets(sim) == []


def test_a_vm_type_of_its_own(vms: Vms, sim: Simulator) -> None:
    """One VM type can ask for it; a set that it names wins."""
    vms.make(env=GROUP, anti_affinity="instance_group")
    another(vms, env=GROUP, anti_affinity="instance_group", deployment_set=SET)
    assert {one.name for one in sets(sim)} == {"bosh-bosh-cf-router", "web"}


def test_another_anti_affinity(vms: Vms, cpi: Cpi) -> None:
    """The job's property is checked."""
    cpi.configure(anti_affinity="host")
    assert vms.create().message == "alicloud.anti_affinity must be one of instance_group, none"


# Dedicated hosts


def test_a_dedicated_host(vms: Vms, sim: Simulator) -> None:
    """The VM runs on it; one look before."""
    host = seeded(sim, "dedicated_host", **HOST)
    vm = vms.vm(vms.make(dedicated_host_id=host, affinity="host"))
    assert (vm.dedicated_host_id, vm.tenancy, vm.affinity) == (host, "host", "host")
    assert len(sim.calls("DescribeDedicatedHosts")) == 1


def test_any_dedicated_host(vms: Vms, sim: Simulator) -> None:
    """The cloud chooses one: nothing is looked up."""
    host = seeded(sim, "dedicated_host", **HOST)
    assert vms.vm(vms.make(tenancy="host")).dedicated_host_id == host
    assert sim.calls("DescribeDedicatedHosts") == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"id": "dh-other"}, "must be a dedicated host of region cn-beijing: there is no dh-1"),
        ({"zone_id": "cn-beijing-g"}, "must be in zone cn-beijing-h, as the VM is: dh-1 is in"),
        ({"status": "UnderAssessment"}, "must be a host that is Available: dh-1 is Under"),
    ],
)
def test_hosts_that_are_refused(
    vms: Vms, sim: Simulator, fields: dict[str, Any], words: str
) -> None:
    """Before anything is created."""
    seeded(sim, "dedicated_host", **{**HOST, "id": "dh-1", **fields})
    answer = vms.create(dedicated_host_id="dh-1")
    assert f"cloud_properties.dedicated_host_id {words}" in answer.message
    assert sim.calls("CreateInstance") == []


def test_a_full_host(vms: Vms, sim: Simulator) -> None:
    """It is like no stock: another instance type may fit, else nothing is left."""
    host = seeded(sim, "dedicated_host", **{**HOST, "families": ["ecs.g6", "ecs.c6"]}, memory_gib=4)
    types: dict[str, Any] = {
        "instance_type": None,
        "instance_types": ["ecs.g6.large", "ecs.c6.large"],
    }
    assert vms.vm(vms.make(dedicated_host_id=host, **types)).instance_type == "ecs.c6.large"
    networks = vms.names.networks(ip="10.0.1.12")
    answer = vms.create(agent="agent-2", networks=networks, dedicated_host_id=host)
    assert "LackResource" in answer.message
    assert len(vms.left()["instance"]) == 1


@pytest.mark.parametrize("placement", [{"dedicated_host_id": "dh-1"}, {"tenancy": "host"}])
def test_a_type_that_the_host_takes(vms: Vms, sim: Simulator, placement: dict[str, Any]) -> None:
    """What the zone has in stock does not count."""
    seeded(sim, "dedicated_host", id="dh-1", zone_id=ZONE, families=["ecs.c6"], vcpus=2)
    small = "ecs.c6.large"
    sim.seed({"stock": [{"zone": ZONE, "type": small, "left": 0}]})
    listed = ["ecs.c6.2xlarge", "ecs.c6.xlarge", small]
    types: dict[str, Any] = {"instance_type": None, "instance_types": listed}
    assert vms.vm(vms.make(**placement, **types)).instance_type == small
    assert sim.calls("DescribeAvailableResource") == []


# Reserved capacity


def test_a_private_pool(vms: Vms, sim: Simulator) -> None:
    """The VM takes its capacity, also where the zone has none."""
    pool = seeded(sim, "private_pool", **POOL)
    sim.seed({"stock": [{"zone": ZONE, "type": "ecs.g6.large", "left": 0}]})
    assert vms.vm(vms.make(private_pool={"id": pool})).private_pool_id == pool


def test_an_open_pool(vms: Vms, sim: Simulator) -> None:
    """Taken where one matches."""
    pool = seeded(sim, "private_pool", **{**POOL, "match_criteria": "Open"})
    wanted: dict[str, Any] = {"private_pool": {"match_criteria": "Open"}}
    assert vms.vm(vms.make(**wanted)).private_pool_id == pool
    assert vms.vm(another(vms, **wanted)).private_pool_id == ""
    assert vms.vm(another(vms, 3, private_pool={"match_criteria": "None"})).private_pool_id == ""


def test_the_type_of_the_pool(vms: Vms, sim: Simulator) -> None:
    """A list of types finds the one that the pool has, whatever the zone has in stock."""
    pool = seeded(sim, "private_pool", **POOL)
    sim.seed({"stock": [{"zone": ZONE, "type": "ecs.g6.large", "left": 0}]})
    listed = ["ecs.c6.large", "ecs.g6.xlarge", "ecs.g6.large"]
    types: dict[str, Any] = {"instance_type": None, "instance_types": listed}
    assert vms.vm(vms.make(private_pool={"id": pool}, **types)).private_pool_id == pool


def test_an_empty_pool(vms: Vms, sim: Simulator) -> None:
    """The error is the cloud's; nothing is left."""
    pool = seeded(sim, "private_pool", **POOL, amount=0)
    answer = vms.create(private_pool={"id": pool})
    assert "Invalid.PrivatePoolOptions.NoStock" in answer.message
    assert vms.left() == {}


# Refused


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"deployment_set_id": "ds-1", "deployment_set": SET}, "exclude each other: an id, or"),
        ({"deployment_set": {"name": "1x"}}, "deployment_set.name must be 2 to 128"),
        ({"deployment_set": {"strategy": "Availability"}}, "deployment_set.name is required"),
        ({"deployment_set": {**SET, "strategy": "x"}}, "deployment_set.strategy must be one of"),
        ({"deployment_set_group_no": 1}, "deployment_set_group_no needs a deployment set"),
        ({"deployment_set": SET, "deployment_set_group_no": 1}, "strategy AvailabilityGroup"),
        ({"deployment_set_group_no": 8}, "deployment_set_group_no must be the number"),
        ({"deployment_set_id": "ds-none"}, "deployment_set_id must be a deployment set of region"),
        ({"deployment_set": SET, "tenancy": "host"}, "does not place VMs on dedicated hosts"),
        ({"dedicated_host_id": "dh-1", "tenancy": "default"}, "needs tenancy host"),
        ({"affinity": "host"}, "affinity needs dedicated_host_id, or tenancy host"),
        ({"tenancy": "dedicated"}, "tenancy must be one of default, host"),
        ({"private_pool": {"match_criteria": "Target"}}, "private_pool.id is required with"),
        ({"private_pool": {"match_criteria": "Open", "id": "x"}}, "private_pool.id needs"),
        ({"private_pool": {"id": "x"}, "tenancy": "host"}, "private_pool is not for spot VMs"),
        ({"private_pool": {"id": "x"}, **BID}, "private_pool is not for spot VMs"),
        ({"private_pool": {"id": "x"}, **PREPAID}, "private_pool needs charge_type PostPaid"),
    ],
)
def test_bad_properties(vms: Vms, sim: Simulator, properties: dict[str, Any], words: str) -> None:
    """Named before anything is created."""
    answer = vms.create(**properties)
    assert answer.type == "VMCreationFailed"
    assert answer.message.startswith("cloud_properties.")
    assert words in answer.message
    assert sim.calls("CreateInstance") == []
    assert sets(sim) == []


def test_a_group_number_for_a_set_without_groups(vms: Vms, sim: Simulator) -> None:
    """The set's own strategy counts."""
    set_id = seeded(sim, "deployment_set")
    answer = vms.create(deployment_set_id=set_id, deployment_set_group_no=1)
    assert f"strategy AvailabilityGroup: {set_id} has Availability" in answer.message


@pytest.mark.parametrize(
    "wanted",
    [{"deployment_set": SET}, {"deployment_set_id": "ds-1", "deployment_set_group_no": 1}],
)
def test_a_strategy_of_another_name(vms: Vms, sim: Simulator, wanted: dict[str, Any]) -> None:
    """The API has further names for strategies: such a set is taken as it is."""
    seeded(sim, "deployment_set", id="ds-1", name="web", strategy="LooseDispersion", group_count=2)
    assert vms.vm(vms.make(**wanted)).deployment_set_id == "ds-1"


def test_another_strategy_than_the_set_has(vms: Vms, sim: Simulator) -> None:
    """A set's strategy cannot be changed."""
    set_id = seeded(sim, "deployment_set", name="web", strategy="LowLatency")
    answer = vms.create(deployment_set=SET)
    assert f"must be LowLatency, which deployment set 'web' ({set_id}) has" in answer.message
    assert sim.calls("CreateInstance") == []
