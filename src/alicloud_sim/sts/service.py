"""The product: its actions register with it."""

from alicloud_sim.registry import rpc_service

sts = rpc_service("Sts", denied_code="NoPermission")
