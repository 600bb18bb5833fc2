"""create_vm where the zone has no capacity: other instance types, and on demand after spot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.instances.record import Instance

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

ZONE = "cn-beijing-h"
FIRST, SECOND, THIRD = "ecs.g6.large", "ecs.c6.large", "ecs.g6.xlarge"
TYPES = [FIRST, SECOND, THIRD]
BID: dict[str, Any] = {"spot_strategy": "SpotAsPriceGo"}


def listed(*types: str) -> dict[str, Any]:
    """Return properties with a list of instance types."""
    return {"instance_type": None, "instance_types": list(types)}


def sell_out(sim: Simulator, *types: str) -> None:
    """Leave the zone without these types."""
    sim.seed({"stock": [{"zone": ZONE, "type": one, "left": 0} for one in types]})


def orders(sim: Simulator) -> list[tuple[str, str]]:
    """Return instance type and error code of each CreateInstance."""
    return [
        (call["params"]["InstanceType"], call.get("code", ""))
        for call in sim.calls("CreateInstance")
    ]


def test_the_first_type_that_the_zone_sells(vms: Vms, sim: Simulator) -> None:
    """They are tried in order; after the first refusal the others are looked up, once."""
    sell_out(sim, FIRST, SECOND)
    vm = vms.vm(vms.make(**listed(*TYPES)))
    assert vm.instance_type == THIRD
    assert orders(sim) == [(FIRST, "OperationDenied.NoStock"), (THIRD, "")]
    assert len(sim.calls("DescribeAvailableResource")) == 1
    tokens = [call["params"]["ClientToken"] for call in sim.calls("CreateInstance")]
    assert len(set(tokens)) == 2


def test_one_that_is_there_needs_no_further_request(vms: Vms, sim: Simulator) -> None:
    """A list costs nothing while its first type is to be had."""
    assert vms.vm(vms.make(**listed(*TYPES))).instance_type == FIRST
    assert orders(sim) == [(FIRST, "")]
    assert sim.calls("DescribeAvailableResource") == []


def test_none_is_there(vms: Vms, sim: Simulator) -> None:
    """The error names each type with its reason; nothing is left, and a repeat can succeed."""
    sell_out(sim, *TYPES)
    answer = vms.create(**listed(*TYPES))
    assert answer.type == "VMCreationFailed"
    assert answer.ok_to_retry
    for one in TYPES:
        assert f"{one} PostPaid (" in answer.message
    assert vms.left() == {}


@pytest.mark.parametrize(
    "code",
    [
        "OperationDenied.NoStock",
        "InvalidResourceType.NotSupported",
        "InvalidInstanceType.ValueNotSupported",
        "QuotaExceed.ElasticQuota",
    ],
)
def test_codes_after_which_the_next_type_is_tried(vms: Vms, sim: Simulator, code: str) -> None:
    """No capacity, not sold here, or the family's quota is used up."""
    sim.add_fault(kind="error", action="CreateInstance", code=code, status=403)
    assert vms.vm(vms.make(**listed(FIRST, SECOND))).instance_type == SECOND


@pytest.mark.parametrize("code", ["Forbidden.RAM", "InvalidSecurityGroupId.NotFound"])
def test_codes_that_no_other_type_changes(vms: Vms, sim: Simulator, code: str) -> None:
    """Anything else ends the call at once."""
    sim.add_fault(kind="error", action="CreateInstance", code=code, status=403)
    assert code in vms.create(**listed(FIRST, SECOND)).message
    assert orders(sim) == [(FIRST, code)]


def test_the_zone_cannot_be_read(vms: Vms, sim: Simulator) -> None:
    """Without the right to look the next types are simply tried."""
    sell_out(sim, FIRST, SECOND)
    sim.add_fault(
        kind="error", action="DescribeAvailableResource", code="Forbidden.RAM", status=403, count=0
    )
    assert vms.vm(vms.make(**listed(*TYPES))).instance_type == THIRD


def test_on_demand_after_spot(vms: Vms, sim: Simulator) -> None:
    """Every type is tried with a bid first, then without, in the same order."""
    sim.seed({"settings": {"spot.sold_out": TYPES[:2]}})
    answer = vms.create(**listed(FIRST, SECOND), **BID, spot_ondemand_fallback=True)
    vm = vms.vm(answer.result[0])
    assert (vm.instance_type, vm.spot_strategy) == (FIRST, "NoSpot")
    assert "spot" not in vm.tags
    assert f"VM '{vm.id}': {FIRST} PostPaid" in answer.stderr


def test_spot_without_a_fallback(vms: Vms, sim: Simulator) -> None:
    """A VM that must be cheap is not made at the full price."""
    sim.seed({"settings": {"spot.sold_out": TYPES}})
    answer = vms.create(**listed(*TYPES), **BID)
    assert answer.type == "VMCreationFailed"
    assert vms.left() == {}


def test_a_bid_below_the_market(vms: Vms, sim: Simulator) -> None:
    """It is like no stock: the next type, then on demand."""
    sim.seed({"settings": {"spot_prices": {FIRST: 5.0, SECOND: 5.0}}})
    bid: dict[str, Any] = {"spot_strategy": "SpotWithPriceLimit", "spot_price_limit": 0.5}
    vm = vms.vm(vms.make(**listed(FIRST, SECOND), **bid, spot_ondemand_fallback=True))
    assert (vm.instance_type, vm.spot_strategy) == (FIRST, "NoSpot")


def test_a_spot_vm_shows_it(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """By a tag from its creation, which stays; an operator's own tag of this name has its value."""
    cid = vms.make(**BID)
    cpi.ok("set_vm_metadata", cid, {"deployment": "d"})
    tags = vms.vm(cid).tags
    assert (tags["spot"], tags["deployment"]) == ("true", "d")
    assert len(sim.calls("TagResources")) == 1
    own = vms.vm(
        vms.make(
            agent="agent-2",
            networks=vms.names.networks(ip="10.0.1.40"),
            tags={"Spot": "own"},
            **BID,
        )
    )
    assert (own.tags["Spot"], own.tags.get("spot")) == ("own", None)


def test_spot_properties_reach_the_cloud(vms: Vms) -> None:
    """Duration and interruption behavior are those of RunInstances."""
    vm = vms.vm(vms.make(**BID, spot_duration=0, spot_interruption_behavior="Stop"))
    assert (vm.spot_strategy, vm.spot_duration, vm.spot_interruption) == (
        "SpotAsPriceGo",
        0,
        "Stop",
    )


@pytest.mark.parametrize("cut", ["DescribeInstances", "StartInstance"])
def test_a_killed_call_finds_what_it_made(vms: Vms, sim: Simulator, cut: str) -> None:
    """The VM of a second choice is found again, also when the first choice is back in stock."""
    sell_out(sim, FIRST)
    sim.add_fault(kind="lost", action=cut, effect=False, count=0)
    sim.add_fault(kind="lost", action="DeleteInstance", effect=False, count=0)
    assert vms.create(**listed(FIRST, SECOND)).type == "VMCreationFailed"
    (made,) = vms.ids(Instance)
    sim.clear_faults()
    sim.seed({"stock": [{"zone": ZONE, "type": FIRST, "left": 9}]})
    assert vms.make(**listed(FIRST, SECOND)) == made
    assert vms.ids(Instance) == [made]


def test_a_killed_call_finds_a_first_choice_with_other_disks(vms: Vms, sim: Simulator) -> None:
    """Also where the first type takes other disk categories than the usual one."""
    wanted = listed("ecs.g7.large", FIRST)
    sim.add_fault(kind="lost", action="StartInstance", effect=False, count=0)
    sim.add_fault(kind="lost", action="DeleteInstance", effect=False, count=0)
    assert vms.create(**wanted).type == "VMCreationFailed"
    (made,) = vms.ids(Instance)
    sim.clear_faults()
    assert vms.make(**wanted) == made
    assert vms.ids(Instance) == [made]


def test_a_repeat_tries_the_first_choice_again(vms: Vms, sim: Simulator) -> None:
    """After a failed call the next one begins with the preferred type."""
    sell_out(sim, FIRST, SECOND)
    assert vms.create(**listed(FIRST, SECOND)).type == "VMCreationFailed"
    sim.seed({"stock": [{"zone": ZONE, "type": FIRST, "left": 1}]})
    assert vms.vm(vms.make(**listed(FIRST, SECOND))).instance_type == FIRST


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        (
            {"instance_types": [SECOND]},
            "cloud_properties.instance_type and cloud_properties.instance_types exclude each other",
        ),
        ({"instance_type": None}, "cloud_properties.instance_type is required"),
        (listed(), "cloud_properties.instance_types must be an array of ECS instance types"),
        ({"spot_duration": 7, **BID}, "cloud_properties.spot_duration must be"),
        ({"spot_duration": 1}, "cloud_properties.spot_duration needs spot_strategy"),
        ({"spot_ondemand_fallback": True}, "spot_ondemand_fallback needs spot_strategy"),
        (
            {"spot_interruption_behavior": "Sleep", **BID},
            "cloud_properties.spot_interruption_behavior must be one of Terminate, Stop",
        ),
    ],
)
def test_bad_input(vms: Vms, sim: Simulator, properties: dict[str, Any], words: str) -> None:
    """It is named before anything is created."""
    assert words in vms.create(**properties).message
    assert sim.calls("CreateInstance") == []
