"""calculate_vm_cloud_properties({cpu, ram, ephemeral_disk_size}) -> cloud_properties

Finds the smallest instance type for a ``vm_resources`` block of a manifest.
Spec: https://bosh.io/docs/cpi-api-v2-method/calculate-vm-cloud-properties/

Asks the cloud what is on sale in the configured zone instead of keeping a list: types change, and
differ by zone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud_properties.disk import DEFAULT_CATEGORY
from alicloud_cpi.cloud_properties.disk_sizing import MIB_PER_GIB
from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext

_REQUIRED = ("cpu", "ram", "ephemeral_disk_size")
_MOST = 10**9

# Older types take the default category. The newest families take ESSD only, which the properties
# must then name.
_CATEGORIES = (DEFAULT_CATEGORY, "cloud_essd")


def run(ctx: CallContext, desired: dict[str, Any]) -> dict[str, Any]:
    """Return instance type and ephemeral disk; ``ram`` and ``ephemeral_disk_size`` are in MiB.

    :raises CloudError: a number is missing, or no type on sale is large enough
    """
    cpu, ram_mib, disk_mib = (_positive(desired, key) for key in _REQUIRED)
    types = ctx.services.instance_types
    region, zone = ctx.config.region, ctx.config.availability_zone
    for category in _CATEGORIES:
        on_sale = types.on_sale(region, zone, category)
        large_enough = types.at_least(region, cpu, ram_mib / MIB_PER_GIB)
        offered = [found for found in large_enough if found.id in on_sale]
        if offered:
            smallest = min(offered, key=lambda found: found.rank)
            return _cloud_properties(smallest.id, disk_mib, category)
    where = f"zone {zone} (alicloud.availability_zone)" if zone else f"region {region}"
    raise CloudError(f"No instance type on sale in {where} has {cpu} vCPUs and {ram_mib} MiB")


def _cloud_properties(instance_type: str, disk_mib: int, category: str) -> dict[str, Any]:
    ephemeral_disk: dict[str, Any] = {"size": disk_mib}
    if category == DEFAULT_CATEGORY:
        return {"instance_type": instance_type, "ephemeral_disk": ephemeral_disk}
    return {
        "instance_type": instance_type,
        "ephemeral_disk": {**ephemeral_disk, "category": category},
        "system_disk": {"category": category},
    }


def _positive(desired: dict[str, Any], key: str) -> int:
    value = desired.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST:
        raise CloudError(f"vm_resources.{key} must be a positive integer, at most {_MOST}")
    return value
