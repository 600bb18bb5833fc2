"""What CreateInstance is asked for a VM, and the ClientTokens it is asked with."""

from __future__ import annotations

import hashlib
import json

from alicloud_cpi.cloud import tags
from alicloud_cpi.cloud.disks import EPHEMERAL
from alicloud_cpi.cloud.instances import MADE_BEHIND_NLB, MADE_BY_US
from alicloud_cpi.units import cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from alicloud_cpi.cloud.images import Image
    from alicloud_cpi.props.network import Networks
    from alicloud_cpi.props.vm import VmProps

# Found by capacity reservations, which match instances by this tag.
GROUP_TAG = "environment_bosh_group_for_using_capacity_reservation_in_alicloud_iaas"
_LONGEST_GROUP = 128

# The Director makes up to five tries with the same arguments.
_MOST_TOKENS = 8

DEFAULT_SYSTEM_GIB = 40
# CreateInstance's own, whatever the performance level (API reference, semantics section 4).
_SMALLEST_SYSTEM_GIB = 20


def parameters(
    props: VmProps, networks: Networks, image: Image, env: Mapping[str, Any]
) -> dict[str, Any]:
    """Return CreateInstance's parameters but the ClientToken (API reference, actions.json)."""
    return {
        "ImageId": image.id,
        "InstanceType": props.instance_type,
        "ZoneId": props.zone,
        "VSwitchId": networks.vswitch_id,
        "PrivateIpAddress": networks.ip or None,
        "SecurityGroupId": networks.security_group_ids[0],
        "InstanceName": props.instance_name or None,
        "Description": MADE_BEHIND_NLB if props.load_balancers.nlb_groups else MADE_BY_US,
        "IoOptimized": "optimized",
        "KeyPairName": props.key_pair_name or None,
        "Password": props.password or None,
        "RamRoleName": props.ram_role_name or None,
        "SystemDisk": _system_disk(props, image),
        "DataDisk": [_ephemeral_disk(props)] if props.ephemeral_disk.size_gib else None,
        "Tag": _tags(props, env),
        **_charge(props),
    }


def client_tokens(agent_id: str, request: Mapping[str, Any]) -> Iterator[str]:
    """Yield the tokens to use for this agent and request, one after the other.

    The same call always begins with the same one: a repeat after a lost answer finds its VM. At
    most 64 ASCII characters (API reference, semantics section 3).
    """
    text = json.dumps([agent_id, request], sort_keys=True)
    for number in range(_MOST_TOKENS):
        yield hashlib.sha256(f"{text}{number}".encode()).hexdigest()


def _system_disk(props: VmProps, image: Image) -> dict[str, Any]:
    disk = props.system_disk
    return {
        "Size": max(disk.size_gib or DEFAULT_SYSTEM_GIB, image.size_gib, _SMALLEST_SYSTEM_GIB),
        "Category": disk.category,
        "PerformanceLevel": disk.performance_level or None,
    }


def _ephemeral_disk(props: VmProps) -> dict[str, Any]:
    """Return the VM's own disk: it goes with the VM at least until that has been handed over."""
    disk = props.ephemeral_disk
    return {
        "Size": disk.size_gib,
        "Category": disk.category,
        "PerformanceLevel": disk.performance_level or None,
        "Encrypted": disk.encrypted or None,
        "KMSKeyId": disk.kms_key_id or None,
        "DeleteWithInstance": True,
        "Description": EPHEMERAL,
    }


def _tags(props: VmProps, env: Mapping[str, Any]) -> list[dict[str, str]] | None:
    """Spell the manifest's tags, the group's for capacity reservations, then the VM type's."""
    bosh = env.get("bosh")
    bosh = bosh if isinstance(bosh, dict) else {}
    given = bosh.get("tags")
    wanted = dict(given) if isinstance(given, dict) else {}
    if bosh.get("group"):
        wanted[GROUP_TAG] = cut(tags.text(bosh["group"]), _LONGEST_GROUP)
    return tags.at_creation({**wanted, **props.tags}, longest_key=len(GROUP_TAG))


def _charge(props: VmProps) -> dict[str, Any]:
    charge = props.charge
    return {
        "InstanceChargeType": charge.type,
        "Period": charge.period,
        "PeriodUnit": charge.period_unit,
        "AutoRenew": charge.auto_renew,
        "AutoRenewPeriod": charge.auto_renew_period,
        "SpotStrategy": charge.spot_strategy,
        "SpotPriceLimit": charge.spot_price_limit,
    }
