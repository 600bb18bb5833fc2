"""Importing this registers all actions of snapshots."""

from . import listing, making

__all__ = ["listing", "making"]
