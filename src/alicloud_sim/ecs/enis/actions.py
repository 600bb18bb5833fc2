"""All actions of network interfaces: importing this registers them."""

from . import attach, create, describe

__all__ = ["attach", "create", "describe"]
