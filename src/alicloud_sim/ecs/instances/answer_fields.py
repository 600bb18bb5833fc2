"""How answers word an instance: the list of DescribeInstances, and DescribeInstanceAttribute.

Times of instances have no seconds; IoOptimized is a boolean in the list and a text in the
attributes (semantics.md section 4).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_minutes
from alicloud_sim.ecs.enis.describe import private_ips
from alicloud_sim.ecs.enis.record import PRIMARY, Eni
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.vpc import eip_record
from alicloud_sim.vpc.eip_record import Eip

from .record import locks_of

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

    from .record import Instance

NEVER = "2099-12-31T15:59Z"


def brief(ctx: Ctx, instance: Instance) -> dict[str, Any]:
    """Word what the list and the attributes have in common."""
    kind = ctx.world.get(InstanceType, instance.instance_type)
    expires = iso_minutes(instance.expires) if instance.expires else NEVER
    return {
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "Description": instance.description,
        "HostName": instance.host_name,
        "Status": instance.status,
        "StoppedMode": instance.stopped_mode,
        "RegionId": instance.region,
        "ZoneId": instance.zone_id,
        "ClusterId": "",
        "VlanId": "",
        "ImageId": instance.image_id,
        "InstanceType": instance.instance_type,
        "Cpu": kind.cpus if kind else 0,
        "Memory": int(kind.memory_gib * 1024) if kind else 0,
        "SerialNumber": str(uuid.uuid5(uuid.NAMESPACE_OID, instance.id)),
        "InstanceNetworkType": "vpc",
        "InstanceChargeType": instance.charge_type,
        "CreationTime": iso_minutes(instance.created),
        "ExpiredTime": expires,
        "CreditSpecification": instance.credit_specification,
        "InternetChargeType": instance.internet_charge_type,
        "InternetMaxBandwidthIn": instance.bandwidth_in,
        "InternetMaxBandwidthOut": instance.bandwidth_out,
        "SecurityGroupIds": {"SecurityGroupId": list(instance.security_group_ids)},
        "PublicIpAddress": {"IpAddress": [instance.public_ip] if instance.public_ip else []},
        "InnerIpAddress": {"IpAddress": []},
        "VpcAttributes": {
            "VpcId": instance.vpc_id,
            "VSwitchId": instance.vswitch_id,
            "NatIpAddress": "",
            "PrivateIpAddress": {"IpAddress": [instance.private_ip] if instance.private_ip else []},
        },
    }


def attributes(ctx: Ctx, instance: Instance) -> dict[str, Any]:
    """Word the attributes of one instance."""
    locks = locks_of(ctx.world, instance)
    return {
        **brief(ctx, instance),
        "IoOptimized": "optimized",
        "EipAddress": eip_record.shown(ctx.visible(Eip), instance.id),
        "OperationLocks": {"LockReason": [{"LockReason": lock} for lock in locks]},
    }


def listed(ctx: Ctx, rows: list[Instance]) -> list[dict[str, Any]]:
    """Word the rows of a list."""
    enis, eips = ctx.visible(Eni), ctx.visible(Eip)
    return [
        {
            **_full(ctx, row, [eni for eni in enis if eni.instance_id == row.id]),
            "EipAddress": _eip(eips, row.id),
        }
        for row in rows
    ]


def _eip(eips: list[Eip], instance_id: str) -> dict[str, Any]:
    """Word the EIP of an instance; the list tells too that it can be unbound."""
    found = eip_record.shown(eips, instance_id)
    return {**found, "IsSupportUnassociate": True} if found["AllocationId"] else found


def _full(ctx: Ctx, instance: Instance, enis: list[Eni]) -> dict[str, Any]:
    kind = ctx.world.get(InstanceType, instance.instance_type)
    locks = locks_of(ctx.world, instance)
    enis.sort(key=lambda eni: eni.type != PRIMARY)
    return {
        **brief(ctx, instance),
        "InstanceTypeFamily": kind.family if kind else "",
        "IoOptimized": True,
        "OSName": instance.os_name,
        "OSNameEn": instance.os_name,
        "OSType": instance.os_type,
        "KeyPairName": instance.key_pair_name,
        "ResourceGroupId": instance.resource_group_id,
        **_hosting(instance),
        "StartTime": iso_minutes(instance.started_at) if instance.started_at else "",
        "AutoReleaseTime": "",
        "DeletionProtection": instance.deletion_protection,
        "DeviceAvailable": True,
        "Recyclable": "Recycling" in locks,
        "GPUAmount": 0,
        "GPUSpec": "",
        "SpotStrategy": instance.spot_strategy,
        "SpotPriceLimit": instance.spot_price_limit,
        "SpotDuration": instance.spot_duration if instance.is_spot else None,
        "SpotInterruptionBehavior": instance.spot_interruption if instance.is_spot else None,
        "MetadataOptions": {
            "HttpEndpoint": instance.http_endpoint,
            "HttpTokens": instance.http_tokens,
            "HttpPutResponseHopLimit": instance.http_hop_limit,
        },
        "ImageOptions": {"CurrentOSNVMeSupported": instance.current_os_nvme},
        "NetworkInterfaces": {"NetworkInterface": [_interface(eni) for eni in enis]},
        "OperationLocks": {"LockReason": [{"LockReason": lock, "LockMsg": ""} for lock in locks]},
        "Tags": {"Tag": tags.shown(instance.tags)},
    }


def _hosting(instance: Instance) -> dict[str, Any]:
    """Word what an instance runs on."""
    return {
        "DeploymentSetId": instance.deployment_set_id,
        "DeploymentSetGroupNo": instance.deployment_set_group_no or None,
        "DedicatedHostAttribute": {
            "DedicatedHostId": instance.dedicated_host_id,
            "DedicatedHostName": "",
            "DedicatedHostClusterId": "",
        },
        "DedicatedInstanceAttribute": {
            "Tenancy": instance.tenancy,
            "Affinity": instance.affinity,
        },
        "EcsCapacityReservationAttr": {
            "CapacityReservationId": instance.private_pool_id,
            "CapacityReservationPreference": "",
        },
    }


def _interface(eni: Eni) -> dict[str, Any]:
    return {
        "NetworkInterfaceId": eni.id,
        "Type": eni.type,
        "MacAddress": eni.mac,
        "PrimaryIpAddress": eni.private_ip,
        "PrivateIpSets": {"PrivateIpSet": private_ips(eni)},
    }
