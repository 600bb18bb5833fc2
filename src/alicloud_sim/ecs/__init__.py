"""ECS 2014-05-26: importing this package registers every action that is simulated."""

from . import (
    disks,
    enis,
    group_authorize,
    group_lifecycle,
    group_listing,
    group_membership,
    group_rule_changes,
    images,
    instance_types,
    instances,
    key_pair_actions,
    key_pairs,
    kms_keys,
    price_actions,
    ram_roles,
    regions,
    resource_groups,
    resource_listing,
    security_groups,
    snapshots,
    spot_prices,
    tasks,
    type_listing,
    vpcs,
    vswitches,
)
from .disks import actions as disk_actions
from .enis import actions as eni_actions
from .images import actions as image_actions
from .instances import actions as instance_actions
from .service import ecs
from .snapshots import actions as snapshot_actions
from .tagging import actions as tag_actions

__all__ = [
    "disk_actions",
    "disks",
    "ecs",
    "eni_actions",
    "enis",
    "group_authorize",
    "group_lifecycle",
    "group_listing",
    "group_membership",
    "group_rule_changes",
    "image_actions",
    "images",
    "instance_actions",
    "instance_types",
    "instances",
    "key_pair_actions",
    "key_pairs",
    "kms_keys",
    "price_actions",
    "ram_roles",
    "regions",
    "resource_groups",
    "resource_listing",
    "security_groups",
    "snapshot_actions",
    "snapshots",
    "spot_prices",
    "tag_actions",
    "tasks",
    "type_listing",
    "vpcs",
    "vswitches",
]
