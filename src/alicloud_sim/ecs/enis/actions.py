"""All actions of network interfaces: importing this registers them."""

from . import attach, create, describe, ipv4, ipv6

__all__ = ["attach", "create", "describe", "ipv4", "ipv6"]
