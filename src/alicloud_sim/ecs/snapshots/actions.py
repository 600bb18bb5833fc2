"""Importing this registers the actions of snapshots."""

from . import create_delete, describe, policies

__all__ = ["create_delete", "describe", "policies"]
