"""VM properties that cannot be used: the message names the property, and never its value."""

from __future__ import annotations

from typing import Any

import pytest

from alicloud_cpi.cloud_properties.schema import InvalidProperty
from support.vm_properties import parsed

LONG = "x" * 129


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"instance_type": None}, "cloud_properties.instance_type is required"),
        ({"instance_type": 5}, "cloud_properties.instance_type must be"),
        ({"availability_zone": ["h"]}, "cloud_properties.availability_zone must be"),
        ({"instance_name": "1st"}, "cloud_properties.instance_name must be 2 to 128"),
        ({"instance_name": "a"}, "cloud_properties.instance_name must be 2 to 128"),
        ({"instance_name": LONG}, "cloud_properties.instance_name must be 2 to 128"),
        ({"instance_name": "http://a"}, "cloud_properties.instance_name must be 2 to 128"),
        ({"password": "short"}, "cloud_properties.password must be a string of 8 to 30"),
        ({"password": "x" * 31}, "cloud_properties.password must be a string of 8 to 30"),
        ({"security_group_ids": "sg-1"}, "cloud_properties.security_group_ids must be an array"),
        ({"security_group_ids": ["sg-1", ""]}, "cloud_properties.security_group_ids[1] must be"),
        ({"security_group_ids": [None]}, "cloud_properties.security_group_ids[0] must be"),
        ({"system_disk": "40"}, "cloud_properties.system_disk must be an object"),
        ({"system_disk": {"size": -1}}, "cloud_properties.system_disk.size must be"),
        ({"system_disk": {"size": "40G"}}, "cloud_properties.system_disk.size must be"),
        ({"system_disk": {"size": True}}, "cloud_properties.system_disk.size must be"),
        ({"system_disk": {"size": 1.5}}, "cloud_properties.system_disk.size must be"),
        ({"system_disk": {"category": "cloud"}}, "cloud_properties.system_disk.category must be"),
        (
            {"system_disk": {"performance_level": "PL1"}},
            "cloud_properties.system_disk.performance_level is for category cloud_essd",
        ),
        (
            {"system_disk": {"kms_key_id": "key-1"}},
            "cloud_properties.system_disk.kms_key_id needs encrypted",
        ),
        ({"ephemeral_disk": {"size": 0}}, "cloud_properties.ephemeral_disk.size must be"),
        ({"ephemeral_disk": {"size": "0"}}, "cloud_properties.ephemeral_disk.size must be"),
        (
            {"ephemeral_disk": {"category": "gold"}},
            "cloud_properties.ephemeral_disk.category must be one of cloud, cloud_efficiency",
        ),
        (
            {"ephemeral_disk": {"category": "cloud_essd", "performance_level": "PL9"}},
            "cloud_properties.ephemeral_disk.performance_level must be one of PL0",
        ),
        (
            {"ephemeral_disk": {"encrypted": "yes"}},
            "cloud_properties.ephemeral_disk.encrypted must be true or false",
        ),
        (
            {"ephemeral_disk": {"delete_with_instance": 1}},
            "cloud_properties.ephemeral_disk.delete_with_instance must be true or false",
        ),
        ({"tags": ["a"]}, "cloud_properties.tags must be an object"),
        ({"tags": {"a": {"b": "c"}}}, "cloud_properties.tags.a must be"),
        ({"charge_type": "Free"}, "cloud_properties.charge_type must be one of PostPaid, PrePaid"),
        ({"charge_type": "PrePaid"}, "cloud_properties.charge_period is required"),
        (
            {"charge_type": "PrePaid", "charge_period": "0"},
            "cloud_properties.charge_period must be a positive integer",
        ),
        (
            {"charge_type": "PrePaid", "charge_period": 1, "charge_period_unit": "Day"},
            "cloud_properties.charge_period_unit must be one of",
        ),
        (
            {"charge_type": "PrePaid", "charge_period": 1, "auto_renew": True},
            "cloud_properties.auto_renew_period is required",
        ),
        (
            {"charge_type": "PrePaid", "charge_period": 1, "spot_strategy": "SpotAsPriceGo"},
            "cloud_properties.spot_strategy needs charge_type PostPaid",
        ),
        ({"spot_price_limit": 0.5}, "cloud_properties.spot_price_limit needs spot_strategy"),
        (
            {"spot_strategy": "SpotAsPriceGo", "spot_price_limit": "0.5"},
            "cloud_properties.spot_price_limit needs spot_strategy",
        ),
        ({"spot_strategy": "Always"}, "cloud_properties.spot_strategy must be one of"),
        ({"region": "cn-hangzhou"}, "cloud_properties.stemcell_id is required"),
        (
            {"region": "cn-hangzhou", "stemcell_id": "m-1"},
            "cloud_properties.region 'cn-hangzhou' must be one of alicloud.cross_regions",
        ),
    ],
)
def test_what_is_wrong_is_named(properties: dict[str, Any], named: str) -> None:
    """A message names the property and what was expected of it."""
    with pytest.raises(InvalidProperty) as raised:
        parsed(**properties)
    assert named in raised.value.message


def test_a_message_holds_no_value() -> None:
    """A refused password or tag does not show in the message."""
    with pytest.raises(InvalidProperty) as raised:
        parsed(password="hushh")
    assert "hushh" not in raised.value.message
