"""Importing this registers all actions of images."""

from . import copy_image, create_image, describe, import_image, modify_delete

__all__ = ["copy_image", "create_image", "describe", "import_image", "modify_delete"]
