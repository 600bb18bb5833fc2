"""calculate_vm_cloud_properties({cpu, ram, ephemeral_disk_size}) -> cloud_properties

Finds the smallest instance type for a ``vm_resources`` block of a manifest.
Spec: https://bosh.io/docs/cpi-api-v2-method/calculate-vm-cloud-properties/

Asks the cloud what is on sale in the configured zone instead of keeping a list: types come and
go, and differ by zone.
"""

from __future__ import annotations

from alicloud_cpi.errors import CloudError
from alicloud_cpi.units import DEFAULT_CATEGORY, ESSD, MIB_PER_GIB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.call import Call

_WANTED = ("cpu", "ram", "ephemeral_disk_size")

# The default category goes with every older type; the newest families take ESSD only, which the
# properties must then say.
_CATEGORIES = (DEFAULT_CATEGORY, ESSD)


def run(call: Call, desired: dict[str, Any]) -> dict[str, Any]:
    """Return the instance type and ephemeral disk for ``ram`` and disk size in MiB.

    :raises CloudError: a number is missing, or no type on sale is large enough
    """
    cpu, ram_mib, disk_mib = (_positive(desired, key) for key in _WANTED)
    types = call.cloud.instance_types
    zone = call.config.availability_zone
    for category in _CATEGORIES:
        on_sale = types.on_sale(call.config.region, zone, category)
        fitting = types.at_least(call.config.region, cpu, ram_mib / MIB_PER_GIB)
        offered = [found for found in fitting if found.id in on_sale]
        if offered:
            smallest = min(offered, key=lambda found: found.rank)
            return _properties(smallest.id, disk_mib, category)
    where = f"zone {zone}" if zone else f"region {call.config.region}"
    raise CloudError(f"No instance type on sale in {where} has {cpu} vCPUs and {ram_mib} MiB")


def _properties(instance_type: str, disk_mib: int, category: str) -> dict[str, Any]:
    named = {} if category == DEFAULT_CATEGORY else {"category": category}
    properties: dict[str, Any] = {
        "instance_type": instance_type,
        "ephemeral_disk": {"size": disk_mib, **named},
    }
    return {**properties, "system_disk": named} if named else properties


def _positive(desired: dict[str, Any], key: str) -> int:
    value = desired.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise CloudError(f"vm_resources.{key} must be a positive integer")
    return value
