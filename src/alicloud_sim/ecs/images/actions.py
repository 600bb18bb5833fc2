"""Importing this registers all actions of images."""

from . import changing, copying, importing, listing, making

__all__ = ["changing", "copying", "importing", "listing", "making"]
