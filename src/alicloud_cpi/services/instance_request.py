"""The CreateInstance request of a VM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aliyunsdkecs.request.v20140526.CreateInstanceRequest import CreateInstanceRequest

from alicloud_cpi.cloud_properties.disk import DiskProperties
from alicloud_cpi.cloud_properties.load_balancers import LoadBalancerProperties
from alicloud_cpi.cloud_properties.metadata_options import MetadataOptions
from alicloud_cpi.cloud_properties.network import NetworkProperties
from alicloud_cpi.cloud_properties.placement import PlacementProperties
from alicloud_cpi.cloud_properties.vm import ChargeProperties, VmProperties
from alicloud_cpi.services import tags
from alicloud_cpi.services.disk import EPHEMERAL
from alicloud_cpi.services.images import Image
from alicloud_cpi.services.instance import (
    CREATED_BEHIND_ALB,
    CREATED_BEHIND_BOTH,
    CREATED_BEHIND_NLB,
    CREATED_BY_CPI,
    PROTECTED_TAG,
    SPOT_TAG,
)
from alicloud_cpi.services.tags import GROUP_TAG

DEFAULT_SYSTEM_GIB = 40
# CreateInstance's own minimum, whatever the performance level (semantics.md section 4).
_MINIMUM_SYSTEM_GIB = 20


def create_instance_request(
    properties: VmProperties, networks: NetworkProperties, image: Image, env: Mapping[str, Any]
) -> CreateInstanceRequest:
    """Return the request for a VM, without its ClientToken."""
    request = CreateInstanceRequest()
    request.set_ImageId(image.id)
    request.set_InstanceType(properties.instance_type)
    request.set_ZoneId(properties.availability_zone)
    request.set_VSwitchId(properties.vswitch_id or networks.primary.vswitch_id)
    request.set_SecurityGroupId(networks.primary.security_group_ids[0])
    request.set_Description(_description(properties.load_balancers))
    request.set_IoOptimized("optimized")
    request.set_Tags(_tags(properties, env))
    request.set_PrivateIpAddress(networks.primary.ip)
    request.set_InstanceName(properties.instance_name)
    request.set_HostName(properties.host_name)
    request.set_KeyPairName(properties.key_pair_name)
    request.set_Password(properties.password)
    request.set_RamRoleName(properties.ram_role_name)
    request.set_ResourceGroupId(properties.resource_group_id)
    _set_system_disk(request, properties.system_disk, image)
    if properties.ephemeral_disk.size_gib:
        request.set_DataDisks([_data_disk(properties.ephemeral_disk)])
    _set_charge(request, properties.charge)
    _set_placement(request, properties.placement)
    _set_metadata(request, properties.metadata)
    return request


def _description(balancers: LoadBalancerProperties) -> str:
    """Return the description, by which delete_vm knows where to search for the VM."""
    if balancers.nlb_groups and balancers.alb_groups:
        return CREATED_BEHIND_BOTH
    if balancers.alb_groups:
        return CREATED_BEHIND_ALB
    return CREATED_BEHIND_NLB if balancers.nlb_groups else CREATED_BY_CPI


def _set_system_disk(request: CreateInstanceRequest, disk: DiskProperties, image: Image) -> None:
    request.set_SystemDiskSize(system_disk_gib(disk, image))
    request.set_SystemDiskCategory(disk.category)
    request.set_SystemDiskPerformanceLevel(disk.performance_level)


def system_disk_gib(disk: DiskProperties, image: Image) -> int:
    """Return the size of the system disk of a VM that is created from this image."""
    return max(disk.size_gib or DEFAULT_SYSTEM_GIB, image.size_gib, _MINIMUM_SYSTEM_GIB)


def _data_disk(disk: DiskProperties) -> dict[str, Any]:
    """Return the ephemeral disk: deleted with the VM at least until the VM was handed over."""
    return {
        "Size": disk.size_gib,
        "Category": disk.category,
        "PerformanceLevel": disk.performance_level,
        "Encrypted": disk.encrypted or None,
        "KMSKeyId": disk.kms_key_id,
        "DeleteWithInstance": True,
        "Description": EPHEMERAL,
    }


def wanted_tags(properties: VmProperties, env: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest's tags and the VM type's, which replace those of the same name."""
    given = _bosh(env).get("tags")
    return {**(given if isinstance(given, dict) else {}), **properties.tags}


def _tags(properties: VmProperties, env: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the tags of the instance: with the group's for capacity reservations, and its bid."""
    given, group = wanted_tags(properties, env), _bosh(env).get("group")
    own = {GROUP_TAG: tags.to_text(group)} if group else {}
    if properties.deletion_protection:
        own[PROTECTED_TAG] = "true"
    if properties.charge.is_spot and SPOT_TAG not in map(str.lower, given):
        own[SPOT_TAG] = "true"
    return tags.for_creation(given, own=own)


def _bosh(env: Mapping[str, Any]) -> dict[str, Any]:
    bosh = env.get("bosh")
    return bosh if isinstance(bosh, dict) else {}


def _set_charge(request: CreateInstanceRequest, charge: ChargeProperties) -> None:
    request.set_InstanceChargeType(charge.type)
    request.set_Period(charge.period)
    request.set_PeriodUnit(charge.period_unit)
    request.set_AutoRenew(charge.auto_renew)
    request.set_AutoRenewPeriod(charge.auto_renew_period)
    request.set_SpotStrategy(charge.spot_strategy)
    request.set_SpotPriceLimit(charge.spot_price_limit)
    request.set_SpotDuration(charge.spot_duration)
    request.set_SpotInterruptionBehavior(charge.spot_interruption_behavior)


def _set_placement(request: CreateInstanceRequest, placement: PlacementProperties) -> None:
    if placement.deployment_set_id:
        request.set_DeploymentSetId(placement.deployment_set_id)
        request.set_DeploymentSetGroupNo(placement.deployment_set_group_no)
    request.set_DedicatedHostId(placement.dedicated_host_id)
    request.set_Tenancy(placement.tenancy)
    request.set_Affinity(placement.affinity)
    request.set_PrivatePoolOptionsMatchCriteria(placement.pool_criteria)
    request.set_PrivatePoolOptionsId(placement.pool_id)


def _set_metadata(request: CreateInstanceRequest, options: MetadataOptions) -> None:
    request.set_HttpTokens(options.http_tokens)
    request.set_HttpPutResponseHopLimit(options.http_put_response_hop_limit)
    request.set_HttpEndpoint(options.http_endpoint)
