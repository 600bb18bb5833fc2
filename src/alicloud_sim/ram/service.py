"""The product: its actions register with it."""

from alicloud_sim.registry import rpc_service

ram = rpc_service("Ram", denied_code="NoPermission", regional=False)
