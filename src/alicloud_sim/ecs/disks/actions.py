"""Importing this registers all actions of disks."""

from . import attaching, changing, listing, making, specs

__all__ = ["attaching", "changing", "listing", "making", "specs"]
