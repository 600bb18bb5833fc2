"""What else a VM type can ask for: groups, log-in, role, tags, name, price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.world import MARK

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms
    from support.world import Names

GROUP_TAG = "environment_bosh_group_for_using_capacity_reservation_in_alicloud_iaas"
YES, NO = True, False


@pytest.mark.parametrize(
    ("network", "vm_type", "default", "expected"),
    [
        ({"security_group_ids": [0]}, [], [], [0]),
        ({"security_group_ids": [0, 1, 2]}, [], [], [0, 1, 2]),
        ({"security_group_ids": [0]}, [1], [], [1]),
        ({"security_group_ids": [0], "security_group_id": 2}, [1, 2], [], [1, 2]),
        ({"security_group_ids": [0], "security_group_id": 2}, [], [], [0, 2]),
        ({"security_group_ids": [0, 2], "security_group_id": 2}, [], [], [0, 2]),
        ({"security_group_ids": None, "security_group_id": 2}, [], [1], [2]),
        ({"security_group_ids": None}, [], [1, 2], [1, 2]),
        ({"security_group_ids": []}, [], [1], [1]),
        ({"security_group_ids": None}, [2], [1], [2]),
    ],
)
def test_security_groups(
    vms: Vms,
    cpi: Cpi,
    names: Names,
    network: dict[str, Any],
    vm_type: list[int],
    default: list[int],
    expected: list[int],
) -> None:
    """The VM type's groups override the network's entirely; the default serves without any."""

    def ids(numbers: object) -> Any:
        if isinstance(numbers, list):
            return [names.groups[number] for number in numbers]
        return names.groups[numbers] if isinstance(numbers, int) else numbers

    cpi.configure(default_security_groups=ids(default))
    properties = {key: ids(value) for key, value in network.items()}
    cid = vms.make(networks=names.networks(**properties), security_group_ids=ids(vm_type))
    assert sorted(vms.vm(cid).security_group_ids) == sorted(ids(expected))


def test_key_pair(vms: Vms, names: Names) -> None:
    """A key pair wins over a password."""
    vm = vms.vm(vms.make(key_pair_name=names.key_pair, password="Secret-12345"))
    assert (vm.key_pair_name, vm.has_password) == (names.key_pair, False)


def test_default_key_pair(vms: Vms, cpi: Cpi, names: Names) -> None:
    """The default key pair serves where the VM type says nothing of log-in."""
    cpi.configure(default_key_name=names.key_pair)
    assert vms.vm(vms.make()).key_pair_name == names.key_pair
    networks = names.networks(ip="10.0.1.11")
    own = vms.vm(vms.make(agent="agent-2", networks=networks, password="Secret-12345"))
    assert (own.key_pair_name, own.has_password) == ("", True)


def test_ram_role(vms: Vms, cpi: Cpi, sim: Simulator, names: Names) -> None:
    """The VM type's RAM role wins over the default one."""
    sim.seed({"ram_role": [{"name": "common"}, {"name": "own"}]})
    assert vms.vm(vms.make()).ram_role_name == ""
    cpi.configure(default_ram_role_name="common")
    second = vms.make(agent="agent-2", networks=names.networks(ip="10.0.1.11"))
    assert vms.vm(second).ram_role_name == "common"
    third = vms.make(agent="agent-3", networks=names.networks(ip="10.0.1.12"), ram_role_name="own")
    assert vms.vm(third).ram_role_name == "own"


def test_instance_name(vms: Vms) -> None:
    """instance_name names the VM from the start."""
    assert vms.vm(vms.make(instance_name="web-0")).name == "web-0"


def test_tags(vms: Vms) -> None:
    """Tags: the manifest's, the group's for capacity reservations, then the VM type's."""
    env = {"bosh": {"tags": {"team": "a", "both": "manifest"}, "group": "director-cf-web"}}
    cid = vms.make(env=env, tags={"both": "type", "own": "x"})
    assert vms.vm(cid).tags == {
        "team": "a",
        "both": "type",
        "own": "x",
        GROUP_TAG: "director-cf-web",
        **MARK,
    }


def test_tags_are_made_to_fit(vms: Vms) -> None:
    """What the cloud would refuse in a tag is mended: a tag never costs a VM."""
    tags = {
        "number": 5,
        "yes": YES,
        "none": None,
        "link": "see https://example.com/x",
        "acs:own": "v",
        "Aliyun": "v",
        "k" * 200: "v" * 200,
        "ключ": "я" * 200,
    }
    found = vms.vm(vms.make(tags=tags)).tags
    assert (found["number"], found["yes"], found["none"]) == ("5", "true", "")
    assert "https://" not in found["link"]
    assert "example.com/x" in found["link"]
    assert found["_acs:own"] == found["_Aliyun"] == "v"
    assert found["ключ"] == "я" * 128
    long = next(key for key in found if key.startswith("kk"))
    assert 64 <= len(long) <= 128
    assert found[long] == "v" * 128


def test_tags_that_differ_in_case_only(vms: Vms) -> None:
    """Keys are unique without regard to case: the later one wins."""
    env = {"bosh": {"tags": {"Team": "manifest"}}}
    assert vms.vm(vms.make(env=env, tags={"team": "type"})).tags == {"team": "type", **MARK}


def test_too_many_tags(vms: Vms) -> None:
    """Of more than 11 tags the first 11 are set; the log names the others."""
    answer = vms.create(tags={f"tag-{number:02}": "x" for number in range(16)})
    assert len(vms.vm(answer.result[0]).tags) == 12
    dropped = next(line for line in answer.stderr.splitlines() if "dropped" in line)
    assert "WARNING" in dropped
    assert "tag-11, tag-12, tag-13, tag-14, tag-15" in dropped


def test_the_longest_group(vms: Vms) -> None:
    """The group is cut to what a tag's value holds."""
    cid = vms.make(env={"bosh": {"group": "g" * 300}})
    assert vms.vm(cid).tags == {GROUP_TAG: "g" * 128, **MARK}


@pytest.mark.parametrize("env", [None, {}, {"bosh": None}, {"bosh": {"tags": None, "group": ""}}])
def test_no_tags(vms: Vms, env: dict[str, Any] | None) -> None:
    """An env that says nothing of tags sets none but the mark."""
    assert vms.vm(vms.make(env=env)).tags == MARK


def test_a_tag_like_the_mark(vms: Vms) -> None:
    """What is made is marked whatever the manifest says."""
    assert vms.vm(vms.make(tags={"BOSH-cpi": "x", "a": "1"})).tags == {"a": "1", **MARK}


@pytest.mark.parametrize(
    ("unit", "period", "days"), [(None, 1, 30), ("Month", "2", 60), ("Week", 1, 7)]
)
def test_prepaid(vms: Vms, sim: Simulator, unit: str | None, period: object, days: int) -> None:
    """A subscription runs for its period, in months unless a unit is written."""
    before = sim.world.clock.now()
    cid = vms.make(charge_type="PrePaid", charge_period=period, charge_period_unit=unit)
    vm = vms.vm(cid)
    assert (vm.charge_type, vm.auto_renew) == ("PrePaid", False)
    assert vm.expires is not None
    assert round((vm.expires - before) / 86400) == days


@pytest.mark.parametrize("written", [True, "True", "true"])
def test_auto_renew(vms: Vms, written: object) -> None:
    """auto_renew may be a boolean, as documented, or a text."""
    cid = vms.make(
        charge_type="PrePaid", charge_period=1, auto_renew=written, auto_renew_period="1"
    )
    assert vms.vm(cid).auto_renew is True


def test_spot_with_limit(vms: Vms) -> None:
    """A spot VM bids up to its limit."""
    vm = vms.vm(vms.make(spot_strategy="SpotWithPriceLimit", spot_price_limit="9.5"))
    assert (vm.spot_strategy, vm.spot_price_limit) == ("SpotWithPriceLimit", 9.5)


@pytest.mark.parametrize("limit", [None, 0])
def test_spot_at_market_price(vms: Vms, limit: int | None) -> None:
    """A spot VM without a limit takes the market's price."""
    vm = vms.vm(vms.make(spot_strategy="SpotAsPriceGo", spot_price_limit=limit))
    assert vm.spot_strategy == "SpotAsPriceGo"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("router", "router"),
        ("cf_router:z1.a", "cf-router-z1-a"),
        ("a--b__c-", "a-b-c"),
        ("n" * 70, "n" * 64),
        ("m" * 63 + "-xy", "m" * 63),
    ],
)
def test_host_name(vms: Vms, name: str, expected: str) -> None:
    """The instance's name, as far as a host name can have it."""
    assert vms.vm(vms.make(instance_name=name, host_name=True)).host_name == expected


@pytest.mark.parametrize("properties", [{}, {"instance_name": "web", "host_name": False}])
def test_no_host_name(vms: Vms, sim: Simulator, properties: dict[str, Any]) -> None:
    """The cloud makes one."""
    vms.make(**properties)
    assert "HostName" not in sim.calls("CreateInstance")[0]["params"]


@pytest.mark.parametrize("name", [None, "路由"])
def test_a_host_name_without_a_name(vms: Vms, sim: Simulator, name: str | None) -> None:
    """There is nothing that it can be made of."""
    answer = vms.create(instance_name=name, host_name=True)
    assert "cloud_properties.host_name needs instance_name, with two letters" in answer.message
    assert sim.calls("CreateInstance") == []
