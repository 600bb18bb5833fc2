"""ECS 2014-05-26: importing this package registers every action that is simulated."""

from . import (
    disks,
    images,
    instance_types,
    key_pairs,
    kms_keys,
    regions,
    security_groups,
)
from .service import ecs

__all__ = [
    "disks",
    "ecs",
    "images",
    "instance_types",
    "key_pairs",
    "kms_keys",
    "regions",
    "security_groups",
]
