"""All actions of instances: importing this registers them."""

from . import attributes, create, delete, describe, maintenance, power, roles, several, spec

__all__ = [
    "attributes",
    "create",
    "delete",
    "describe",
    "maintenance",
    "power",
    "roles",
    "several",
    "spec",
]
