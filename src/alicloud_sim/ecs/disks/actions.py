"""Importing this registers all actions of disks."""

from . import attach, create_delete, describe, resize_modify, specs

__all__ = ["attach", "create_delete", "describe", "resize_modify", "specs"]
