"""Importing this registers the actions of snapshots."""

from . import listing, making, policies

__all__ = ["listing", "making", "policies"]
