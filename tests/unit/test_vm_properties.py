"""A VM's cloud_properties are read into VmProperties; a wrong one is named.

All of this is checked before the first request to the cloud.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest

from alicloud_cpi.cloud_properties.schema import InvalidProperty
from alicloud_cpi.cloud_properties.vm import ChargeProperties
from support.vm_properties import parsed


def test_minimum() -> None:
    """An instance type and a zone are enough; the rest has defaults."""
    props = parsed()
    assert (props.region, props.availability_zone, props.instance_type) == (
        "cn-beijing",
        "cn-beijing-h",
        "ecs.g6.large",
    )
    assert (props.key_pair_name, props.password, props.ram_role_name) == ("", "", "")
    assert props.security_group_ids == []
    assert props.tags == {}
    assert props.ephemeral_disk.size_gib == 0
    assert props.charge == ChargeProperties("PostPaid")


@pytest.mark.parametrize(
    ("size", "size_gib"),
    [
        (61440, 60),
        (61441, 61),
        (61440.0, 60),
        ("61440", 60),
        ("61_440", 60),
        (1, 20),
        (None, 0),
        ("", 0),
    ],
)
@pytest.mark.parametrize("disk", ["system_disk", "ephemeral_disk"])
def test_disk_sizes(disk: str, size: object, size_gib: int) -> None:
    """A size is in MiB, rounded up to GiB and to the category's minimum; 0 where there is none."""
    assert getattr(parsed(**{disk: {"size": size}}), disk).size_gib == size_gib


@pytest.mark.parametrize(
    ("category", "size_gib"),
    [
        ("cloud_efficiency", 20),
        ("cloud_ssd", 20),
        ("cloud_essd", 20),
        ("cloud_essd_entry", 20),
        ("cloud_auto", 40),
    ],
)
def test_minimum_disk_sizes(category: str, size_gib: int) -> None:
    """Each disk category has its minimum."""
    props = parsed(ephemeral_disk={"size": 1024, "category": category})
    assert props.ephemeral_disk.size_gib == size_gib
    assert props.ephemeral_disk.category == category


@pytest.mark.parametrize(("level", "size_gib"), [("PL0", 5), ("PL1", 20), (None, 20)])
def test_minimum_size_of_a_level(level: str | None, size_gib: int) -> None:
    """An ESSD of PL0 may be smaller than others."""
    disk = {"size": 5120, "category": "cloud_essd", "performance_level": level}
    assert parsed(ephemeral_disk=disk).ephemeral_disk.size_gib == size_gib


@pytest.mark.parametrize("disk", ["system_disk", "ephemeral_disk"])
def test_the_default_category_is_for_persistent_disks(disk: str) -> None:
    """A VM's own disks have the category of its VM type, else cloud_efficiency."""
    default = {"default_disk_category": "cloud_essd", "default_disk_performance_level": "PL0"}
    own = getattr(parsed(default, **{disk: {"size": 1024}}), disk)
    assert (own.category, own.performance_level) == ("cloud_efficiency", "")
    assert own.size_gib == 20


@pytest.mark.parametrize("disk", ["system_disk", "ephemeral_disk"])
@pytest.mark.parametrize(
    ("size", "warned"),
    [(1, True), (100, True), ("100", True), ("1_023", True), (1024, False), ("10_240", False)],
)
def test_a_size_that_looks_like_gib(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    disk: str,
    size: object,
    warned: bool,  # noqa: FBT001
) -> None:
    """Sizes are in MiB. Less than 1 GiB is accepted, as by the Go release, with a warning."""
    # A call that ran in this process keeps its log to itself.
    monkeypatch.setattr(logging.getLogger("alicloud_cpi"), "propagate", True)
    assert getattr(parsed(**{disk: {"size": size}}), disk).size_gib == 20
    warning = f"cloud_properties.{disk}.size is {str(size).replace('_', '')} MiB"
    assert (warning in caplog.text) is warned
    assert ("GiB meant?" in caplog.text) is warned


@pytest.mark.parametrize("written", [True, "true", "True", "TRUE"])
def test_booleans(written: object) -> None:
    """Booleans may be written as text, in any case."""
    disk = parsed(ephemeral_disk={"size": 1, "encrypted": written}).ephemeral_disk
    assert disk.encrypted is True


@pytest.mark.parametrize("written", [False, "false", "False"])
def test_booleans_that_are_false(written: object) -> None:
    """The text "false" is false, and overrides a default that is true."""
    disk = parsed(
        {"encrypted": True},
        ephemeral_disk={"size": 1, "encrypted": written, "delete_with_instance": written},
    ).ephemeral_disk
    assert (disk.encrypted, disk.delete_with_instance) == (False, False)


def test_empty_values_are_absent() -> None:
    """YAML templates leave null, empty strings and empty hashes: they count as not written."""
    empty: dict[str, Any] = dict.fromkeys(
        ("key_pair_name", "password", "ram_role_name", "region", "charge_type", "tags"), None
    )
    blank: dict[str, Any] = dict.fromkeys(
        ("stemcell_id", "instance_name", "spot_strategy", "auto_renew"), ""
    )
    disks = {"system_disk": {"size": "", "category": None}, "ephemeral_disk": {}}
    assert parsed(**empty, **blank, **disks, security_group_ids=None) == parsed()


@pytest.mark.parametrize(
    ("properties", "configuration", "key_pair", "password"),
    [
        ({"key_pair_name": "k", "password": "secret-12"}, {}, "k", ""),
        ({"password": "secret-12"}, {}, "", "secret-12"),
        ({"password": "secret-12"}, {"default_key_name": "d"}, "", "secret-12"),
        ({"key_pair_name": "k"}, {"default_key_name": "d"}, "k", ""),
        ({}, {"default_key_name": "d"}, "d", ""),
    ],
)
def test_key_pair_and_password(
    properties: dict[str, Any], configuration: dict[str, Any], key_pair: str, password: str
) -> None:
    """The key pair wins over the password; the default key is used where neither is written."""
    props = parsed(configuration, **properties)
    assert (props.key_pair_name, props.password) == (key_pair, password)


def test_ram_role() -> None:
    """The VM type's role wins over the default one."""
    default = {"default_ram_role_name": "common"}
    assert parsed(default).ram_role_name == "common"
    assert parsed(default, ram_role_name="own").ram_role_name == "own"


def test_zone() -> None:
    """The zone is the VM type's, else the configuration's, else the error names both."""
    default = {"availability_zone": "cn-beijing-g"}
    assert parsed(default).availability_zone == "cn-beijing-h"
    assert parsed(default, availability_zone=None).availability_zone == "cn-beijing-g"
    with pytest.raises(InvalidProperty, match=r"cloud_properties\.availability_zone is required"):
        parsed(availability_zone="")


def test_zone_in_another_region() -> None:
    """The default zone is in the job's region: for another region a zone must be written."""
    default = {"availability_zone": "cn-beijing-g", "cross_regions": ["cn-hangzhou"]}
    there = {"region": "cn-hangzhou", "stemcell_id": "m-1"}
    props = parsed(default, **there, availability_zone="cn-hangzhou-h")
    assert props.availability_zone == "cn-hangzhou-h"
    with pytest.raises(InvalidProperty, match=r"cloud_properties\.availability_zone is required"):
        parsed(default, **there, availability_zone=None)


def test_encryption_of_the_ephemeral_disk() -> None:
    """alicloud.encrypted and its key are defaults; the disk's own key wins."""
    default = {"encrypted": True, "kms_key_id": "key-1"}
    assert parsed(default, ephemeral_disk={"size": 1}).ephemeral_disk.kms_key_id == "key-1"
    own = parsed(default, ephemeral_disk={"size": 1, "kms_key_id": "key-2"}).ephemeral_disk
    assert (own.encrypted, own.kms_key_id) == (True, "key-2")
    off = parsed(default, ephemeral_disk={"size": 1, "encrypted": False}).ephemeral_disk
    assert (off.encrypted, off.kms_key_id) == (False, "")


def test_default_encryption_does_not_apply_to_the_system_disk() -> None:
    """It is encrypted as its stemcell is: a VM of an unencrypted stemcell is not refused."""
    assert parsed({"encrypted": True}).system_disk.encrypted is False


def test_prepaid() -> None:
    """A subscription has a period, in months by default, and may be renewed automatically."""
    once = parsed(charge_type="PrePaid", charge_period="1").charge
    assert once == ChargeProperties("PrePaid", 1, "Month", auto_renew=False)
    renewed = parsed(
        charge_type="PrePaid",
        charge_period=2,
        charge_period_unit="Week",
        auto_renew="true",
        auto_renew_period="3",
    ).charge
    assert renewed == ChargeProperties("PrePaid", 2, "Week", auto_renew=True, auto_renew_period=3)


@pytest.mark.parametrize("limit", [0.12, "0.12"])
def test_spot(limit: object) -> None:
    """A spot VM has a price limit, or pays the market's price."""
    charge = parsed(spot_strategy="SpotWithPriceLimit", spot_price_limit=limit).charge
    assert (charge.spot_strategy, charge.spot_price_limit) == ("SpotWithPriceLimit", 0.12)
    market = parsed(spot_strategy="SpotAsPriceGo").charge
    assert (market.spot_strategy, market.spot_price_limit) == ("SpotAsPriceGo", None)


def test_a_limit_of_zero_is_none() -> None:
    """Manifests for the Go CPI write 0 for "no limit"."""
    assert parsed(spot_strategy="SpotAsPriceGo", spot_price_limit=0).charge.spot_price_limit is None


def test_another_region() -> None:
    """A VM in another region needs an image there, and the region in cross_regions."""
    other = parsed({"cross_regions": ["cn-hangzhou"]}, region="cn-hangzhou", stemcell_id="m-1")
    assert (other.region, other.stemcell_id) == ("cn-hangzhou", "m-1")
    assert parsed(region="cn-beijing").region == "cn-beijing"


@pytest.mark.parametrize("name", ["web", "web-0.az1", "网络_1", "a:b", "x" * 128])
def test_instance_names(name: str) -> None:
    """A name starts with a letter, of any script; letters, digits and . : _ - follow."""
    assert parsed(instance_name=name).instance_name == name
