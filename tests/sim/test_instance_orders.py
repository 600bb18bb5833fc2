"""CreateInstance: which parameters are refused, with which code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import (
    GROUP,
    VSWITCH_G,
    encoded,
    instances,
    order,
)

if TYPE_CHECKING:
    from sim.support import Cloud

PREPAID = {"InstanceChargeType": "PrePaid", "Period": 1}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"RegionId": None}, "MissingParameter"),
        ({"InstanceType": None}, "MissingParameter"),
        ({"InstanceType": "ecs.none.large"}, "InvalidInstanceType.ValueNotSupported"),
        ({"ImageId": None}, "MissingParameter"),
        ({"ImageId": "m-none"}, "InvalidImageId.NotFound"),
        ({"SecurityGroupId": None}, "MissingParameter"),
        ({"SecurityGroupId": "sg-none"}, "InvalidSecurityGroupId.NotFound"),
        ({"VSwitchId": None}, "InvalidVSwitchId.Necessary"),
        ({"VSwitchId": None, "PrivateIpAddress": "10.0.1.9"}, "MissingParameter"),
        ({"VSwitchId": "vsw-none"}, "InvalidVSwitchId.NotFound"),
        ({"ZoneId": "cn-beijing-z"}, "InvalidZoneId.NotFound"),
        ({"ZoneId": "cn-beijing-g"}, "InvalidParameter.Mismatch"),
        (
            {"VSwitchId": VSWITCH_G, "InstanceType": "ecs.c9i.large"},
            "InvalidInstanceType.ZoneNotSupported",
        ),
        ({"PrivateIpAddress": "10.0.1"}, "InvalidPrivateIpAddress.Malformed"),
        ({"PrivateIpAddress": "10.0.2.9"}, "InvalidPrivateIpAddress"),
        ({"PrivateIpAddress": "10.0.1.0"}, "InvalidPrivateIpAddress"),
        ({"PrivateIpAddress": "10.0.1.253"}, "InvalidPrivateIpAddress"),
        ({"SecurityGroupIds.1": GROUP}, "UnsupportedParameter"),
    ],
)
def test_place_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """Type, image, groups, vSwitch, zone and address have to be there and fit."""
    assert cloud.call("CreateInstance", **order(**changed)).code == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"InstanceName": "1st"}, "InvalidInstanceName.Malformed"),
        ({"InstanceName": "a"}, "InvalidInstanceName.Malformed"),
        ({"Description": "http://x"}, "InvalidDescription.Malformed"),
        ({"HostName": "-a"}, "InvalidHostName.Malformed"),
        ({"HostName": "a..b"}, "InvalidHostName.Malformed"),
        ({"HostName": "h" * 65}, "InvalidHostName.Malformed"),
        ({"Password": "Short1!"}, "InvalidPassword.Malformed"),
        ({"Password": "onlysmallletters"}, "InvalidPassword.Malformed"),
        ({"Password": "Has Space1!"}, "InvalidPassword.Malformed"),
        ({"KeyPairName": "none"}, "InvalidKeyPairName.NotFound"),
        ({"RamRoleName": "none"}, "InvalidRamRole.NotFound"),
        ({"ResourceGroupId": "rg-none"}, "InvalidResourceGroup.NotFound"),
        ({"UserData": "{}"}, "InvalidUserData.Base64FormatInvalid"),
        ({"UserData": encoded("x" * 32769)}, "InvalidUserData.SizeExceeded"),
        ({"HttpEndpoint": "off"}, "InvalidHttpEndpoint.NotSupported"),
        ({"HttpTokens": "always"}, "InvalidHttpTokens.NotSupported"),
        ({"HttpPutResponseHopLimit": 2}, "InvalidHttpPutResponseHopLimit.NotSupported"),
        ({"IoOptimized": "maybe"}, "InvalidIoOptimizedValue.ValueNotSupported"),
        ({"IoOptimized": "none"}, "IoOptimized.NotSupported"),
        ({"CreditSpecification": "Unlimited"}, "InvalidParameter.CreditSpecification"),
        ({"Tag.1.Key": "acs:x"}, "InvalidTagKey.Malformed"),
        ({"Tag.1.Key": "x", "Tag.2.Key": "X"}, "Duplicate.TagKey"),
        ({"HpcClusterId": "hpc-1"}, "SimulatorUnsupported.HpcClusterId"),
        ({"Colour": "red"}, "UnsupportedParameter"),
    ],
)
def test_option_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """Names, log-in, user data, role, metadata options and tags follow their rules."""
    assert cloud.call("CreateInstance", **order(**changed)).code == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"InstanceChargeType": "Free"}, "InvalidInstanceChargeType.NotFound"),
        ({"InstanceChargeType": "PrePaid"}, "InvalidPeriod"),
        ({**PREPAID, "Period": 10}, "InvalidPeriod"),
        ({**PREPAID, "PeriodUnit": "Day"}, "InvalidPeriodUnit.ValueNotSupported"),
        (
            {**PREPAID, "AutoRenew": "true", "AutoRenewPeriod": 5},
            "InvalidAutoRenewPeriod.ValueNotSupported",
        ),
        ({**PREPAID, "DeletionProtection": "true"}, "InvalidChargeType.ValueNotSupported"),
        ({"SpotStrategy": "Cheap"}, "InvalidSpotStrategy"),
        ({**PREPAID, "SpotStrategy": "SpotAsPriceGo"}, "InvalidSpotPrepaid"),
        ({"SpotStrategy": "SpotWithPriceLimit"}, "InvalidSpotPriceLimit"),
        ({"SpotStrategy": "SpotWithPriceLimit", "SpotPriceLimit": 1.2345}, "InvalidSpotPriceLimit"),
        (
            {"SpotStrategy": "SpotWithPriceLimit", "SpotPriceLimit": 0.001},
            "InvalidSpotPriceLimit.LowerThanPublicPrice",
        ),
        ({"SpotStrategy": "SpotAsPriceGo", "SpotDuration": -1}, "InvalidSpotDuration"),
        (
            {"SpotStrategy": "SpotAsPriceGo", "SpotInterruptionBehavior": "Sleep"},
            "InvalidSpotInterruptionBehavior",
        ),
        (
            {"SpotStrategy": "SpotAsPriceGo", "DeletionProtection": "true"},
            "InvalidChargeType.ValueNotSupported",
        ),
        ({"InternetChargeType": "PayByHour"}, "InvalidInternetChargeType.ValueNotSupported"),
        ({"InternetMaxBandwidthOut": 101}, "InvalidInternetMaxBandwidthOut.Malformed"),
        ({"InternetMaxBandwidthIn": 11}, "InvalidInternetMaxBandwidthIn.Malformed"),
    ],
)
def test_billing_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """Charge types, spot and bandwidth have their own values and combinations."""
    assert cloud.call("CreateInstance", **order(**changed)).code == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"SystemDisk.Category": "gold"}, "InvalidDiskCategory.ValueNotSupported"),
        ({"SystemDisk.Category": "cloud"}, "InvalidSystemDiskCategory.ValueNotSupported"),
        ({"SystemDisk.Size": 19}, "InvalidSystemDiskSize.LessThanMinSize"),
        ({"SystemDisk.Size": 2049}, "InvalidSystemDiskSize.MoreThanMaxSize"),
        ({"SystemDisk.PerformanceLevel": "PL2"}, "InvalidSystemDiskSize.ValueNotSupported"),
        ({"SystemDisk.PerformanceLevel": "PL9"}, "InvalidPerformanceLevel.Malformed"),
        ({"SystemDisk.DiskName": "1"}, "InvalidDiskName.Malformed"),
        ({"SystemDisk.Description": "https://x"}, "InvalidDiskDescription.Malformed"),
        ({"SystemDisk.Encrypted": "true"}, "UnsupportedParameter"),
        ({"DataDisk.1.Size": 30, "DataDisk.1.Category": "cloud"}, "InvalidDataDiskCategory.Value"),
        ({"DataDisk.1.Category": "cloud_essd"}, "MissingParameter"),
        (
            {"DataDisk.1.Size": 10, "DataDisk.1.Category": "cloud_essd"},
            "InvalidDataDiskSize.ValueNotSupported",
        ),
        (
            {"DataDisk.1.Size": 20, "DataDisk.1.KMSKeyId": "key-1"},
            "InvalidEncrypted.NotMatchKmsKeyId",
        ),
        (
            {"DataDisk.1.SnapshotId": "s-none"},
            "InvalidDataDiskSnapshotId.NotFound",
        ),
        (
            {"InstanceType": "ecs.g7.large", "DataDisk.1.Size": 20},
            "InvalidInstanceType.NotSupportDiskCategory",
        ),
    ],
)
def test_disk_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """Disks of an instance follow the rules of their categories, of the zone and the type."""
    assert cloud.call("CreateInstance", **order(**changed)).code.startswith(code)


def test_default_category_is_not_on_all_types(cloud: Cloud) -> None:
    """The default cloud_efficiency does not fit types that take ESSD only."""
    given = {"InstanceType": "ecs.g7.large", "SystemDisk__Category": None}
    refused = cloud.call("CreateInstance", **order(**given))
    assert refused.code == "InvalidInstanceType.NotSupportDiskCategory"


def test_refusals_leave_nothing(cloud: Cloud) -> None:
    """A refused order makes no instance, disk or interface and takes no address."""
    cloud.call("CreateInstance", **order(DataDisk__1__Size=1))
    cloud.call("CreateInstance", **order(DryRun="true"))
    assert instances(cloud) == []
    assert cloud.disks() == []
    assert cloud.ok("DescribeNetworkInterfaces")["TotalCount"] == 0


def test_dry_run(cloud: Cloud) -> None:
    """A dry run does all checks; success is the error DryRunOperation."""
    assert cloud.call("CreateInstance", **order(DryRun="true")).code == "DryRunOperation"
    refused = cloud.call("CreateInstance", **order(DryRun="true", ImageId="m-none"))
    assert refused.code == "InvalidImageId.NotFound"
