"""Importing this registers all actions of tags."""

from . import add_tags, tag_resources

__all__ = ["add_tags", "tag_resources"]
