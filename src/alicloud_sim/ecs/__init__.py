"""ECS 2014-05-26: importing this package registers every action that is simulated."""

from . import (
    disks,
    images,
    instance_types,
    key_pairs,
    kms_keys,
    regions,
    security_groups,
    snapshots,
    tasks,
)
from .disks import actions as disk_actions
from .images import actions as image_actions
from .service import ecs
from .snapshots import actions as snapshot_actions

__all__ = [
    "disk_actions",
    "disks",
    "ecs",
    "image_actions",
    "images",
    "instance_types",
    "key_pairs",
    "kms_keys",
    "regions",
    "security_groups",
    "snapshot_actions",
    "snapshots",
    "tasks",
]
