"""Importing this registers all actions of tags."""

from . import newer, older

__all__ = ["newer", "older"]
