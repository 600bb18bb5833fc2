"""VPC 2016-04-28: networks and what belongs to them."""

from . import networks

__all__ = ["networks"]
