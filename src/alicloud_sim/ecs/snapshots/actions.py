"""Importing this registers the actions of snapshots."""

from . import listing, making

__all__ = ["listing", "making"]
